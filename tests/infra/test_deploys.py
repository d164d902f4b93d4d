"""A deploy that cannot hurt: versions take over step by step, alarms take them back, and callers follow the alias."""

from __future__ import annotations

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
    errors, faults = (example_desk.properties(alarm) for alarm in alarms[:2])
    # What this version did alone: faults of the one before must not keep anybody from mending them.
    for one in (errors, faults):
        looked_at = {each["Name"]: each["Value"] for each in one["Dimensions"]}
        named = looked_at.get("ExecutedVersion") or looked_at["version"]
        assert example_desk.references_in(named) == {version}
        assert (one["Threshold"], one["Period"], one["TreatMissingData"]) == (1, 60, "notBreaching")
    assert (errors["MetricName"], faults["MetricName"]) == ("Errors", "Faults")
    assert {"Name": "service", "Value": FUNCTIONS[name][2]} in faults["Dimensions"]


@pytest.mark.parametrize("name", ["Webhooks", "Report"])
def test_what_the_public_gets_for_an_answer_takes_a_deploy_back_too(
    example_desk: Assembly, name: str
) -> None:
    alarms = [
        example_desk.properties(one["Name"]["Ref"])["MetricName"]
        for one in example_desk.properties(f"{name}Shift")["AlarmConfiguration"]["Alarms"]
    ]
    assert alarms == ["Errors", "Faults", "5xx"]


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
    assert len(alarms) == 2 * len(example_desk.of_type("AWS::Lambda::Alias")) + 1
    for alarm in alarms.values():
        assert alarm["AlarmDescription"].endswith("docs/operate.md#take-a-deploy-back.")
        assert not {"AlarmActions", "OKActions"} & alarm.keys()


def test_a_stack_has_room_for_what_a_live_stage_adds(example_desk: Assembly, full_desk: Assembly) -> None:
    assert max(len(each.resources) for each in (example_desk, full_desk)) < 450
