"""After a restart no schedule fires for the time in which nothing ran; which functions it need not wait for."""

from __future__ import annotations

from local.deploy import Deployment
from local.emulator.schedules import FiredSinceTheStart

STARTED = 1_000_000.0


def test_a_schedule_of_yesterday_counts_from_the_start() -> None:
    fired = FiredSinceTheStart({}, started=STARTED)
    fired["sweep"] = STARTED - 86_400

    assert fired["sweep"] == STARTED


def test_what_fires_later_fires_when_it_says() -> None:
    fired = FiredSinceTheStart({}, started=STARTED)
    fired["sweep"] = STARTED + 60

    assert fired["sweep"] == STARTED + 60
    assert "canary" not in fired


def test_nobody_waits_for_what_only_a_schedule_calls() -> None:
    function = {"Type": "AWS::Lambda::Function"}
    arn = {"Fn::GetAtt": ["Sweep", "Arn"]}
    schedule = {"Type": "AWS::Scheduler::Schedule", "Properties": {"Target": {"Arn": arn}}}
    template = {"Resources": {"Sweep": function, "Triage": function, "SweepSchedule": schedule}}
    deployment = Deployment(outputs={}, physical_ids={"Sweep": "desk-Sweep-1", "Triage": "desk-Triage-2"})

    assert deployment.functions_for_people(template) == ["desk-Triage-2"]
