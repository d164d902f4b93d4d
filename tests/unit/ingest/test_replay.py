"""Archived deliveries taken in again: the same contacts, under the same key, each failure by itself."""

from __future__ import annotations

import json

import pytest

from contact_desk.archive_keys import archive_key
from contact_desk.contacts import REPORT_FORM, Surface
from contact_desk.pointers import replay_message
from functions.ingest.replay import replay
from functions.ingest.replays import Replays
from local.twins.held_still import NOON
from tests.builders import (
    REPORT_ID,
    comment,
    echo,
    feed_delivery,
    force,
    message,
    messenger_delivery,
    report,
    sqs_event,
)
from tests.unit.ingest.conftest import Counted, Ingest


@pytest.fixture
def replays(ingest: Ingest) -> Replays:
    return Replays(
        force=force(), archive=ingest.archive, released=ingest.archive, contacts=ingest.contacts_queue
    )


def test_a_delivery_taken_in_again_gives_the_same_messages(ingest: Ingest, replays: Replays) -> None:
    entries = [*messenger_delivery(message(), {"odd": 1})["entry"], *feed_delivery(comment())["entry"]]
    first = ingest.take_in({"object": "page", "entry": entries})
    (key,) = ingest.archive.deliveries
    before = {surface: list(queue.bodies) for surface, queue in ingest.contacts_queue.queues.items()}

    ingest.clock.advance(days=30)
    assert replay(sqs_event(replay_message(key)), replays) == {"batchItemFailures": []}

    assert len(ingest.contacts) == 2 * len(first)
    for surface, queue in ingest.contacts_queue.queues.items():
        assert queue.bodies == before[surface] * 2


def test_a_delivery_that_held_no_contact_queues_none(ingest: Ingest, replays: Replays) -> None:
    ingest.take_in(messenger_delivery(echo()))
    (key,) = ingest.archive.deliveries

    assert replay(sqs_event(replay_message(key)), replays) == {"batchItemFailures": []}
    assert ingest.contacts == []


def test_a_report_is_taken_in_again_too(ingest: Ingest, replays: Replays) -> None:
    body = json.dumps(report()).encode()
    key = archive_key(REPORT_FORM, body, 1, NOON)
    ingest.archive.put(key, body)

    replay(sqs_event(replay_message(key)), replays)

    (contact,) = ingest.contacts
    assert (contact.channel, contact.native_id, contact.archive_key) == (REPORT_FORM, REPORT_ID, key)
    assert contact.received_at == NOON


def test_a_replayed_contact_was_received_when_the_archive_took_it(ingest: Ingest, replays: Replays) -> None:
    body = json.dumps(messenger_delivery(message())).encode()
    key = archive_key("meta", body, 1, NOON)
    ingest.archive.put(key, body)
    ingest.clock.advance(hours=3)

    replay(sqs_event(replay_message(key)), replays)

    assert ingest.contacts[0].received_at == NOON


def test_a_delivery_that_was_kept_in_the_next_hour_has_the_key_it_was_given(
    ingest: Ingest, replays: Replays
) -> None:
    """Its receipt is looked for under that key."""
    body = json.dumps(messenger_delivery(message())).encode()
    key = archive_key("meta", body, 1, NOON)
    ingest.clock.advance(hours=1)
    ingest.archive.put(key, body)

    replay(sqs_event(replay_message(key)), replays)

    assert ingest.contacts[0].archive_key == key


def test_what_fails_goes_back_by_itself(ingest: Ingest, replays: Replays, counted: Counted) -> None:
    ingest.take_in(messenger_delivery(message()))
    (key,) = ingest.archive.deliveries
    ingest.archive.put("raw/2026/11/02/12/telegram/ab.1", b"{}")
    ingest.archive.put("raw/2026/11/02/12/report_form/ab.1", b'{"report_id":"not one"}')
    broken = (
        "not json",
        '{"v":1}',
        replay_message("raw/2026/11/02/12/meta/gone.1"),
        replay_message("raw/2026/11/02/12/telegram/ab.1"),
        replay_message("raw/2026/11/02/12/report_form/ab.1"),
    )

    response = replay(sqs_event(*broken, replay_message(key)), replays)

    assert response == {"batchItemFailures": [{"itemIdentifier": f"message-{number}"} for number in range(5)]}
    assert len(ingest.contacts) == 2
    assert counted()["DeliveriesReplayed"] == 1
    assert counted()["ReplaysFailed"] == 5


@pytest.mark.parametrize("broken", ["archive", "queue"])
def test_a_fault_of_ours_leaves_the_pointer_on_its_queue(
    ingest: Ingest, replays: Replays, broken: str
) -> None:
    ingest.take_in(messenger_delivery(message()))
    (key,) = ingest.archive.deliveries
    ingest.archive.busy = broken == "archive"
    ingest.contacts_queue.queues[Surface.PRIVATE].full = broken == "queue"

    assert replay(sqs_event(replay_message(key)), replays)["batchItemFailures"]
