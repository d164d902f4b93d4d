"""With the clock moved: alerts climb their ladder until a person has seen them, and workers sleep past their lease."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from contact_desk.alerts import AlertRank, AlertRoute
from contact_desk.force_file import load_force_file
from contact_desk.stores.items import unmarshal
from tests.proving import Share
from tests.simulation.aws_in_process import OPERATOR_ALERTS, TELEPHONE
from tests.simulation.desk_on_moto import A_MINUTE, BEGINS, MAPPINGS, SWEEPS, Desk
from tests.simulation.exploration import play, told
from tests.simulation.faults import CallPoint, Crash, FaultKind
from tests.simulation.operator_at_work import OperatorAtWork
from tests.simulation.story import CHAPTERS, EMERGENCY, QUESTION_ALONE, Story

FORCE = load_force_file(Path(__file__).parents[2] / "forces" / "merseyside.toml")
SENDERS = {"NotifyUrgent", "Notify"}
LONGER_THAN_A_LEASE = timedelta(seconds=120)


def test_an_emergency_alert_is_nudged_up_its_ladder_until_a_person_has_seen_it(desk: Desk) -> None:
    desk.deliver(EMERGENCY.body)
    desk.pump()
    opened_at = desk.clock.now()
    (opened,) = desk.alerts
    nudged_after = []
    for _ in range(20):
        told_before = len(desk.alerts)
        desk.minute()
        nudges = desk.alerts[told_before:]
        assert [alert["event"] for alert in nudges] in ([], ["nudged"])
        nudged_after += [desk.clock.now() - opened_at] * len(nudges)

    ladder = FORCE.alerts[AlertRank.A1]
    due_after = [step for step in map(ladder.next_nudge, range(len(nudged_after))) if step]
    assert (opened["rank"], opened["event"], opened["nudge"]) == ("A1", "opened", 0)
    assert len(nudged_after) == len(due_after) >= 5
    for due, nudged in zip(due_after, nudged_after, strict=True):
        assert due <= nudged <= due + A_MINUTE
    assert [alert["nudge"] for alert in desk.alerts[1:]] == list(range(1, len(nudged_after) + 1))

    OperatorAtWork(desk).acknowledge(opened["alert_id"])
    desk.pump()
    assert desk.alerts[-1]["event"] == "acknowledged"
    told_before = len(desk.alerts)
    for _ in range(15):
        desk.minute()
    assert desk.alerts[told_before:] == []


def test_life_at_risk_takes_its_second_route_by_its_step_and_whoever_was_called_hears_its_end(
    desk: Desk,
) -> None:
    desk.deliver(EMERGENCY.body)
    desk.pump()
    opened_at = desk.clock.now()
    ladder = FORCE.alerts[AlertRank.A1]
    second = next(step for step in ladder.steps if AlertRoute.SMS in step.on)
    heard: list[tuple[timedelta, str]] = []

    def listen() -> None:
        while calls := desk.aws.receive(TELEPHONE):
            heard.extend((desk.clock.now() - opened_at, json.loads(call.body)["event"]) for call in calls)
            desk.aws.delete(TELEPHONE, [call.receipt_handle for call in calls])

    listen()
    for _ in range(12):
        desk.minute()
        listen()

    after = timedelta(seconds=second.after_seconds)
    assert heard[0][0] >= after
    assert heard[0][0] <= after + A_MINUTE
    assert {event for _, event in heard} == {"nudged"}
    assert len(heard) == len(desk.alerts) - 1 - ladder.steps.index(second)

    OperatorAtWork(desk).acknowledge(desk.alerts[0]["alert_id"])
    desk.pump()
    listen()
    assert heard[-1][1] == "acknowledged"
    quiet = len(heard)
    for _ in range(12):
        desk.minute()
        listen()
    assert len(heard) == quiet


def test_a_consumer_that_dies_with_an_alert_in_hand_leaves_it_open_and_is_told_again(desk: Desk) -> None:
    desk.deliver(EMERGENCY.body)
    while any(desk.hand_over(queue) for queue in MAPPINGS):
        pass
    (in_hand,) = desk.aws.receive(OPERATOR_ALERTS)  # and then it is killed: nothing is deleted

    desk.minute(2)

    told = [(one["event"], one["nudge"]) for one in desk.alerts]
    assert json.loads(in_hand.body)["event"] == "opened"
    assert told == [("opened", 0), ("nudged", 1)]
    (alert,) = [unmarshal(item) for item in desk.aws.items() if item["sk"] == {"S": "alert"}]
    assert alert.get("acknowledged_at") is None


def test_an_alert_that_the_sweep_could_not_nudge_for_an_hour_is_nudged_once_and_not_for_each_step(
    desk: Desk,
) -> None:
    desk.deliver(EMERGENCY.body)
    desk.pump()
    desk.minute(60)

    assert [alert["event"] for alert in desk.alerts] == ["opened", "nudged"]


@pytest.mark.parametrize("fault", [FaultKind.CRASH_AFTER, FaultKind.REFUSED])
def test_a_delivery_that_never_comes_again_reaches_the_desk_once_it_is_archived(
    standing_desk: Desk, fault: FaultKind
) -> None:
    """Ingest dies with the archive written and the queue not; the platform gives up; the orphan is found."""
    desk = standing_desk
    spoilt = "s3 PutObject" if fault is FaultKind.CRASH_AFTER else "sqs SendMessageBatch"
    number = next(point.number for point in play(desk, CHAPTERS[0]).calls if point.call == spoilt)
    desk.reset({number: fault})
    with pytest.raises(AssertionError, match="refused"):
        desk.deliver(EMERGENCY.body, tries=1)
    desk.rest()

    (alert,) = desk.alerts
    assert (alert["rank"], alert["event"]) == ("A1", "opened")
    assert [entry["to"] for entry in desk.graph.seen_by_public()] == [EMERGENCY.person]
    assert desk.clock.now() - BEGINS <= 7 * A_MINUTE


@pytest.mark.parametrize("asleep", [FaultKind.OVERTAKEN, FaultKind.OVERTAKEN_AFTER])
@pytest.mark.parametrize("story", [*CHAPTERS[:2], QUESTION_ALONE], ids=str)
def test_a_worker_that_sleeps_past_its_lease_spoils_nothing(
    standing_desk: Desk, story: Story, asleep: FaultKind, share: Share
) -> None:
    """Another worker has its items by the time it wakes, before or after whatever call it fell asleep.

    Between its start and its call to the platform it does not wake: Lambda ends a worker long before its lease does.
    """
    desk = standing_desk

    def oversleep() -> None:
        sending = asleep is FaultKind.OVERTAKEN and about_to_send(desk.injector.calls)
        desk.clock.at += LONGER_THAN_A_LEASE
        for sweep in SWEEPS:
            desk.sweep(sweep)
        desk.pump(worker=2, watched=False)
        if sending:
            raise Crash

    overtake, desk.injector.overtake = desk.injector.overtake, oversleep
    try:
        calls = [point for point in play(desk, story).calls if point.function in SENDERS]
        sleeping = [point.number for point in calls if not point.reads]
        played = sleeping[:: max(1, len(sleeping) // share(4, len(sleeping)))]
        runs = [play(desk, story, ((number, asleep),)) for number in played]
        broken = [run for run in runs if not run.kept]
    finally:
        desk.injector.overtake = overtake

    assert len(sleeping) > 3
    assert not broken, told(broken)


def about_to_send(calls: list[CallPoint]) -> bool:
    """Whether the last call is one to a platform, or what notify reads between the start and that call."""
    return calls[-1].call.startswith(("graph POST", "secretsmanager"))
