"""Every payload of the corpus, signed and posted: what comes of it, and that a second sending changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from contact_desk.contact_message import to_message
from functions.ingest.delivery import read_delivery
from local.twins.held_still import NOON
from tests import corpus
from tests.builders import force
from tests.unit.ingest.conftest import Counted, Ingest
from tests.unit.triage.readings import Desk


@pytest.mark.parametrize("path", corpus.PAYLOADS, ids=corpus.name_of)
def test_a_payload_becomes_what_stands_beside_it_and_a_second_sending_changes_nothing(
    ingest: Ingest, counted: Counted, path: Path
) -> None:
    webhook, body = corpus.webhook_of(path), path.read_bytes()
    signed, desk = corpus.SIGNED[webhook](body), Desk()

    assert ingest.answer(signed)["statusCode"] == 200
    (key,) = ingest.archive.deliveries
    reading = read_delivery(webhook, body, NOON, force(), archived_as=key)
    contacts = sorted(ingest.contacts, key=lambda contact: contact.part)
    came = corpus.outcome(contacts, ingest.confirmations, counted.ignored(), reading.unreadable)
    assert came == corpus.expected_of(path)

    # The archive's copy is read to the same contacts, which is what a replay rests on.
    assert list(map(to_message, contacts)) == list(map(to_message, reading.contacts))

    taken = [desk.triage.take(contact).decision for contact in contacts]
    before = repr(desk.records)
    assert ingest.answer(signed)["statusCode"] == 200
    again = [desk.triage.take(contact).decision for contact in ingest.contacts]

    assert len(again) == 2 * len(taken)
    assert not any(again)
    assert repr(desk.records) == before
