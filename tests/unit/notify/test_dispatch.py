"""The send protocol, one outcome at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from contact_desk.alerts import AlertKind, account_alert_id, case_alert_id
from contact_desk.outbox import OutboxItem, OutboxKind, OutboxState, Purpose, Resolution
from contact_desk.send_failures import SendFailure
from functions.notify.dispatch import CREDENTIALS_ASKED_AGAIN_AFTER, OutOfTimeError, Result
from functions.notify.doubts import MOST_LOOK_UPS, PLATFORM_DELAY
from functions.notify.platform_answers import (
    Absent,
    CredentialsRefused,
    Rejected,
    RetryLater,
    Superseded,
    Unclear,
    UnknownEffect,
    WindowClosed,
)
from functions.notify.troubles import LATE_AFTER
from local.twins.held_still import NOON
from local.twins.in_memory_platform import Mishap
from tests.builders import CASE_ID, PAGE, outbox_item
from tests.unit.notify.send_desk import FUNCTION_TIMEOUT, Crash, SendDesk

REPLY = outbox_item()
COMMENT = outbox_item(OutboxKind.COMMENT_REPLY)
EMERGENCY = outbox_item(purpose=Purpose.EMERGENCY, urgent=True)
EMERGENCY_IN_PUBLIC = outbox_item(OutboxKind.COMMENT_REPLY, purpose=Purpose.EMERGENCY, urgent=True)
OPERATOR_ALERT = outbox_item(
    OutboxKind.OPERATOR_ALERT,
    channel="operator_alerts",
    account="operator_alerts",
    text="opened",
    urgent=True,
)
SILENCE = UnknownEffect(SendFailure.NO_ANSWER)


def desk_with(item: OutboxItem, *mishaps: Mishap) -> SendDesk:
    desk = SendDesk((item,))
    desk.platform.mishaps.extend(mishaps)
    return desk


def test_an_item_is_sent_once_and_its_proof_kept() -> None:
    desk = desk_with(REPLY)

    assert desk.work() is Result.SENT
    assert desk.work() is Result.LEFT_ALONE
    assert (desk.item.state, desk.item.platform_id) == (OutboxState.SENT, "native-1")
    assert desk.seen() == 1


def test_the_lease_outlasts_the_invocation_by_a_minute() -> None:
    leases = []
    desk = desk_with(REPLY, Mishap(SILENCE, meanwhile=lambda: leases.append(desk.item.lease_until)))

    desk.work()

    assert leases == [NOON + FUNCTION_TIMEOUT + timedelta(seconds=60)]


def test_an_item_that_another_worker_holds_is_left_alone() -> None:
    desk = desk_with(REPLY)
    desk.outbox.claim(REPLY.outbox_id, token="theirs", now=NOON, lease_until=NOON + timedelta(seconds=90))

    assert desk.work() is Result.LEFT_ALONE
    assert desk.platform.sends == 0


def test_nothing_is_begun_without_the_time_to_finish() -> None:
    desk = desk_with(REPLY)
    desk.time_left = timedelta(seconds=11)

    with pytest.raises(OutOfTimeError):
        desk.dispatcher.dispatch(REPLY.outbox_id, desk.invocation())
    assert desk.item == REPLY


def test_a_worker_that_slept_through_its_lease_sends_nothing() -> None:
    desk = desk_with(REPLY)
    start = desk.outbox.start

    def slow_start(claimed: OutboxItem, **named: object) -> OutboxItem | None:
        begun = start(claimed, now=NOON)
        desk.clock.advance(seconds=85)
        return begun

    desk.outbox.start = slow_start  # type: ignore[method-assign]

    assert desk.work() is None
    assert desk.platform.sends == 0
    assert (desk.item.state, desk.item.failure) == (OutboxState.PENDING, SendFailure.OUT_OF_TIME)


def test_a_worker_that_ran_short_of_time_while_it_started_sends_nothing() -> None:
    desk = desk_with(REPLY)
    start = desk.outbox.start

    def slow_start(claimed: OutboxItem, **named: object) -> OutboxItem | None:
        desk.time_left = timedelta(seconds=5)
        return start(claimed, now=NOON)

    desk.outbox.start = slow_start  # type: ignore[method-assign]

    assert desk.work() is None
    assert desk.platform.sends == 0
    assert desk.item.state is OutboxState.PENDING


@pytest.mark.parametrize(
    "answer", [RetryLater(SendFailure.UNREACHABLE), RetryLater(SendFailure.THROTTLED, timedelta(minutes=7))]
)
def test_an_item_that_has_to_wait_goes_back_to_the_table_and_is_sent_later(answer: RetryLater) -> None:
    desk = desk_with(REPLY, Mishap(answer))

    assert desk.work() is Result.POSTPONED
    assert desk.item.state is OutboxState.PENDING
    assert desk.item.due_at == NOON + (answer.wait or timedelta(seconds=15))
    assert desk.item.failure == answer.failure
    desk.rest()
    assert (desk.seen(), desk.platform.sends, desk.platform.look_ups) == (1, 2, 0)


def test_waits_grow_and_what_is_urgent_waits_less() -> None:
    waits = []
    for item in (REPLY, EMERGENCY):
        desk = desk_with(item, *[Mishap(RetryLater(SendFailure.UNREACHABLE))] * 9)
        for _ in range(9):
            desk.work()
            waits.append(int((desk.item.due_at - desk.clock.now()).total_seconds()))
            desk.clock.at = desk.item.due_at

    assert waits == [15, 30, 60, 120, 240, 480, 600, 600, 600, 15, 30, 60, 60, 60, 60, 60, 60, 60]


def test_a_throttled_account_is_left_in_peace_by_the_rest_of_the_batch() -> None:
    others = [outbox_item(cause=str(n)) for n in range(3)]
    desk = SendDesk((REPLY, *others, OPERATOR_ALERT))
    desk.platform.mishaps.append(Mishap(RetryLater(SendFailure.THROTTLED, timedelta(minutes=7))))
    invocation = desk.invocation()

    results = [desk.dispatcher.dispatch(item.outbox_id, invocation) for item in (REPLY, *others)]

    assert results == [Result.POSTPONED] * 4
    assert desk.platform.sends == 1
    assert {desk.records.outbox[item.outbox_id].due_at for item in others} == {NOON + timedelta(minutes=7)}
    assert desk.dispatcher.dispatch(OPERATOR_ALERT.outbox_id, invocation) is Result.SENT


def test_a_refusal_for_good_fails_the_item_and_calls_an_operator() -> None:
    desk = desk_with(REPLY, Mishap(Rejected(SendFailure.PERSON_UNREACHABLE)))

    assert desk.work() is Result.FAILED
    assert (desk.item.state, desk.item.failure) == (OutboxState.FAILED, "person_unreachable")
    raised = desk.records.alerts[case_alert_id(CASE_ID, AlertKind.SEND_FAILED)]
    assert (raised.rank, raised.case_id, raised.open) == ("A2", CASE_ID, True)
    assert raised.next_nudge_at == NOON + timedelta(minutes=15)


def test_a_closed_window_fails_the_item_by_its_own_code() -> None:
    desk = desk_with(REPLY, Mishap(WindowClosed()))

    assert desk.work() is Result.FAILED
    assert desk.item.failure == "window_closed"
    assert case_alert_id(CASE_ID, AlertKind.SEND_FAILED) in desk.records.alerts


def test_a_failed_alert_item_raises_no_alert() -> None:
    desk = desk_with(OPERATOR_ALERT, Mishap(Rejected(SendFailure.REFUSED)))

    desk.work()

    assert desk.records.alerts == {}


def test_dead_credentials_hold_the_account_s_items_and_are_told_once() -> None:
    other = outbox_item(cause="other")
    desk = SendDesk((REPLY, other))
    desk.platform.mishaps.extend([Mishap(CredentialsRefused())] * 5)

    assert desk.work() is Result.POSTPONED
    assert desk.item.due_at == NOON + CREDENTIALS_ASKED_AGAIN_AFTER
    assert desk.work(other.outbox_id) is Result.POSTPONED
    (raised,) = desk.records.alerts.values()
    assert raised.alert_id == account_alert_id("messenger", PAGE, AlertKind.CHANNEL_DOWN)
    assert (raised.rank, raised.case_id) == ("A2", None)
    desk.sweep(2)
    assert len(desk.records.alerts) == 1
    assert sum(item.kind is OutboxKind.OPERATOR_ALERT for item in desk.records.outbox.values()) == 1


@pytest.mark.parametrize(
    "lacking",
    [RetryLater(SendFailure.CREDENTIALS_UNREADABLE), CredentialsRefused(SendFailure.CREDENTIALS_MISSING)],
)
def test_an_item_is_not_started_before_its_sender_has_what_it_needs(
    lacking: RetryLater | CredentialsRefused,
) -> None:
    desk = desk_with(REPLY)
    desk.platform.unready.append(lacking)

    assert desk.work() is Result.POSTPONED
    assert (desk.item.attempts, desk.item.failure) == (0, lacking.failure)
    desk.rest()
    assert (desk.seen(), desk.platform.sends, desk.platform.look_ups) == (1, 1, 0)


def test_after_a_renewal_held_items_are_sent_without_loss() -> None:
    items = tuple(outbox_item(cause=str(n)) for n in range(3))
    desk = SendDesk(items)
    desk.platform.mishaps.extend([Mishap(CredentialsRefused())] * 2)
    for item in items:
        desk.work(item.outbox_id)
    assert desk.platform.sends == 1  # the others are spared a call that could only fail

    desk.sweep(6)

    assert [desk.seen(item) for item in items] == [1, 1, 1]


def test_an_acknowledged_outage_is_not_told_again_by_items_that_were_waiting() -> None:
    other = outbox_item(cause="other")
    desk = SendDesk((REPLY, other))
    desk.platform.mishaps.extend([Mishap(CredentialsRefused())] * 20)
    desk.work()
    desk.work(other.outbox_id)
    alert_id = account_alert_id("messenger", PAGE, AlertKind.CHANNEL_DOWN)
    desk.alerts.acknowledge(alert_id, by="sub-1", now=NOON, item=OPERATOR_ALERT)

    desk.sweep(5)

    assert not desk.records.alerts[alert_id].open
    new = outbox_item(cause="new")
    desk.records.outbox[new.outbox_id] = new
    desk.platform.mishaps.extendleft([Mishap(CredentialsRefused())])
    desk.work(new.outbox_id)
    assert desk.records.alerts[alert_id].open


def test_an_item_that_waits_too_long_is_told_once_and_still_sent() -> None:
    desk = desk_with(REPLY, *[Mishap(RetryLater(SendFailure.UNREACHABLE))] * 8)
    alert_id = case_alert_id(CASE_ID, AlertKind.SEND_FAILED)
    desk.work()
    assert alert_id not in desk.records.alerts

    desk.rest()

    assert desk.records.alerts[alert_id].opened_at - NOON >= LATE_AFTER
    assert desk.seen() == 1


@pytest.mark.parametrize("item", [REPLY, COMMENT, EMERGENCY_IN_PUBLIC], ids=["reply", "comment", "public"])
def test_a_lost_answer_is_looked_up_and_never_sent_again(item: OutboxItem) -> None:
    desk = desk_with(item, Mishap(SILENCE, takes_effect=True))

    assert desk.work() is Result.IN_DOUBT
    assert (desk.item.due_at, desk.item.failure) == (NOON + PLATFORM_DELAY, "no_answer")
    desk.rest()
    assert (desk.item.state, desk.item.platform_id) == (OutboxState.SENT, "native-1")
    assert (desk.seen(), desk.platform.sends) == (1, 1)


@pytest.mark.parametrize("item", [REPLY, COMMENT, EMERGENCY_IN_PUBLIC], ids=["reply", "comment", "public"])
def test_what_is_proved_absent_is_sent_again_once(item: OutboxItem) -> None:
    desk = desk_with(item, Mishap(SILENCE))
    desk.work()

    desk.rest()

    assert (desk.seen(), desk.platform.sends, desk.platform.look_ups) == (1, 2, 1)
    assert desk.item.state is OutboxState.SENT


def test_an_early_look_up_that_finds_nothing_proves_nothing() -> None:
    desk = desk_with(REPLY, Mishap(SILENCE))
    desk.work()
    desk.records.outbox[REPLY.outbox_id] = replace(desk.item, due_at=NOON)
    desk.clock.advance(seconds=3)

    assert desk.work() is Result.IN_DOUBT
    assert desk.platform.sends == 1
    assert desk.item.due_at >= NOON + PLATFORM_DELAY


def test_an_emergency_text_of_unknown_effect_is_looked_up_at_once_and_found() -> None:
    desk = desk_with(EMERGENCY, Mishap(SILENCE, takes_effect=True))

    assert desk.work() is Result.SENT
    assert (desk.seen(), desk.platform.sends, desk.platform.look_ups) == (1, 1, 1)


@pytest.mark.parametrize("seen", [Absent(), Unclear(SendFailure.NO_ANSWER), CredentialsRefused()])
def test_an_emergency_text_is_sent_again_at_once_after_one_look_up(seen: object) -> None:
    desk = desk_with(EMERGENCY, Mishap(SILENCE))
    desk.platform.blind.append(seen)  # type: ignore[arg-type]

    assert desk.work() is Result.SENT
    assert (desk.seen(), desk.platform.sends, desk.platform.look_ups) == (1, 2, 1)


def test_a_second_doubt_about_an_emergency_text_waits_for_proof_like_any_other() -> None:
    desk = desk_with(EMERGENCY, Mishap(SILENCE), Mishap(SILENCE, takes_effect=True))
    desk.platform.blind.extend([Absent(), Unclear(SendFailure.NO_ANSWER)])

    assert desk.work() is Result.IN_DOUBT
    assert desk.platform.sends == 2
    desk.rest()
    assert (desk.item.state, desk.seen(), desk.platform.sends) == (OutboxState.SENT, 1, 2)


@pytest.mark.parametrize("item", [REPLY, COMMENT, EMERGENCY], ids=["reply", "comment", "emergency"])
def test_when_no_look_up_tells_a_person_is_asked(item: OutboxItem) -> None:
    desk = desk_with(item, *[Mishap(SILENCE)] * 9)
    desk.platform.blind.extend([Unclear(SendFailure.SERVER_ERROR)] * 99)
    desk.work()

    desk.rest()

    assert (desk.item.state, desk.item.failure) == (OutboxState.NEEDS_HUMAN, "server_error")
    assert desk.platform.look_ups == MOST_LOOK_UPS
    assert desk.platform.sends == (2 if item is EMERGENCY else 1)
    raised = desk.records.alerts[case_alert_id(CASE_ID, AlertKind.NEEDS_PERSON)]
    assert (raised.rank, raised.open) == ("A2", True)


def test_a_platform_that_swallows_everything_ends_with_a_person() -> None:
    desk = desk_with(REPLY, *[Mishap(SILENCE)] * 99)
    desk.work()

    desk.rest()

    assert (desk.item.state, desk.item.failure) == (OutboxState.NEEDS_HUMAN, "not_found")
    assert desk.platform.sends == MOST_LOOK_UPS + 1


@pytest.mark.parametrize("blocked", [RetryLater(SendFailure.THROTTLED), CredentialsRefused()])
def test_a_look_up_that_has_to_wait_does_not_use_the_look_ups_up(
    blocked: RetryLater | CredentialsRefused,
) -> None:
    desk = desk_with(REPLY, Mishap(SILENCE, takes_effect=True))
    desk.platform.blind.extend([blocked] * (MOST_LOOK_UPS + 5))
    desk.work()

    desk.rest(most_rounds=200)

    assert (desk.item.state, desk.seen(), desk.platform.sends) == (OutboxState.SENT, 1, 1)


def test_a_doubt_that_nobody_can_settle_for_long_is_told() -> None:
    desk = desk_with(REPLY, Mishap(SILENCE, takes_effect=True))
    desk.platform.blind.extend([RetryLater(SendFailure.THROTTLED)] * 30)
    desk.work()

    desk.sweep(20)

    assert desk.records.alerts[case_alert_id(CASE_ID, AlertKind.SEND_FAILED)].open


def test_what_a_person_has_sent_again_is_sent_again() -> None:
    desk = desk_with(REPLY, Mishap(SILENCE))
    desk.platform.blind.extend([Unclear(SendFailure.SERVER_ERROR)] * MOST_LOOK_UPS)
    desk.work()
    desk.rest()

    desk.outbox.resolve(REPLY.outbox_id, outcome=Resolution.SEND_AGAIN, by="sub-1", now=desk.clock.now())

    assert desk.work() is Result.SENT
    assert desk.seen() == 1


def test_an_alert_of_unknown_effect_is_published_again_at_once() -> None:
    desk = desk_with(OPERATOR_ALERT, Mishap(SILENCE, takes_effect=True))
    desk.platform.blind.append(Absent())

    assert desk.work() is Result.SENT
    assert desk.platform.sends == 2


def test_an_alert_is_never_given_up() -> None:
    desk = desk_with(OPERATOR_ALERT, *[Mishap(SILENCE)] * 40)

    desk.work()
    desk.rest()

    assert (desk.item.state, desk.seen()) == (OutboxState.SENT, 1)


def test_an_alert_that_is_no_longer_so_is_done_without_being_published() -> None:
    desk = desk_with(OPERATOR_ALERT, Mishap(Superseded()))

    assert desk.work() is Result.SUPERSEDED
    assert (desk.item.state, desk.item.platform_id) == (OutboxState.SENT, None)


def test_a_confirmation_that_overtakes_the_worker_s_own_record_is_harmless() -> None:
    def confirm() -> None:
        assert desk.outbox.confirm(REPLY.outbox_id, platform_id="native-1", now=desk.clock.now())

    desk = desk_with(REPLY, Mishap(SILENCE, takes_effect=True, meanwhile=confirm))

    desk.work()
    desk.rest()

    assert (desk.item.state, desk.item.platform_id, desk.platform.look_ups) == (
        OutboxState.SENT,
        "native-1",
        0,
    )


def test_a_worker_with_proof_is_believed_after_its_claim_was_lost() -> None:
    def overtake() -> None:
        desk.clock.advance(seconds=100)
        desk.outbox.claim(REPLY.outbox_id, token="theirs", now=desk.clock.now(), lease_until=desk.clock.now())

    desk = desk_with(REPLY)
    desk.platform.send = _then(desk.platform.send, overtake)  # type: ignore[assignment, method-assign]

    desk.work()

    assert (desk.item.state, desk.item.platform_id) == (OutboxState.SENT, "native-1")


def _then(call: object, afterwards: object) -> object:
    def both(*arguments: object, **named: object) -> object:
        answer = call(*arguments, **named)  # type: ignore[operator]
        afterwards()  # type: ignore[operator]
        return answer

    return both


def test_a_worker_that_dies_in_the_platform_s_hands_leaves_a_started_item() -> None:
    def die() -> None:
        raise Crash

    desk = desk_with(REPLY, Mishap(SILENCE, meanwhile=die))

    assert desk.work() is None
    assert desk.item.state is OutboxState.STARTED
    assert desk.work() is Result.LEFT_ALONE
    desk.rest()
    assert (desk.seen(), desk.platform.look_ups) == (1, 1)
