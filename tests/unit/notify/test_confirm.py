"""Confirmations: proof for our own items, a note on the case for what another tool said."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contact_desk.cases import CaseState
from contact_desk.confirmations import Confirmation, ConfirmationKind, to_message
from contact_desk.conversations import Conversation, CurrentCase
from contact_desk.grades import Band, Grade
from contact_desk.outbox import OutboxState
from contact_desk.timeline import EntryKind
from functions.notify import composition
from functions.notify.confirm import confirm_batch, handle
from local.twins.desk_records import DeskRecords
from local.twins.held_still import NOON, FrozenClock
from local.twins.in_memory_case_notes import InMemoryCaseNotes
from local.twins.in_memory_outbox import InMemoryOutbox
from tests.builders import CASE_ID, PAGE, PERSON, LambdaContext, outbox_item, sqs_event

ITEM = outbox_item()
KEY = f"messenger#{PAGE}#{PERSON}#private"


def echo(**changed: Any) -> Confirmation:
    fields: dict[str, Any] = {
        "kind": ConfirmationKind.ECHO,
        "channel": "messenger",
        "account": PAGE,
        "native_id": "m_2",
        "person": PERSON,
        "occurred_at": NOON,
        "received_at": NOON,
    }
    return Confirmation(**{**fields, **changed})


@pytest.fixture
def records() -> DeskRecords:
    current = CurrentCase(CASE_ID, "MP-7K3Q-9DXR-C", CaseState.OPEN, Grade.SCHEDULED, Band.GREEN, NOON)
    return DeskRecords(
        outbox={ITEM.outbox_id: ITEM}, conversations={KEY: Conversation(KEY, revision=1, current=current)}
    )


def confirm(records: DeskRecords, *confirmations: Confirmation) -> list[str]:
    return told(records, *map(to_message, confirmations))


def told(records: DeskRecords, *bodies: str) -> list[str]:
    batch = sqs_event(*bodies)["Records"]
    response = confirm_batch(batch, InMemoryOutbox(records), InMemoryCaseNotes(records), FrozenClock())
    return [str(failure["itemIdentifier"]) for failure in response["batchItemFailures"]]


def test_an_echo_of_ours_is_proof_of_sending(records: DeskRecords) -> None:
    assert confirm(records, echo(metadata=ITEM.outbox_id)) == []

    item = records.outbox[ITEM.outbox_id]
    assert (item.state, item.platform_id) == (OutboxState.SENT, "m_2")
    assert records.timelines == {}


@pytest.mark.parametrize("metadata", [None, "", "another-tool-s-own-note"])
def test_an_echo_of_another_tool_s_words_is_noted_on_the_case_once(
    records: DeskRecords, metadata: str | None
) -> None:
    confirmation = echo(metadata=metadata, app_id="26390203743090")

    assert confirm(records, confirmation, confirmation) == []
    assert confirm(records, confirmation) == []

    (entry,) = records.timelines[CASE_ID].values()
    assert (entry.kind, entry.at, entry.by) == (EntryKind.ANSWERED_ELSEWHERE, NOON, "26390203743090")
    assert records.outbox[ITEM.outbox_id] == ITEM


def test_two_answers_of_one_moment_are_two_notes(records: DeskRecords) -> None:
    confirm(records, echo(native_id="m_2"), echo(native_id="m_3"))

    assert len(records.timelines[CASE_ID]) == 2


@pytest.mark.parametrize("changed", [{"person": "a stranger"}, {"person": None}, {"channel": "instagram"}])
def test_an_echo_outside_every_conversation_is_let_go(records: DeskRecords, changed: dict[str, Any]) -> None:
    assert confirm(records, echo(**changed)) == []
    assert records.timelines == {}


def test_a_conversation_that_has_no_case_yet_has_nothing_to_note_on(records: DeskRecords) -> None:
    records.conversations[KEY] = Conversation(KEY)

    assert confirm(records, echo()) == []
    assert records.timelines == {}


def test_a_delivery_receipt_is_no_answer(records: DeskRecords) -> None:
    assert confirm(records, echo(kind=ConfirmationKind.DELIVERY)) == []
    assert records.timelines == {}


def test_what_cannot_be_read_goes_back_to_the_queue_alone(records: DeskRecords) -> None:
    newer = json.dumps({**json.loads(to_message(echo())), "v": 2})

    assert told(records, "{", to_message(echo(metadata=ITEM.outbox_id)), newer) == ["message-0", "message-2"]
    assert records.outbox[ITEM.outbox_id].state is OutboxState.SENT


def test_the_lambda_matches_a_batch(records: DeskRecords, monkeypatch: pytest.MonkeyPatch) -> None:
    confirmed = composition.Confirmed(InMemoryOutbox(records), InMemoryCaseNotes(records))
    monkeypatch.setattr(composition, "confirmed", lambda: confirmed)

    assert handle(sqs_event(to_message(echo(person=None))), LambdaContext()) == {"batchItemFailures": []}
