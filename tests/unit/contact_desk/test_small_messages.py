"""Pointers and confirmations: whole there and back, and nothing else is taken for one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_desk import confirmations
from contact_desk.confirmations import Confirmation, ConfirmationKind, hash_of
from contact_desk.errors import MalformedMessageError, NewerMessageError
from contact_desk.pointers import archive_key_of, nudge_message, outbox_id_of, replay_message

AT = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
CONFIRMATION = Confirmation(
    kind=ConfirmationKind.ECHO,
    channel="messenger",
    account="7001",
    native_id="m_1",
    person="900",
    occurred_at=AT,
    received_at=AT,
    metadata="outbox-1",
    app_id="77",
    text_hash=hash_of("Thank you."),
)
READERS = [archive_key_of, outbox_id_of, confirmations.from_message]


def test_a_pointer_is_the_same_after_its_journey() -> None:
    assert archive_key_of(replay_message("raw/2026/11/02/12/meta/ab.1")) == "raw/2026/11/02/12/meta/ab.1"
    assert outbox_id_of(nudge_message("outbox-1")) == "outbox-1"


def test_a_pointer_is_written_as_agreed() -> None:
    assert json.loads(replay_message("k")) == {"v": 1, "archive_key": "k"}
    assert json.loads(nudge_message("o")) == {"v": 1, "outbox_id": "o"}


@pytest.mark.parametrize(
    "confirmation",
    [CONFIRMATION, replace(CONFIRMATION, person=None, metadata=None, app_id=None, text_hash=None)],
)
def test_a_confirmation_is_the_same_after_its_journey(confirmation: Confirmation) -> None:
    assert confirmations.from_message(confirmations.to_message(confirmation)) == confirmation


NO_MESSAGES = ["", "x", "[]", "null", "1", "{}", '{"v":1}', '{"v":"1","archive_key":"k","outbox_id":"o"}']


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "body", [*NO_MESSAGES, '{"v":1,"archive_key":7,"outbox_id":""}', "[" * 100_000], ids=range(10)
)
def test_what_is_no_such_message_is_malformed(reader: object, body: str) -> None:
    assert callable(reader)
    with pytest.raises(MalformedMessageError):
        reader(body)


@pytest.mark.parametrize("reader", READERS)
def test_a_later_version_is_told_apart(reader: object) -> None:
    assert callable(reader)
    with pytest.raises(NewerMessageError):
        reader('{"v":2,"archive_key":"k","outbox_id":"o"}')


@given(st.text(st.characters(codec=None)))
def test_any_text_has_a_hash(text: str) -> None:
    assert len(hash_of(text)) == 64
