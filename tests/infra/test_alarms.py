"""Nothing goes wrong in silence: what is watched, and where alarms go."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.infra.assembly import Assembly, listed
from tests.infra.test_functions import FUNCTIONS, SCHEDULED

FUNCTIONS_FOLDER = Path(__file__).parents[2] / "functions"
# Those of them that tell a state: their lowest value calls.
STATES = {"CredentialDaysLeft"}
# Counts of the desk's own that call a person, and the Lambdas that keep them.
WATCHED = {
    ("AccessRevoked", "webhooks"),
    ("FeedBreaches", "notify_urgent"),
    ("FeedBreaches", "refresh_feed"),
    ("FeedRepaired", "refresh_feed"),
    ("ReplaysFailed", "replay"),
    ("ContactsFailed", "triage"),
    ("ContactsCaughtUp", "triage"),
    ("CatchUpsStopped", "catch_up"),
    ("SubscriptionsRepaired", "channel_health"),
    ("ChannelsSilent", "channel_health"),
    ("ChannelLooksFailed", "channel_health"),
    ("CredentialDaysLeft", "channel_health"),
    ("NudgesLost", "triage"),
    ("NudgesRefused", "operate"),
    ("PublishingStopped", "operate"),
    ("BroadcastsLapsed", "sweep_broadcasts"),
    ("OperateFaults", "operate"),
    ("OperateFaults", "operate_watch"),
    ("OutboxPostponed", "notify_urgent"),
    ("OutboxPostponed", "notify"),
    ("AttachmentsRefused", "copy_attachments"),
    ("AttachmentsGone", "copy_attachments"),
    ("AttachmentsNotStored", "copy_attachments"),
    ("AttachmentsWithoutCredentials", "copy_attachments"),
    ("SignatureRefused", "webhooks"),
    ("DeliveriesParked", "webhooks"),
    ("ParkingRefused", "webhooks"),
    ("UnknownAccount", "webhooks"),
    ("UnreadableContacts", "webhooks"),
    ("PolicyEnforcement", "webhooks"),
    ("OrphansFound", "sweep_orphans"),
    ("CountingBehindMinutes", "sweep_hour_totals"),
    ("AlertHookFailed", "tell_control_room"),
    ("DeletionsRefused", "data_deletion"),
    ("DeletionsUnmatched", "data_deletion"),
    ("AlertHookNotSet", "tell_control_room"),
    ("AlertHookUnreadable", "tell_control_room"),
    ("DeadLettersQuarantined", "sweep_dead_letters"),
    ("OutboxNeedsHuman", "notify_urgent"),
    ("OutboxNeedsHuman", "notify"),
    ("OutboxInDoubt", "notify_urgent"),
    ("OutboxInDoubt", "notify"),
    ("OutboxNotDelivered", "confirm"),
    ("OutboxFailed", "notify_urgent"),
    ("OutboxFailed", "notify"),
}


@pytest.fixture
def alarms(desk: Assembly) -> list[dict[str, Any]]:
    return list(desk.watch.of_type("AWS::CloudWatch::Alarm").values())


def watching(
    desk: Assembly, alarms: list[dict[str, Any]], metric: str, resource: str
) -> list[dict[str, Any]]:
    """The alarms on a metric of AWS's own whose dimensions name the resource."""
    return [
        alarm
        for alarm in alarms
        if alarm["MetricName"] == metric and resource in desk.references_in(alarm["Dimensions"])
    ]


def keeps(service: str, metric: str) -> bool:
    """Whether the code of the function's own folder names the count."""
    (folder,) = {handler.split(".")[1] for handler, _, name in FUNCTIONS.values() if name == service}
    named = re.compile(rf'["\']{metric}["\']')
    return any(named.search(path.read_text()) for path in (FUNCTIONS_FOLDER / folder).rglob("*.py"))


def test_every_queue_has_an_alarm_on_age_or_on_its_first_message(
    desk: Assembly, alarms: list[dict[str, Any]]
) -> None:
    for name in desk.of_type("AWS::SQS::Queue"):
        if name.endswith(("Dlq", "FailuresQueue")):
            (alarm,) = watching(desk, alarms, "ApproximateNumberOfMessagesVisible", name)
            assert alarm["Threshold"] == 1, name
        else:
            (alarm,) = watching(desk, alarms, "ApproximateAgeOfOldestMessage", name)
            assert 60 <= alarm["Threshold"] <= 24 * 3600, name
        assert alarm["Statistic"] == "Maximum"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_alarms_on_errors_throttles_and_time(
    desk: Assembly, alarms: list[dict[str, Any]], name: str
) -> None:
    for metric in ("Errors", "Throttles"):
        (alarm,) = watching(desk, alarms, metric, name)
        assert (alarm["Threshold"], alarm["Statistic"]) == (1, "Sum")
    (slow,) = watching(desk, alarms, "Duration", name)
    assert slow["Threshold"] == 0.8 * 1000 * desk.properties(name)["Timeout"]
    assert slow["ExtendedStatistic"] == "p99"


@pytest.mark.parametrize("name", SCHEDULED)
def test_a_scheduled_function_that_drops_runs_or_falls_silent_is_noticed(
    desk: Assembly, alarms: list[dict[str, Any]], name: str
) -> None:
    assert len(watching(desk, alarms, "AsyncEventsDropped", name)) == 1
    (silent,) = watching(desk, alarms, "Invocations", name)
    assert silent["TreatMissingData"] == "breaching"
    assert (silent["ComparisonOperator"], silent["Threshold"]) == ("LessThanThreshold", 1)
    assert silent["Period"] * silent["EvaluationPeriods"] <= max(300, 3 * SCHEDULED[name][1])


