"""A table that was restored has forgotten what was sent: nothing that may have been goes out again by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from contact_desk.alerts import AlertKind, case_alert_id
from contact_desk.outbox import OutboxItem, OutboxKind, OutboxState, Purpose, Resolution
from contact_desk.send_failures import SendFailure
from functions.notify.dispatch import Result
from functions.notify.doubts import MOST_LOOK_UPS
from functions.notify.platform_answers import Absent, Found, LookUpAnswer, Unclear
from local.twins.held_still import NOON
from tests.builders import CASE_ID, outbox_item
from tests.unit.notify.send_desk import SendDesk

STOPPED = NOON + timedelta(minutes=5)
TEXTS = (
    outbox_item(),
    outbox_item(OutboxKind.COMMENT_REPLY),
    outbox_item(purpose=Purpose.EMERGENCY, urgent=True),
    outbox_item(OutboxKind.EMAIL, channel="report_form"),
)


def restored(item: OutboxItem, *seen: LookUpAnswer) -> SendDesk:
    """The desk an hour after sending was stopped for the restore; what look-ups see, in their order."""
    desk = SendDesk((item,), sent_until=STOPPED)
    desk.clock.advance(hours=1)
    desk.platform.blind.extend(seen)
    return desk


@pytest.mark.parametrize("item", TEXTS)
def test_what_the_platform_shows_is_recorded_as_sent_and_not_sent_again(item: OutboxItem) -> None:
    desk = restored(item, Found("native-7"))

    assert desk.work() is Result.SENT
    assert (desk.item.state, desk.item.platform_id, desk.item.started_at) == (
        OutboxState.SENT,
        "native-7",
        NOON,
    )
    assert desk.platform.sends == 0


@pytest.mark.parametrize("item", TEXTS)
@pytest.mark.parametrize("seen", [Absent(), Unclear(SendFailure.CANNOT_LOOK)])
def test_what_no_look_up_finds_waits_for_a_person_as_perhaps_sent(
    item: OutboxItem, seen: LookUpAnswer
) -> None:
    desk = restored(item, seen)

    assert desk.work() is Result.NEEDS_PERSON
    desk.rest()
    assert (desk.item.state, desk.item.failure) == (OutboxState.NEEDS_HUMAN, SendFailure.TABLE_RESTORED)
    assert desk.records.alerts[case_alert_id(CASE_ID, AlertKind.NEEDS_PERSON)].open
    assert desk.platform.sends == 0


@pytest.mark.parametrize("item", TEXTS)
def test_a_look_up_that_fails_is_made_again(item: OutboxItem) -> None:
    desk = restored(item, *[Unclear(SendFailure.SERVER_ERROR)] * (MOST_LOOK_UPS - 1), Found("native-7"))
    desk.work()
    desk.rest()

    assert (desk.item.state, desk.item.looked_up) == (OutboxState.SENT, MOST_LOOK_UPS - 1)
    assert desk.platform.sends == 0


def test_what_was_started_before_is_not_sent_again_even_where_a_double_would_do_no_harm() -> None:
    item = replace(
        outbox_item(purpose=Purpose.EMERGENCY, urgent=True),
        state=OutboxState.STARTED,
        started_at=NOON,
        attempts=1,
        token="a worker of that time",
        lease_until=NOON + timedelta(minutes=2),
    )
    desk = restored(item, Absent())

    assert desk.work() is Result.NEEDS_PERSON
    assert desk.platform.sends == 0


def test_a_person_may_have_it_sent_all_the_same() -> None:
    desk = restored(outbox_item(), Absent())
    desk.work()
    desk.outbox.resolve(desk.item.outbox_id, outcome=Resolution.SEND_AGAIN, by="sub-1", now=desk.clock.now())

    assert desk.work() is Result.SENT
    assert desk.seen() == 1


def test_what_became_due_after_sending_was_stopped_is_sent() -> None:
    desk = restored(outbox_item(due_at=STOPPED + timedelta(seconds=1)))

    assert desk.work() is Result.SENT
    assert (desk.platform.sends, desk.platform.look_ups) == (1, 0)


def test_operators_are_called_again() -> None:
    alert = outbox_item(OutboxKind.OPERATOR_ALERT, channel="operator_alerts", account="operator_alerts")
    desk = restored(alert)

    assert desk.work() is Result.SENT
    assert (desk.topic.sends, desk.topic.look_ups) == (1, 0)
