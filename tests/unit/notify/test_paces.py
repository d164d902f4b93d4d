"""Paces: what an account may be sent in its time, and how it is left in peace while its platform fails."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from contact_desk.errors import StoreBusyError
from contact_desk.outbox import OutboxItem, OutboxKind, OutboxState, Purpose
from contact_desk.pointers import outbox_id_of
from contact_desk.send_failures import SendFailure
from functions.notify.paces import ALLOWANCES, FAILURES_IN_A_ROW, Allowance, Held, Pace, admit, after
from functions.notify.platform_answers import (
    CredentialsRefused,
    Rejected,
    RetryLater,
    SendAnswer,
    Sent,
    UnknownEffect,
)
from functions.notify.reminders import SqsReminders
from local.twins.held_still import NOON
from local.twins.in_memory_paces import InMemoryPaces
from local.twins.in_memory_platform import Mishap
from tests.builders import outbox_item
from tests.unit.notify.send_desk import SendDesk

FRESH = Pace("x#1#message")
FIFTEEN = Allowance(15, timedelta(minutes=15))
FAILED = UnknownEffect(SendFailure.SERVER_ERROR)


def let_through(purposes: list[Purpose], allowance: Allowance = FIFTEEN) -> list[bool]:
    pace, let = FRESH, []
    for purpose in purposes:
        entered = admit(pace, allowance, purpose, NOON)
        let.append(isinstance(entered, Pace))
        pace = entered if isinstance(entered, Pace) else pace
    return let


def messages_on_x(count: int, **fields: Any) -> tuple[OutboxItem, ...]:
    return tuple(
        outbox_item(cause=f"x#{number}", channel="x", account="1", **fields) for number in range(count)
    )


def test_a_third_of_the_allowance_is_kept_for_emergencies_and_people() -> None:
    automatic = let_through([Purpose.ACKNOWLEDGEMENT] * 12)
    assert automatic.count(True) == 10

    mixed = let_through([Purpose.SIGNPOST] * 12 + [Purpose.EMERGENCY] * 3 + [Purpose.REPLY] * 3)
    assert mixed == [True] * 10 + [False] * 2 + [True] * 5 + [False]


def test_the_allowance_fills_again_with_time_and_says_when() -> None:
    spent = replace(FRESH, spent=15.0, counted_at=NOON)

    held = admit(spent, FIFTEEN, Purpose.REPLY, NOON)

    assert held == Held(NOON + timedelta(minutes=1), SendFailure.PACED)
    assert isinstance(admit(spent, FIFTEEN, Purpose.REPLY, held.until), Pace)
    automatic = admit(spent, FIFTEEN, Purpose.ACKNOWLEDGEMENT, NOON)
    assert isinstance(automatic, Held)
    assert automatic.until == NOON + timedelta(minutes=6)


@given(st.lists(st.tuples(st.integers(0, 120), st.sampled_from(list(Purpose))), max_size=80))
def test_no_quarter_of_an_hour_ever_sees_more_than_twice_the_allowance(calls: list[Any]) -> None:
    pace, now, sent = FRESH, NOON, []
    for pause, purpose in calls:
        now += timedelta(seconds=pause)
        entered = admit(pace, FIFTEEN, purpose, now)
        if isinstance(entered, Pace):
            pace = entered
            sent.append(now)
    for first in sent:
        assert sum(first <= at < first + FIFTEEN.per for at in sent) <= 2 * FIFTEEN.most


def test_only_what_has_a_limit_is_counted() -> None:
    assert (OutboxKind.COMMENT_REPLY, "facebook_page") not in ALLOWANCES
    assert admit(FRESH, None, Purpose.ACKNOWLEDGEMENT, NOON) == FRESH


@pytest.mark.parametrize(
    ("answer", "closed_for"),
    [
        (RetryLater(SendFailure.THROTTLED, timedelta(minutes=7)), timedelta(minutes=7)),
        (RetryLater(SendFailure.THROTTLED), timedelta(seconds=15)),
        (RetryLater(SendFailure.ALLOWANCE_SPENT, timedelta(hours=1)), timedelta(hours=1)),
        (CredentialsRefused(), timedelta(minutes=1)),
        (FAILED, None),
        (Sent("1"), None),
        (Rejected(SendFailure.TARGET_GONE), None),
    ],
)
def test_what_an_answer_says_of_the_account(answer: SendAnswer, closed_for: timedelta | None) -> None:
    becomes = after(FRESH, answer, NOON)

    assert becomes.closed_until == (NOON + closed_for if closed_for else None)


def test_a_success_or_a_refusal_ends_a_row_of_failures() -> None:
    failing = replace(FRESH, failures=4)

    assert after(failing, Sent("1"), NOON) == FRESH
    assert after(failing, Rejected(SendFailure.TARGET_GONE), NOON) == FRESH
    assert after(failing, FAILED, NOON).closed_until is not None


def test_rests_grow_and_are_never_longer_than_a_minute() -> None:
    pace, rests = FRESH, []
    for _ in range(FAILURES_IN_A_ROW + 6):
        pace = after(pace, FAILED, NOON)
        rests.append((pace.closed_until - NOON).total_seconds() if pace.closed_until else 0)

    assert rests == [0, 0, 0, 0, 15, 30, 60, 60, 60, 60, 60]


def test_while_an_account_fails_its_items_wait_and_one_goes_ahead_at_a_time() -> None:
    items = messages_on_x(FAILURES_IN_A_ROW + 5)
    desk = SendDesk(items)
    desk.platform.mishaps.extend([Mishap(FAILED)] * (FAILURES_IN_A_ROW + 1))
    for item in items:
        desk.work(item.outbox_id)

    assert desk.platform.sends == FAILURES_IN_A_ROW
    waiting = [desk.records.outbox[item.outbox_id] for item in items[FAILURES_IN_A_ROW:]]
    assert {item.failure for item in waiting} == {SendFailure.ACCOUNT_RESTING}
    assert {item.attempts for item in waiting} == {0}

    desk.clock.advance(seconds=15)
    for item in waiting:
        desk.work(item.outbox_id)
    assert desk.platform.sends == FAILURES_IN_A_ROW + 1

    for _ in range(20):
        desk.sweep()
    assert [desk.seen(item) for item in items] == [1] * len(items)


def test_one_account_at_rest_holds_up_no_other() -> None:
    items = messages_on_x(FAILURES_IN_A_ROW)
    other = outbox_item(cause="other")
    desk = SendDesk((*items, other))
    desk.platform.mishaps.extend([Mishap(FAILED)] * FAILURES_IN_A_ROW)
    for item in items:
        desk.work(item.outbox_id)

    desk.work(other.outbox_id)

    assert desk.records.outbox[other.outbox_id].state is OutboxState.SENT


def test_workers_share_one_allowance_and_lose_nothing_for_it() -> None:
    items = messages_on_x(20, purpose=Purpose.ACKNOWLEDGEMENT)
    desk = SendDesk(items)
    for item in items:
        desk.work(item.outbox_id)

    assert desk.platform.sends == 10
    held = desk.records.outbox[items[-1].outbox_id]
    assert (held.state, held.failure, held.attempts) == (OutboxState.PENDING, SendFailure.PACED, 0)

    urgent = messages_on_x(1, purpose=Purpose.EMERGENCY, urgent=True)[0]
    desk.records.outbox[urgent.outbox_id] = urgent
    desk.work(urgent.outbox_id)
    assert desk.platform.sends == 11

    for _ in range(30):
        desk.sweep()
    assert [desk.seen(item) for item in items] == [1] * 20


def test_every_channel_with_a_rate_of_its_own_is_counted() -> None:
    assert {channel for _, channel in ALLOWANCES} == {
        "messenger", "facebook_page", "instagram", "whatsapp", "x", "sms", "report_form"
    }  # fmt: skip
    a_burst = let_through([Purpose.REPLY] * 12, ALLOWANCES[OutboxKind.MESSAGE, "sms"])
    assert a_burst == [True] * 10 + [False] * 2


@pytest.mark.parametrize("failure", [SendFailure.ACCOUNT_RESTING, SendFailure.CREDENTIALS_REFUSED])
def test_an_emergency_goes_ahead_where_others_rest_one_after_the_other(failure: SendFailure) -> None:
    resting = replace(FRESH, failures=5, closed_until=NOON + timedelta(minutes=1), failure=failure)
    assert isinstance(admit(resting, None, Purpose.REPLY, NOON), Held)

    ahead = admit(resting, None, Purpose.EMERGENCY, NOON)

    assert isinstance(ahead, Pace)
    assert admit(ahead, None, Purpose.EMERGENCY, NOON) == Held(NOON + timedelta(seconds=10), failure)
    assert isinstance(admit(ahead, None, Purpose.EMERGENCY, NOON + timedelta(seconds=10)), Pace)
    assert isinstance(admit(ahead, None, Purpose.REPLY, NOON + timedelta(seconds=10)), Held)
    assert after(ahead, Sent("1"), NOON) == FRESH


def test_the_platforms_own_word_to_wait_holds_emergencies_too() -> None:
    closed = after(FRESH, RetryLater(SendFailure.THROTTLED, timedelta(minutes=7)), NOON)

    assert isinstance(admit(closed, None, Purpose.EMERGENCY, NOON), Held)


def test_an_emergency_does_not_wait_for_a_crowd_to_be_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(InMemoryPaces, "put", lambda *_, **__: False)
    emergency = outbox_item(purpose=Purpose.EMERGENCY, urgent=True)
    reply = outbox_item(cause="reply")
    desk = SendDesk((emergency, reply))

    desk.work(emergency.outbox_id)
    assert desk.item.state is OutboxState.SENT
    with pytest.raises(StoreBusyError):
        desk.work(reply.outbox_id)


def test_what_is_urgent_is_nudged_when_it_is_due_and_not_by_the_sweep() -> None:
    urgent = outbox_item(purpose=Purpose.EMERGENCY, urgent=True)
    ordinary = outbox_item(cause="ordinary")
    for item, left in ((urgent, 1), (ordinary, 0)):
        desk = SendDesk((item,))
        desk.platform.mishaps.append(Mishap(RetryLater(SendFailure.THROTTLED, timedelta(seconds=20))))
        desk.work()
        assert len(desk.reminders.left) == left
        desk.clock.advance(seconds=20)
        for outbox_id in desk.reminders.take_due():
            desk.work(outbox_id)
        assert desk.seen() == left


def test_a_wait_of_hours_and_what_was_not_ours_to_claim_leave_no_reminder() -> None:
    desk = SendDesk((outbox_item(purpose=Purpose.EMERGENCY, urgent=True),))
    desk.platform.mishaps.append(Mishap(RetryLater(SendFailure.ALLOWANCE_SPENT, timedelta(hours=1))))

    desk.work()
    desk.work()

    assert desk.reminders.left == []


def test_an_urgent_item_without_a_token_asks_for_it_every_quarter_of_a_minute() -> None:
    desk = SendDesk((outbox_item(purpose=Purpose.EMERGENCY, urgent=True),))
    desk.platform.mishaps.append(Mishap(CredentialsRefused()))

    desk.work()
    desk.clock.advance(seconds=15)
    for outbox_id in desk.reminders.take_due():
        desk.work(outbox_id)

    assert desk.seen() == 1


def test_a_message_is_delayed_by_whole_seconds_and_a_refusal_is_left_to_the_sweep() -> None:
    asked: list[dict[str, Any]] = []

    class Queue:
        def send_message(self, **message: Any) -> None:
            asked.append(message)
            if len(asked) > 1:
                raise EndpointConnectionError(endpoint_url="https://sqs.example")

    client: Any = Queue()
    reminders = SqsReminders(client, "https://sqs.example/urgent")
    reminders.remind("item", timedelta(seconds=5.2))
    reminders.remind("item", timedelta(seconds=0))

    assert [message["DelaySeconds"] for message in asked] == [6, 1]
    assert asked[0]["QueueUrl"] == "https://sqs.example/urgent"
    assert outbox_id_of(asked[0]["MessageBody"]) == "item"
