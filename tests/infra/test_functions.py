"""Each function: its code's place, its environment, and the house defaults."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest

from functions.attachments.copying import LEASE, ONE_FILE_TAKES
from functions.attachments.settings import AttachmentsSettings
from functions.data_deletion.settings import DataDeletionSettings
from functions.ingest.settings import (
    CatchUpSettings,
    ChannelHealthSettings,
    ReplaySettings,
    WebhooksSettings,
)
from functions.notify.settings import (
    AlertHookSettings,
    ConfirmSettings,
    NotifySettings,
    RefreshFeedSettings,
)
from functions.operate.settings import OperateSettings
from functions.report.settings import ReportSettings
from functions.survey.settings import SurveySettings
from functions.sweep.settings import (
    AuditSealsSettings,
    BacklogSettings,
    BreachedClocksSettings,
    BroadcastsSettings,
    DeadLettersSettings,
    ExpiredClaimsSettings,
    HourTotalsSettings,
    OrphansSettings,
    RetentionSettings,
    SurveysSettings,
    UnacknowledgedAlertsSettings,
    UncopiedAttachmentsSettings,
    UnsentOutboxSettings,
)
from functions.triage.settings import TriageSettings
from tests.infra.assembly import Assembly

HOUSE_VARIABLES = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL"}
FUNCTIONS: dict[str, tuple[str, type[Any], str]] = {
    "Webhooks": ("functions.ingest.handler.handle", WebhooksSettings, "webhooks"),
    "Replay": ("functions.ingest.replay.handle", ReplaySettings, "replay"),
    "CatchUp": ("functions.ingest.catch_up.handle", CatchUpSettings, "catch_up"),
    "ChannelHealth": ("functions.ingest.channel_watch.handle", ChannelHealthSettings, "channel_health"),
    "Report": ("functions.report.handler.handle", ReportSettings, "report"),
    "Triage": ("functions.triage.handler.handle", TriageSettings, "triage"),
    "NotifyUrgent": ("functions.notify.handler.handle", NotifySettings, "notify_urgent"),
    "Notify": ("functions.notify.handler.handle", NotifySettings, "notify"),
    "RefreshFeed": ("functions.notify.refresh_feed.handle", RefreshFeedSettings, "refresh_feed"),
    "Confirm": ("functions.notify.confirm.handle", ConfirmSettings, "confirm"),
    "CopyAttachments": ("functions.attachments.handler.handle", AttachmentsSettings, "copy_attachments"),
    "TellControlRoom": ("functions.notify.alert_hook.handle", AlertHookSettings, "tell_control_room"),
    "Operate": ("functions.operate.handler.handle", OperateSettings, "operate"),
    "OperateWatch": ("functions.operate.handler.handle", OperateSettings, "operate_watch"),
    "SweepUnsentOutbox": (
        "functions.sweep.unsent_outbox.handle",
        UnsentOutboxSettings,
        "sweep_unsent_outbox",
    ),
    "SweepUncopiedAttachments": (
        "functions.sweep.uncopied_attachments.handle",
        UncopiedAttachmentsSettings,
        "sweep_uncopied_attachments",
    ),
    "SweepUnacknowledgedAlerts": (
        "functions.sweep.unacknowledged_alerts.handle",
        UnacknowledgedAlertsSettings,
        "sweep_unacknowledged_alerts",
    ),
    "SweepOrphans": ("functions.sweep.orphans.handle", OrphansSettings, "sweep_orphans"),
    "SweepExpiredClaims": (
        "functions.sweep.expired_claims.handle",
        ExpiredClaimsSettings,
        "sweep_expired_claims",
    ),
    "SweepHourTotals": ("functions.sweep.hour_totals.handle", HourTotalsSettings, "sweep_hour_totals"),
    "Survey": ("functions.survey.handler.handle", SurveySettings, "survey"),
    "DataDeletion": ("functions.data_deletion.handler.handle", DataDeletionSettings, "data_deletion"),
    "SweepSurveys": ("functions.sweep.surveys.handle", SurveysSettings, "sweep_surveys"),
    "SweepBroadcasts": ("functions.sweep.broadcasts.handle", BroadcastsSettings, "sweep_broadcasts"),
    "SweepAuditSeals": ("functions.sweep.audit_seals.handle", AuditSealsSettings, "sweep_audit_seals"),
    "SweepRetention": ("functions.sweep.retention.handle", RetentionSettings, "sweep_retention"),
    "SweepBacklog": ("functions.sweep.backlog.handle", BacklogSettings, "sweep_backlog"),
    "SweepBreachedClocks": (
        "functions.sweep.breached_clocks.handle",
        BreachedClocksSettings,
        "sweep_breached_clocks",
    ),
    "SweepDeadLetters": ("functions.sweep.dead_letters.handle", DeadLettersSettings, "sweep_dead_letters"),
}
SWEEPS = [name for name in FUNCTIONS if name.startswith("Sweep")]
# Each scheduled function: how often it runs, and whose schedules it is among.
SCHEDULED = {
    **dict.fromkeys(SWEEPS, ("rate(1 minute)", 60, "Sweep")),
    **dict.fromkeys(["SweepAuditSeals", "SweepRetention"], ("rate(15 minutes)", 900, "Sweep")),
    "RefreshFeed": ("rate(1 minute)", 60, "Notify"),
    **dict.fromkeys(["CatchUp", "ChannelHealth"], ("rate(5 minutes)", 300, "Ingest")),
}
# What each settings field leads to, by its logical id or its literal value.
LEADS_TO: dict[str, Any] = {
    "archive_bucket_name": "ArchiveBucket",
    "attachments_queue_url": "AttachmentsQueue",
    "audit_bucket_name": "AuditBucket",
    "audit_key_secret_arn": "AuditKeySecret",
    "confirmations_queue_url": "ConfirmationsQueue",
    "cursors_parameter_name": "CatchUpCursorsParameter",
    "evidence_bucket_name": "EvidenceBucket",
    "form_seal_secret_arn": "ReportFormSealSecret",
    "graph_api_url": "GraphApiUrl",
    "meta_media_secret_arn": "MetaMediaSecret",
    "meta_secret_arn": "MetaSecret",
    "hold_parameter_name": "HoldParameter",
    "hook_queue_url": "ControlRoomAlertsQueue",
    "hook_secret_arn": "AlertHookControlRoomSecret",
    "meta_publishing_secret_arn": "MetaPublishingSecret",
    "x_publishing_secret_arn": "XPublishingSecret",
    "sms_publishing_secret_arn": "SmsPublishingSecret",
    "x_api_url": "XApiUrl",
    "twilio_api_url": "TwilioApiUrl",
    "operator_alerts_topic_arn": "OperatorAlertsTopic",
    "sms_list_topic_arn": "SmsListTopic",
    "email_list_topic_arn": "EmailListTopic",
    "outbox_queue_url": "OutboxQueue",
    "pages_bucket_name": "PagesBucket",
    "outbox_urgent_queue_url": "OutboxUrgentQueue",
    "private_contacts_queue_url": "PrivateContactsQueue",
    "public_contacts_queue_url": "PublicContactsQueue",
    "replays_queue_url": "ReplaysQueue",
    "sms_media_secret_arn": "SmsMediaSecret",
    "stand_in_host": "StandInHost",
    "table_name": "DeskTable",
}
# What leads to several things, and has a test of its own.
ELSEWHERE = {
    "work_queues",
    "webhook_secret_arns",
    "public_url",
    "pages_url",
    "live_url",
    "survey_url",
    "console_url",
}
LITERALS = {
    "force_file": "forces/merseyside.toml",
    "roles_claim": "cognito:groups",
    "hook": "control_room",
    "feed_status": "Test",
    "second_reads_queue_url": "none",
    "sent_until": "none",
}


def test_there_is_no_other_function(desk: Assembly) -> None:
    assert set(desk.of_type("AWS::Lambda::Function")) == set(FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_environment_is_the_settings_and_the_house_variables(desk: Assembly, name: str) -> None:
    handler, settings, service = FUNCTIONS[name]
    function = desk.properties(name)
    variables = function["Environment"]["Variables"]
    assert function["Handler"] == handler
    assert set(variables) == {field.name.upper() for field in fields(settings)} | HOUSE_VARIABLES
    assert variables["POWERTOOLS_SERVICE_NAME"] == service
    assert variables["POWERTOOLS_METRICS_NAMESPACE"] == "ContactDesk/merseyside/dev"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_setting_leads_to_what_its_name_says(desk: Assembly, name: str) -> None:
    variables = desk.properties(name)["Environment"]["Variables"]
    for field in fields(FUNCTIONS[name][1]):
        value = variables[field.name.upper()]
        if field.name in LITERALS:
            assert value == LITERALS[field.name]
        elif field.name not in ELSEWHERE:
            assert desk.references_in(value) == {LEADS_TO[field.name]}


def test_webhooks_know_the_secret_of_each_platform(desk: Assembly) -> None:
    parts = desk.properties("Webhooks")["Environment"]["Variables"]["WEBHOOK_SECRET_ARNS"]["Fn::Join"][1]
    secrets = json.loads("".join(part if isinstance(part, str) else part["Fn::GetAtt"][0] for part in parts))
    assert secrets == {"meta": "MetaSecret", "x": "XSecret", "sms": "SmsSecret"}


def test_dead_letter_sweep_knows_each_work_queue_and_its_dlq(desk: Assembly) -> None:
    variables = desk.properties("SweepDeadLetters")["Environment"]["Variables"]
    parts = variables["WORK_QUEUES"]["Fn::Join"][1]
    queues = json.loads("".join(part if isinstance(part, str) else part["Ref"] for part in parts))
    assert queues == {
        name: {"queue_url": f"{pascal}Queue", "dlq_url": f"{pascal}Dlq"}
        for name, pascal in {
            "private_contacts": "PrivateContacts",
            "public_contacts": "PublicContacts",
            "replays": "Replays",
            "confirmations": "Confirmations",
            "outbox_urgent": "OutboxUrgent",
            "outbox": "Outbox",
            "attachments": "Attachments",
        }.items()
    }


@pytest.mark.parametrize("name", FUNCTIONS)
def test_house_defaults_hold(desk: Assembly, name: str) -> None:
    function = desk.properties(name)
    assert function["Runtime"] == "python3.13"
    assert function["Architectures"] == ["arm64"]
    assert function["TracingConfig"] == {"Mode": "Active"}
    layers = {"CoreLayer", "VendorLayer"} | ({"TriageLibraries"} if name == "Triage" else set())
    loaded = [one for layer in function["Layers"] for one in desk.references_in(layer)]
    assert sorted(loaded) == sorted(_only(desk, layer) for layer in layers)
    assert function["LoggingConfig"]["LogFormat"] == "JSON"
    (log_group,) = desk.references_in(function["LoggingConfig"]["LogGroup"])
    assert desk.properties(log_group)["RetentionInDays"] == 14
    assert desk.references_in(function["Role"]) == {f"{name}Role"}


def test_logs_of_a_live_stage_stay_three_months(example_desk: Assembly) -> None:
    kept = {group["RetentionInDays"] for group in example_desk.of_type("AWS::Logs::LogGroup").values()}
    assert kept == {90}


def test_functions_that_queues_feed_keep_enough_concurrency_for_them(desk: Assembly) -> None:
    wanted: dict[str, int] = {}
    for mapping in desk.of_type("AWS::Lambda::EventSourceMapping").values():
        (function,) = desk.references_in(mapping["FunctionName"])
        wanted[function] = wanted.get(function, 0) + mapping["ScalingConfig"]["MaximumConcurrency"]
    assert set(wanted) == {
        "Triage",
        "Replay",
        "Confirm",
        "NotifyUrgent",
        "Notify",
        "CopyAttachments",
        "TellControlRoom",
    }
    for name, most in wanted.items():
        assert most <= desk.properties(name)["ReservedConcurrentExecutions"], name


@pytest.mark.parametrize("name", SCHEDULED)
def test_each_scheduled_function_runs_in_time_and_leaves_a_record_when_it_fails(
    desk: Assembly, name: str
) -> None:
    rate, seconds, owner = SCHEDULED[name]
    schedule = desk.properties(f"{name}Schedule")
    assert schedule["ScheduleExpression"] == rate
    assert schedule.get("State", "ENABLED") == "ENABLED"
    assert desk.references_in(schedule["Target"]["Arn"]) == {name}
    assert desk.references_in(schedule["Target"]["RoleArn"]) == {f"{owner}ScheduleRole"}
    assert desk.references_in(schedule["Target"]["DeadLetterConfig"]) == {f"{owner}FailuresQueue"}
    (invocations,) = [
        properties
        for properties in desk.of_type("AWS::Lambda::EventInvokeConfig").values()
        if desk.references_in(properties["FunctionName"]) == {name}
    ]
    assert invocations["MaximumRetryAttempts"] == 0
    assert desk.references_in(invocations["DestinationConfig"]) == {f"{owner}FailuresQueue"}
    # A run that outlasted its time would meet the next one.
    assert desk.properties(name)["Timeout"] < seconds


def test_a_file_has_time_to_be_fetched_and_a_lease_outlasts_whoever_took_it(desk: Assembly) -> None:
    timeout = timedelta(seconds=desk.properties("CopyAttachments")["Timeout"])
    assert ONE_FILE_TAKES < timeout < LEASE


def test_only_a_trial_desk_can_be_told_of_a_stand_in_and_only_of_one_on_loopback(
    desk: Assembly, example_desk: Assembly
) -> None:
    parameter = desk.template["Parameters"]["StandInHost"]
    assert parameter["Default"] == "none"
    allowed = re.compile(parameter["AllowedPattern"])
    elsewhere = ("", "10.0.0.1:80", "127.0.0.1", "example.org:80", "127.0.0.1:80.evil.example")
    assert all(map(allowed.fullmatch, ("none", "127.0.0.1:8781")))
    assert not any(map(allowed.fullmatch, elsewhere))
    assert "StandInHost" not in example_desk.template["Parameters"]
    variables = example_desk.properties("CopyAttachments")["Environment"]["Variables"]
    assert variables["STAND_IN_HOST"] == "none"


def test_there_is_no_other_schedule(desk: Assembly) -> None:
    assert set(desk.of_type("AWS::Scheduler::Schedule")) == {f"{name}Schedule" for name in SCHEDULED}


def _only(desk: Assembly, start: str) -> str:
    (name,) = [name for name in desk.of_type("AWS::Lambda::LayerVersion") if name.startswith(start)]
    return name
