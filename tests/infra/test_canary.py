"""The canary: on where contacts are at stake, with an alarm for each channel that rings when nothing is heard."""

from __future__ import annotations

from pathlib import Path

import pytest

from contact_desk.force_file import load_force_file
from contact_desk.stage_rules import StageRules
from functions.ingest.canary_deliveries import BODIES
from infra.stage import Stage
from tests.infra.assembly import Assembly, listed
from tests.infra.everything import MESSAGES_KEY
from tests.infra.test_roles import granted, of_keys

CHANNELS = load_force_file(Path(__file__).parents[2] / "forces/merseyside.toml").channels
READ_SECRET = {"secretsmanager:GetSecretValue"}


@pytest.mark.parametrize(
    ("stage", "rules", "there"),
    [
        ("dev", {}, False),
        ("live", {}, True),
        ("dev", {"canaries": True}, True),
        ("live", {"canaries": False}, False),
    ],
)
def test_every_stage_but_the_trial_has_canaries_unless_the_force_file_says(
    stage: str, rules: dict[str, bool], there: bool
) -> None:
    assert Stage.named(stage, StageRules.model_validate(rules)).has_canaries is there


def test_a_stage_without_canaries_deploys_nothing_of_them(desk: Assembly) -> None:
    assert "Canary" not in desk.of_type("AWS::Lambda::Function")
    assert not any("Canary" in name for name in desk.watch.of_type("AWS::CloudWatch::Alarm"))


def test_every_channel_has_an_alarm_that_pages_when_nothing_is_heard_of_its_canary(
    full_desk: Assembly,
) -> None:
    alarms = [
        alarm
        for alarm in full_desk.watch.of_type("AWS::CloudWatch::Alarm").values()
        if alarm["MetricName"] == "CanaryArrived"
    ]
    watched = {
        one["Value"] for alarm in alarms for one in listed(alarm["Dimensions"]) if one["Name"] == "channel"
    }
    assert watched == set(CHANNELS) == set(BODIES)
    for alarm in alarms:
        assert {"Name": "service", "Value": "canary"} in alarm["Dimensions"]
        assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 1)
        assert (alarm["TreatMissingData"], alarm["Statistic"], alarm["Period"]) == ("breaching", "Sum", 300)
        assert "Severity: page. Owner: platform team." in alarm["AlarmDescription"]
        assert alarm["AlarmDescription"].endswith("#a-canary-does-not-arrive.")


def test_a_fault_upstream_keeps_the_canarys_page_quiet(full_desk: Assembly) -> None:
    composites = full_desk.watch.of_type("AWS::CloudWatch::CompositeAlarm")
    suppressor = composites["CanaryPage"]["ActionsSuppressor"]["Ref"]
    rule = str(composites[suppressor]["AlarmRule"])
    for cause in ("ApiPage", "IntakePage", "SignaturesPage", "TriagePage", "TablePage"):
        assert cause in rule


def test_it_may_read_what_signs_and_when_triage_had_a_canary_and_nothing_else(full_desk: Assembly) -> None:
    rights = granted(full_desk, "Canary")
    keys = of_keys(rights)
    for resource in (*keys, "*", MESSAGES_KEY):
        rights.pop(resource, None)
    (log_group,) = full_desk.references_in(full_desk.properties("Canary")["LoggingConfig"]["LogGroup"])
    del rights[log_group]
    assert rights == {
        "MetaSecret": READ_SECRET,
        "XSecret": READ_SECRET,
        "SmsSecret": READ_SECRET,
        "DeskTable": {"dynamodb:GetItem"},
        "CanaryFailuresQueue": {"sqs:SendMessage"},
    }
    (statement,) = (
        each for each in full_desk.statements_of("CanaryRole") if "dynamodb:GetItem" in listed(each["Action"])
    )
    assert statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] == ["channel#*"]


def test_it_runs_each_minute_and_is_missed_when_it_does_not(full_desk: Assembly) -> None:
    assert full_desk.properties("CanarySchedule")["ScheduleExpression"] == "rate(1 minute)"
    assert full_desk.watch.properties("CanarySilent")["TreatMissingData"] == "breaching"
    assert full_desk.properties("Canary")["Timeout"] < 60
