"""Confirmations: proof for our own items, a note on the case for what another tool said."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contact_desk.alerts import AlertKind, AlertRank, case_alert_id
from contact_desk.cases import CaseState
from contact_desk.confirmations import Confirmation, ConfirmationKind, to_message
from contact_desk.conversations import Conversation, CurrentCase
from contact_desk.grades import Band, Grade
from contact_desk.outbox import OutboxState
from contact_desk.send_failures import SendFailure
from contact_desk.timeline import EntryKind
from functions.notify import composition
from functions.notify.confirm import confirm_batch, handle
from functions.notify.troubles import Troubles
from local.twins.desk_records import DeskRecords
from local.twins.held_still import NOON, FrozenClock
from local.twins.in_memory_alerts import InMemoryAlerts
from local.twins.in_memory_case_notes import InMemoryCaseNotes
from local.twins.in_memory_outbox import InMemoryOutbox
from tests.builders import CASE_ID, PAGE, PERSON, LambdaContext, force, outbox_item, sqs_event

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


def troubles_of(records: DeskRecords) -> Troubles:
    return Troubles(InMemoryAlerts(records), InMemoryCaseNotes(records), force().alerts[AlertRank.A2])


def told(records: DeskRecords, *bodies: str) -> list[str]:
    batch = sqs_event(*bodies)["Records"]
    notes = InMemoryCaseNotes(records)
    response = confirm_batch(batch, InMemoryOutbox(records), notes, troubles_of(records), FrozenClock())
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
    notes = InMemoryCaseNotes(records)
    confirmed = composition.Confirmed(InMemoryOutbox(records), notes, troubles_of(records))
    monkeypatch.setattr(composition, "confirmed", lambda: confirmed)

    assert handle(sqs_event(to_message(echo(person=None))), LambdaContext()) == {"batchItemFailures": []}


IN_DOUBT = outbox_item(channel="instagram", account="178", state=OutboxState.IN_DOUBT, cause="instagram#1")


def by_words(records: DeskRecords, **changed: Any) -> None:
    records.outbox[IN_DOUBT.outbox_id] = IN_DOUBT
    InMemoryOutbox(records).expect_echo(IN_DOUBT, now=NOON)
    said = {"channel": "instagram", "account": "178", "text_hash": IN_DOUBT.text_hash}
    assert confirm(records, echo(**{**said, **changed})) == []


def test_an_echo_that_names_nobody_is_known_by_its_words(records: DeskRecords) -> None:
    by_words(records)

    stands = records.outbox[IN_DOUBT.outbox_id]
    assert (stands.state, stands.platform_id) == (OutboxState.SENT, "m_2")


@pytest.mark.parametrize(
    "changed",
    [{"text_hash": "other"}, {"person": "somebody else"}, {"account": "179"}, {"channel": "x"}],
)
def test_other_words_prove_nothing(records: DeskRecords, changed: dict[str, Any]) -> None:
    by_words(records, **changed)

    assert records.outbox[IN_DOUBT.outbox_id].state is OutboxState.IN_DOUBT


def test_an_older_echo_of_the_same_words_proves_nothing_of_the_newer_ones(records: DeskRecords) -> None:
    by_words(records, occurred_at=NOON - timedelta(minutes=1))

    assert records.outbox[IN_DOUBT.outbox_id].state is OutboxState.IN_DOUBT
    assert records.timelines == {}


def test_our_own_words_coming_back_are_no_answer_by_another_tool(records: DeskRecords) -> None:
    by_words(records)

    assert records.timelines == {}


WHATSAPP = outbox_item(channel="whatsapp", account="356", state=OutboxState.SENT, cause="whatsapp#1")


def status(kind: ConfirmationKind) -> Confirmation:
    return echo(
        kind=kind, channel="whatsapp", account="356", native_id="wamid.1", metadata=WHATSAPP.outbox_id
    )


@pytest.mark.parametrize("state", [OutboxState.IN_DOUBT, OutboxState.STARTED, OutboxState.NEEDS_HUMAN])
@pytest.mark.parametrize("kind", [ConfirmationKind.ECHO, ConfirmationKind.DELIVERY])
def test_a_status_of_whatsapp_proves_what_cannot_be_looked_up(
    records: DeskRecords, kind: ConfirmationKind, state: OutboxState
) -> None:
    records.outbox[WHATSAPP.outbox_id] = replace(WHATSAPP, state=state)

    confirm(records, status(kind))

    assert records.outbox[WHATSAPP.outbox_id].state is OutboxState.SENT


def test_what_did_not_arrive_after_all_fails_and_is_told_of_once(records: DeskRecords) -> None:
    records.outbox[WHATSAPP.outbox_id] = WHATSAPP

    confirm(records, status(ConfirmationKind.FAILURE), status(ConfirmationKind.FAILURE))

    stands = records.outbox[WHATSAPP.outbox_id]
    assert (stands.state, stands.failure) == (OutboxState.FAILED, SendFailure.NOT_DELIVERED)
    assert [alert.alert_id for alert in records.alerts.values()] == [
        case_alert_id(CASE_ID, AlertKind.SEND_FAILED)
    ]


def test_a_status_that_comes_late_does_not_undo_the_failure(records: DeskRecords) -> None:
    records.outbox[WHATSAPP.outbox_id] = WHATSAPP

    confirm(records, status(ConfirmationKind.FAILURE), status(ConfirmationKind.ECHO))

    assert records.outbox[WHATSAPP.outbox_id].state is OutboxState.FAILED


@pytest.mark.parametrize(
    ("code", "because"),
    [
        (131026, SendFailure.PERSON_UNREACHABLE),
        (131047, SendFailure.WINDOW_CLOSED),
        (131050, SendFailure.OPTED_OUT),
        (999, None),
        (None, None),
    ],
)
def test_why_it_did_not_arrive_is_kept_where_the_platform_says(
    records: DeskRecords, code: int | None, because: SendFailure | None
) -> None:
    records.outbox[WHATSAPP.outbox_id] = WHATSAPP

    confirm(records, replace(status(ConfirmationKind.FAILURE), error_code=code))

    assert records.outbox[WHATSAPP.outbox_id].undelivered_because == because


TEXT = outbox_item(channel="sms", account="+441", target="+442", state=OutboxState.SENT, cause="sms#1")


def word_of_text(kind: ConfirmationKind, **changed: Any) -> Confirmation:
    said = {"channel": "sms", "account": "+441", "person": "+442", "native_id": "SM1", **changed}
    return echo(kind=kind, **said)


def test_a_text_message_that_did_not_arrive_is_known_by_the_name_that_the_platform_gave_it(
    records: DeskRecords,
) -> None:
    records.outbox[TEXT.outbox_id] = TEXT
    InMemoryOutbox(records).expect_word_of(TEXT, platform_id="SM1", now=NOON)

    confirm(records, word_of_text(ConfirmationKind.FAILURE, native_id="SM2", error_code=30003))
    assert records.outbox[TEXT.outbox_id].state is OutboxState.SENT
    confirm(records, word_of_text(ConfirmationKind.FAILURE, error_code=30003))

    stands = records.outbox[TEXT.outbox_id]
    assert (stands.state, stands.failure) == (OutboxState.FAILED, SendFailure.NOT_DELIVERED)
    assert stands.undelivered_because == SendFailure.PERSON_UNREACHABLE
    assert [alert.kind for alert in records.alerts.values()] == [AlertKind.SEND_FAILED]


def test_a_text_message_that_arrived_is_confirmed(records: DeskRecords) -> None:
    records.outbox[TEXT.outbox_id] = replace(TEXT, state=OutboxState.IN_DOUBT)
    InMemoryOutbox(records).expect_word_of(TEXT, platform_id="SM1", now=NOON)

    confirm(records, word_of_text(ConfirmationKind.DELIVERY))

    assert records.outbox[TEXT.outbox_id].state is OutboxState.SENT
