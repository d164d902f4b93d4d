"""What each sweep job reads from its environment: field `table_name` is the variable `TABLE_NAME`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsentOutboxSettings:
    """Settings of the job that nudges outbox items nobody has sent."""

    table_name: str
    outbox_urgent_queue_url: str
    outbox_queue_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UncopiedAttachmentsSettings:
    """Settings of the job that nudges attachments nobody has copied."""

    table_name: str
    attachments_queue_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnacknowledgedAlertsSettings:
    """Settings of the job that nudges open alerts again; `force_file` is relative to the code root."""

    force_file: str
    table_name: str
    outbox_urgent_queue_url: str
    outbox_queue_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrphansSettings:
    """Settings of the job that finds archived deliveries which triage never saw."""

    table_name: str
    archive_bucket_name: str
    replays_queue_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiredClaimsSettings:
    """Settings of the job that frees cases whose claim has run out."""

    table_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HourTotalsSettings:
    """Settings of the job that counts hours anew."""

    table_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveysSettings:
    """Settings of the job that asks people after their case; `force_file` is relative to the code root.

    `survey_url` is where the question's page is, without a closing slash.
    """

    force_file: str
    table_name: str
    survey_url: str
    outbox_urgent_queue_url: str
    outbox_queue_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLettersSettings:
    """Settings of the job that gives dead letters another try; `force_file` is relative to the code root.

    `work_queues` is a JSON object: for each work queue's snake-case name, its `queue_url` and `dlq_url`.
    """

    force_file: str
    table_name: str
    work_queues: str
    outbox_urgent_queue_url: str
    outbox_queue_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastsSettings:
    """Settings of the job that keeps the time of broadcasts; `force_file` is relative to the code root.

    `live_url` is where the public reads them, without a closing slash.
    """

    force_file: str
    table_name: str
    live_url: str
    outbox_urgent_queue_url: str
    outbox_queue_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BacklogSettings:
    """Settings of the job that counts what waits; `force_file` is relative to the code root."""

    force_file: str
    table_name: str
    outbox_urgent_queue_url: str
    outbox_queue_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachedClocksSettings:
    """Settings of the job that calls for cases past their time; `force_file` is relative to the code root."""

    force_file: str
    table_name: str
    outbox_urgent_queue_url: str
    outbox_queue_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionSettings:
    """Settings of the job that disposes of cases on their dates; `force_file` is relative to the code root."""

    force_file: str
    table_name: str
    archive_bucket_name: str
    evidence_bucket_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSealsSettings:
    """Settings of the job that seals the audit's hours; `force_file` is relative to the code root."""

    force_file: str
    table_name: str
    audit_bucket_name: str
    audit_key_secret_arn: str
    outbox_urgent_queue_url: str
    outbox_queue_url: str