def test_throttling_of_the_table_and_of_each_index_is_noticed(
    desk: Assembly, alarms: list[dict[str, Any]]
) -> None:
    for metric in ("ReadThrottleEvents", "WriteThrottleEvents"):
        indexes = {
            dimension["Value"]
            for alarm in watching(desk, alarms, metric, "DeskTable")
            for dimension in alarm["Dimensions"]
            if dimension["Name"] == "GlobalSecondaryIndexName"
        }
        assert indexes == {"changes", "desk", "due", "hours"}
        assert len(watching(desk, alarms, metric, "DeskTable")) == 5


def test_an_error_of_the_api_is_noticed(desk: Assembly, alarms: list[dict[str, Any]]) -> None:
    assert len(watching(desk, alarms, "5xx", "HttpApi")) == 1


def test_the_desks_own_counts_are_watched(alarms: list[dict[str, Any]]) -> None:
    own = [alarm for alarm in alarms if alarm["Namespace"] == "ContactDesk/merseyside/dev"]
    assert {(alarm["MetricName"], _service(alarm)) for alarm in own} == WATCHED
    for alarm in own:
        assert alarm["TreatMissingData"] == "notBreaching"
        assert alarm["Statistic"] == ("Minimum" if alarm["MetricName"] in STATES else "Sum")


def test_a_credential_that_ends_within_a_fortnight_is_noticed(alarms: list[dict[str, Any]]) -> None:
    said = {
        (alarm["ComparisonOperator"], alarm["Threshold"]): alarm["AlarmDescription"]
        for alarm in alarms
        if alarm["MetricName"] == "CredentialDaysLeft"
    }
    assert "Severity: notice." in said["LessThanOrEqualToThreshold", 13]
    assert "Severity: page." in said["LessThanOrEqualToThreshold", 0]


@pytest.mark.parametrize(("metric", "service"), sorted(WATCHED))
def test_a_watched_count_is_one_that_its_function_keeps(metric: str, service: str) -> None:
    assert keeps(service, metric)


def test_the_dashboard_shows_counts_that_functions_keep(desk: Assembly) -> None:
    (dashboard,) = desk.watch.of_type("AWS::CloudWatch::Dashboard").values()
    body = "".join(part for part in dashboard["DashboardBody"]["Fn::Join"][1] if isinstance(part, str))
    shown = set(re.findall(r'"ContactDesk/merseyside/dev","(\w+)","service","(\w+)"', body))
    assert shown >= WATCHED
    assert [(metric, service) for metric, service in sorted(shown) if not keeps(service, metric)] == []


def test_cloudwatch_may_publish_to_both_topics(desk: Assembly) -> None:
    allowed = [
        statement
        for policy in desk.of_type("AWS::SNS::TopicPolicy").values()
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    ]
    assert [(each["Principal"], each["Action"], each["Resource"]) for each in allowed] == [
        ({"Service": "cloudwatch.amazonaws.com"}, "sns:Publish", {"Ref": topic})
        for topic in ("AlarmsTopic", "NoticesTopic")
    ]


def test_what_only_aws_can_run_is_not_in_the_desks_own_stack(desk: Assembly) -> None:
    kinds = {resource["Type"].split("::")[1] for resource in desk.resources.values()}
    assert not kinds & {"CloudWatch", "CodeDeploy", "WAFv2", "Synthetics"}


def test_the_dashboard_begins_with_whether_the_desk_is_well(desk: Assembly) -> None:
    (dashboard,) = desk.watch.of_type("AWS::CloudWatch::Dashboard").values()
    parts = dashboard["DashboardBody"]["Fn::Join"][1]
    widgets = json.loads("".join(part if isinstance(part, str) else written(part) for part in parts))[
        "widgets"
    ]
    first, pages, notices, *numbers = sorted(widgets, key=lambda one: (one["y"], one["x"]))[:7]
    assert "Is the desk well?" in first["properties"]["markdown"]
    composites = desk.watch.of_type("AWS::CloudWatch::CompositeAlarm")
    calling = {name for name, one in composites.items() if one.get("AlarmActions")}
    shown = [set(one["properties"]["alarms"]) for one in (pages, notices)]
    assert shown[0] | shown[1] == calling
    assert all(name.endswith("Page") for name in shown[0])
    assert all(name.endswith("Notice") for name in shown[1])
    assert {one["properties"]["view"] for one in numbers} == {"singleValue"}
    # A screen holds some twenty rows: ten seconds are not for scrolling.
    assert max(one["y"] + one["height"] for one in numbers) <= 16


def written(value: dict[str, Any]) -> str:
    """What a part of the dashboard refers to, by its logical id."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]}:
            return name
        case _:
            raise AssertionError(value)


def test_the_dashboard_shows_every_function_and_every_queue(desk: Assembly) -> None:
    (dashboard,) = desk.watch.of_type("AWS::CloudWatch::Dashboard").values()
    shown = desk.references_in(dashboard["DashboardBody"])
    queues = desk.of_type("AWS::SQS::Queue").keys() - {
        name for name in desk.of_type("AWS::SQS::Queue") if name.endswith("FailuresQueue")
    }
    for name in queues:
        # A queue's metrics go by its name, which is a part of what the template knows it by.
        assert name in shown
    assert shown >= FUNCTIONS.keys()


def _service(alarm: dict[str, Any]) -> str:
    (dimension,) = listed(alarm["Dimensions"])
    assert dimension["Name"] == "service"
    return str(dimension["Value"])
