"""Channels that the desk reads and cannot write to: what is to be sent there fails by name, once."""

from __future__ import annotations

import pytest

from contact_desk.alerts import AlertKind, AlertRank, case_alert_id
from contact_desk.confirmations import Confirmation, ConfirmationKind
from contact_desk.outbox import OutboxKind, OutboxState
from contact_desk.send_failures import SendFailure
from functions.notify.confirm import Match, match
from functions.notify.dispatch import Result
from functions.notify.troubles import Troubles
from local.twins.desk_records import DeskRecords
from local.twins.held_still import NOON
from local.twins.in_memory_alerts import InMemoryAlerts
from local.twins.in_memory_case_notes import InMemoryCaseNotes
from local.twins.in_memory_outbox import InMemoryOutbox
from tests.builders import CASE_ID, PHONE, force, outbox_item
from tests.unit.notify.send_desk import SendDesk


def troubles_of(records: DeskRecords) -> Troubles:
    return Troubles(InMemoryAlerts(records), InMemoryCaseNotes(records), force().alerts[AlertRank.A2])


@pytest.mark.parametrize(
    ("kind", "channel"),
    [
        (OutboxKind.MESSAGE, "telegram"),
        (OutboxKind.PRIVATE_REPLY, "x"),
        (OutboxKind.COMMENT_REPLY, "instagram"),
    ],
)
def test_an_item_for_a_channel_without_a_sender_fails_at_once_and_is_told_of(
    kind: OutboxKind, channel: str
) -> None:
    desk = SendDesk((outbox_item(kind, channel=channel),))

    assert desk.work() is Result.FAILED
    assert (desk.item.state, desk.item.failure) == (OutboxState.FAILED, SendFailure.NO_SENDER)
    assert desk.platform.sends == 0
    assert case_alert_id(CASE_ID, AlertKind.SEND_FAILED) in desk.records.alerts
    assert desk.work() is Result.LEFT_ALONE


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        (ConfirmationKind.DELIVERY, Match.DELIVERY_ONLY),
        (ConfirmationKind.FAILURE, Match.FAILURE_ONLY),
        (ConfirmationKind.ECHO, Match.NO_CASE),
    ],
)
def test_what_a_platform_says_of_another_tools_message_changes_no_item(
    kind: ConfirmationKind, found: Match
) -> None:
    records = DeskRecords()
    before = repr(records)
    said = Confirmation(kind, "whatsapp", "356102938471056", "wamid.1", PHONE, NOON, NOON)

    assert (
        match(said, InMemoryOutbox(records), InMemoryCaseNotes(records), troubles_of(records), NOON) is found
    )
    assert repr(records) == before
