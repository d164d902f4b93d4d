"""A deploy that cannot hurt: versions take over step by step, alarms take them back, and callers follow the alias."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.infra.assembly import Assembly
from tests.infra.test_functions import FUNCTIONS, SCHEDULED

CALLED = sorted(FUNCTIONS.keys() - SCHEDULED.keys())


def test_a_trial_goes_without_versions(desk: Assembly) -> None:
    assert desk.of_type("AWS::Lambda::Alias") == desk.of_type("AWS::Lambda::Version") == {}


@pytest.mark.parametrize("name", [name for name in CALLED if name != "TellControlRoom"])
def test_a_new_version_takes_over_by_a_tenth_a_minute_and_goes_back_on_its_own_errors(
    example_desk: Assembly, name: str
) -> None:
    alias = example_desk.resources[f"{name}Alias"]
    (version,) = example_desk.references_in(alias["Properties"]["FunctionVersion"])
    policy = alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
    (group_name,) = example_desk.references_in(policy["DeploymentGroupName"])
    group = example_desk.properties(group_name)
    assert group_name in alias["DependsOn"]
    assert group["DeploymentConfigName"] == "CodeDeployDefault.LambdaLinear10PercentEvery1Minute"
    assert group["AutoRollbackConfiguration"]["Enabled"] is True
    assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
    alarms = [one["Name"]["Ref"] for one in group["AlarmConfiguration"]["Alarms"]]
    errors = example_desk.properties(alarms[0])
    looked_at = {one["Name"]: one["Value"] for one in errors["Dimensions"]}
    # Errors of this version alone: those of the one before must not keep anybody from mending them.
    assert example_desk.references_in(looked_at["ExecutedVersion"]) == {version}
    assert (errors["MetricName"], errors["Threshold"], errors["Period"]) == ("Errors", 1, 60)


@pytest.mark.parametrize(
    ("name", "metric"),
    [
        ("Operate", "OperateFaults"),
        ("OperateWatch", "OperateFaults"),
        ("Triage", "ContactsFailed"),
        ("Webhooks", "5xx"),
        ("Report", "5xx"),
    ],
)
def test_what_a_function_catches_by_itself_takes_a_deploy_back_too(
    example_desk: Assembly, name: str, metric: str
) -> None:
    alarms = [
        example_desk.properties(one["Name"]["Ref"])["MetricName"]
        for one in example_desk.properties(f"{name}Shift")["AlarmConfiguration"]["Alarms"]
    ]
    assert alarms == ["Errors", metric]


def test_mappings_and_integrations_call_the_alias(example_desk: Assembly) -> None:
    aliases = set(example_desk.of_type("AWS::Lambda::Alias"))
    called: set[str] = set()
    for mapping in example_desk.of_type("AWS::Lambda::EventSourceMapping").values():
        called |= example_desk.references_in(mapping["FunctionName"])
    for integration in example_desk.of_type("AWS::ApiGatewayV2::Integration").values():
        called |= example_desk.references_in(integration["IntegrationUri"])
    for permission in example_desk.of_type("AWS::Lambda::Permission").values():
        assert example_desk.references_in(permission["FunctionName"]) <= aliases
    assert called == aliases


def test_a_job_is_called_as_it_is(example_desk: Assembly) -> None:
    for name in SCHEDULED:
        target = example_desk.properties(f"{name}Schedule")["Target"]["Arn"]
        assert example_desk.references_in(target) == {name}
        assert f"{name}Alias" not in example_desk.resources


def test_an_alarm_of_a_deploy_says_where_to_read_on(example_desk: Assembly) -> None:
    alarms: dict[str, Any] = example_desk.of_type("AWS::CloudWatch::Alarm")
    assert len(alarms) == len(example_desk.of_type("AWS::Lambda::Alias")) + 4
    for alarm in alarms.values():
        assert alarm["AlarmDescription"].endswith("docs/operate.md#take-a-deploy-back.")
        assert not {"AlarmActions", "OKActions"} & alarm.keys()


def test_a_stack_has_room_for_what_a_live_stage_adds(example_desk: Assembly, full_desk: Assembly) -> None:
    assert max(len(each.resources) for each in (example_desk, full_desk)) < 450


def calls_hurt(desk: Assembly, name: str, *, calls_a_minute: int, fails: bool) -> tuple[int, int]:
    """A shift as CodeDeploy makes it by this template: in which minute it goes back (0: never), and failed calls."""
    group = desk.properties(f"{name}Shift")
    found = re.search(r"Linear(\d+)PercentEvery(\d+)Minute", group["DeploymentConfigName"])
    assert found
    step, minutes = int(found[1]), int(found[2])
    (errors, *_) = [one["Name"]["Ref"] for one in group["AlarmConfiguration"]["Alarms"]]
    alarm = desk.properties(errors)
    hurt = 0
    for minute in range(1, 100 // step * minutes):
        on_the_new = calls_a_minute * min(100, step * ((minute - 1) // minutes + 1)) // 100
        failed = on_the_new if fails else 0
        hurt += failed
        if failed >= alarm["Threshold"]:
            return minute, hurt
    return 0, hurt


def test_a_version_that_fails_is_back_before_the_second_tenth_of_calls_has_met_it(
    example_desk: Assembly,
) -> None:
    for name in ("Webhooks", "Triage", "Operate", "NotifyUrgent"):
        assert calls_hurt(example_desk, name, calls_a_minute=60, fails=True) == (1, 6)
        # At night hardly anybody writes: it takes longer, and fewer are hurt.
        minute, hurt = calls_hurt(example_desk, name, calls_a_minute=2, fails=True)
        assert (minute <= 5, hurt) == (True, 1)
        assert calls_hurt(example_desk, name, calls_a_minute=60, fails=False) == (0, 0)
