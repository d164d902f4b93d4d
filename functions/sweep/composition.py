"""Builds each sweep job's real adapters, once, from its environment."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import NamedTuple

from contact_desk.clock import SystemClock
from contact_desk.disposal import Disposer
from contact_desk.force_file import ForceFile, load_force_file
from contact_desk.settings import read_settings
from contact_desk.stores.alert_store import DynamoAlertStore
from contact_desk.stores.archive import S3ArchiveReader
from contact_desk.stores.attachment_store import DynamoAttachments
from contact_desk.stores.audit_disposals import DynamoAuditDisposals
from contact_desk.stores.audit_trail import DynamoAuditTrail
from contact_desk.stores.aws_clients import dynamodb_client, s3_client, secrets_client, sqs_client
from contact_desk.stores.broadcast_store import DynamoBroadcasts, DynamoSwitch
from contact_desk.stores.case_counts import DynamoCaseCounts
from contact_desk.stores.case_desk import DynamoCaseDesk
from contact_desk.stores.dead_letters import SqsDeadLetters
from contact_desk.stores.deletion_requests import DynamoDeletionRequests
from contact_desk.stores.dynamo import Table
from contact_desk.stores.hour_totals import DynamoHourTotals
from contact_desk.stores.outbox_store import DynamoOutboxStore
from contact_desk.stores.queues import SqsNudges, SqsPointerQueue
from contact_desk.stores.record_files import S3RecordFiles
from contact_desk.stores.records import DynamoRecords
from contact_desk.stores.repairs import DynamoRepairs
from contact_desk.stores.seal_vault import S3SealVault
from contact_desk.stores.secrets import SecretsManagerSecret
from contact_desk.stores.survey_store import DynamoSurveys
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

CODE_ROOT = Path(__file__).resolve().parents[2]


class UnsentOutbox(NamedTuple):
    """What the job on unsent outbox items works with."""

    outbox: DynamoOutboxStore
    nudges: SqsNudges


class UncopiedAttachments(NamedTuple):
    """What the job on uncopied attachments works with."""

    records: DynamoAttachments
    queue: SqsPointerQueue


class UnacknowledgedAlerts(NamedTuple):
    """What the job on unacknowledged alerts works with."""

    alerts: DynamoAlertStore
    nudges: SqsNudges
    force: ForceFile


class Orphans(NamedTuple):
    """What the job on orphans works with."""

    archive: S3ArchiveReader
    repairs: DynamoRepairs
    replays: SqsPointerQueue


class DeadLetterRounds(NamedTuple):
    """What the job on dead letters works with."""

    queues: dict[str, SqsDeadLetters]
    repairs: DynamoRepairs
    alerts: DynamoAlertStore
    nudges: SqsNudges
    force: ForceFile


class CountedBacklog(NamedTuple):
    """What the jobs on the backlog and on breached clocks work with."""

    counts: DynamoCaseCounts
    alerts: DynamoAlertStore
    nudges: SqsNudges
    force: ForceFile


class AskedAfterwards(NamedTuple):
    """What the job that asks people after their case works with."""

    cases: DynamoCaseDesk
    surveys: DynamoSurveys
    nudges: SqsNudges
    force: ForceFile
    survey_url: str


class BroadcastTime(NamedTuple):
    """What the job on broadcasts works with."""

    broadcasts: DynamoBroadcasts
    switch: DynamoSwitch
    cases: DynamoCaseDesk
    outbox: DynamoOutboxStore
    alerts: DynamoAlertStore
    nudges: SqsNudges
    force: ForceFile
    live_url: str


class Retention(NamedTuple):
    """What the job on retention works with."""

    disposer: Disposer
    deletions: DynamoDeletionRequests
    force: ForceFile


class AuditSeals(NamedTuple):
    """What the job on the audit's seals works with."""

    trail: DynamoAuditTrail
    vault: S3SealVault
    secret: SecretsManagerSecret
    alerts: DynamoAlertStore
    nudges: SqsNudges
    disposals: DynamoAuditDisposals
    force: ForceFile


@cache
def unsent_outbox() -> UnsentOutbox:
    """The outbox, and the queues that wake notify."""
    settings = read_settings(UnsentOutboxSettings, os.environ)
    return UnsentOutbox(
        DynamoOutboxStore(_table(settings.table_name)),
        _nudges(settings.outbox_urgent_queue_url, settings.outbox_queue_url),
    )


@cache
def uncopied_attachments() -> UncopiedAttachments:
    """The records of attachments, and the queue that has them copied."""
    settings = read_settings(UncopiedAttachmentsSettings, os.environ)
    return UncopiedAttachments(
        DynamoAttachments(_table(settings.table_name)),
        SqsPointerQueue(sqs_client(), settings.attachments_queue_url),
    )


@cache
def unacknowledged_alerts() -> UnacknowledgedAlerts:
    """The alerts, the queues that wake notify, and the force's ladder."""
    settings = read_settings(UnacknowledgedAlertsSettings, os.environ)
    return UnacknowledgedAlerts(
        DynamoAlertStore(_table(settings.table_name)),
        _nudges(settings.outbox_urgent_queue_url, settings.outbox_queue_url),
        load_force_file(CODE_ROOT / settings.force_file),
    )


@cache
def orphans() -> Orphans:
    """The archive, the receipts, and the queue of replays."""
    settings = read_settings(OrphansSettings, os.environ)
    return Orphans(
        S3ArchiveReader(s3_client(), settings.archive_bucket_name),
        DynamoRepairs(_table(settings.table_name)),
        SqsPointerQueue(sqs_client(), settings.replays_queue_url),
    )


@cache
def expired_claims() -> DynamoRepairs:
    """The claims."""
    return DynamoRepairs(_table(read_settings(ExpiredClaimsSettings, os.environ).table_name))


@cache
def hour_totals() -> DynamoHourTotals:
    """What is counted, and the totals."""
    return DynamoHourTotals(_table(read_settings(HourTotalsSettings, os.environ).table_name))


@cache
def surveys() -> AskedAfterwards:
    """The closed cases, the questions, the queues that wake notify, the force, and where the question's page is."""
    settings = read_settings(SurveysSettings, os.environ)
    table = _table(settings.table_name)
    return AskedAfterwards(
        DynamoCaseDesk(table),
        DynamoSurveys(table),
        _nudges(settings.outbox_urgent_queue_url, settings.outbox_queue_url),
        load_force_file(CODE_ROOT / settings.force_file),
        settings.survey_url,
    )


@cache
def dead_letters() -> DeadLetterRounds:
    """Every dead-letter queue with its work queue, the quarantine, and the alerts."""
    settings = read_settings(DeadLettersSettings, os.environ)
    sqs = sqs_client()
    table = _table(settings.table_name)
    return DeadLetterRounds(
        {
            name: SqsDeadLetters(sqs, queue_url=urls["queue_url"], dlq_url=urls["dlq_url"])
            for name, urls in json.loads(settings.work_queues).items()
        },
        DynamoRepairs(table),
        DynamoAlertStore(table),
        _nudges(settings.outbox_urgent_queue_url, settings.outbox_queue_url),
        load_force_file(CODE_ROOT / settings.force_file),
    )


@cache
def breached_clocks() -> CountedBacklog:
    """The cases that nobody has looked at, the alerts, the queues that wake notify, and the force's ladder."""
    return _counted(read_settings(BreachedClocksSettings, os.environ))


@cache
def backlog() -> CountedBacklog:
    """The counts, the alerts, the queues that wake notify, and the force's thresholds."""
    return _counted(read_settings(BacklogSettings, os.environ))


def _counted(settings: BacklogSettings | BreachedClocksSettings) -> CountedBacklog:
    table = _table(settings.table_name)
    return CountedBacklog(
        DynamoCaseCounts(table),
        DynamoAlertStore(table),
        _nudges(settings.outbox_urgent_queue_url, settings.outbox_queue_url),
        load_force_file(CODE_ROOT / settings.force_file),
    )


@cache
def broadcasts() -> BroadcastTime:
    """The broadcasts, the cases of those who were answered with them, the queues that wake notify, and the force."""
    settings = read_settings(BroadcastsSettings, os.environ)
    table = _table(settings.table_name)
    return BroadcastTime(
        DynamoBroadcasts(table),
        DynamoSwitch(table),
        DynamoCaseDesk(table),
        DynamoOutboxStore(table),
        DynamoAlertStore(table),
        _nudges(settings.outbox_urgent_queue_url, settings.outbox_queue_url),
        load_force_file(CODE_ROOT / settings.force_file),
        settings.live_url,
    )


@cache
def retention() -> Retention:
    """The records with both buckets, what platforms ask to delete, and the force's classes."""
    settings = read_settings(RetentionSettings, os.environ)
    files = S3RecordFiles(
        s3_client(), archive=settings.archive_bucket_name, evidence=settings.evidence_bucket_name
    )
    table = _table(settings.table_name)
    return Retention(
        Disposer(DynamoRecords(table), files, SystemClock()),
        DynamoDeletionRequests(table),
        load_force_file(CODE_ROOT / settings.force_file),
    )


@cache
def audit_seals() -> AuditSeals:
    """The audit, the vault of its seals with their key, and the alerts for the auditor."""
    settings = read_settings(AuditSealsSettings, os.environ)
    table = _table(settings.table_name)
    return AuditSeals(
        DynamoAuditTrail(table),
        S3SealVault(s3_client(), settings.audit_bucket_name),
        SecretsManagerSecret(secrets_client(), settings.audit_key_secret_arn, SystemClock()),
        DynamoAlertStore(table),
        _nudges(settings.outbox_urgent_queue_url, settings.outbox_queue_url),
        DynamoAuditDisposals(table),
        load_force_file(CODE_ROOT / settings.force_file),
    )


def _table(name: str) -> Table:
    return Table(dynamodb_client(), name)


def _nudges(urgent_queue_url: str, queue_url: str) -> SqsNudges:
    return SqsNudges(sqs_client(), urgent_queue_url=urgent_queue_url, queue_url=queue_url)
