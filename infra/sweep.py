"""sweep: every minute, whatever fell between two steps is pushed on; one Lambda and one schedule per job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aws_cdk import Duration, Stack
from aws_cdk import aws_kms as kms
from constructs import Construct

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
from infra.alarms import Alarms
from infra.archive import Archive
from infra.audit import Audit
from infra.desk_table import DeskTable
from infra.python_function import House, InvokedBy, PythonFunction
from infra.runbooks import Runbook
from infra.schedules import Schedules
from infra.work_queue import WorkQueue

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

# Less than the schedule's minute, so that a job never overtakes itself.
JOB_TIMEOUT = Duration.seconds(50)
EVERY_MINUTE, QUARTER_OF_AN_HOUR = Duration.minutes(1), Duration.minutes(15)


class Sweep(Construct):
    """The jobs and their schedules: a failed run is not tried again, the next one starts within the minute."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        house: House,
        key: kms.IKey,
        alarms: Alarms,
        table: DeskTable,
        archive: Archive,
        audit: Audit,
        replays: WorkQueue,
        outbox_urgent: WorkQueue,
        outbox: WorkQueue,
        attachments: WorkQueue,
        work_queues: Mapping[str, WorkQueue],
        live_url: str,
        survey_url: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self._house = house
        self._schedules = Schedules(self, "Schedules", owner="Sweep", key=key, alarms=alarms)

        table_name = table.table.table_name
        urgent_url, ordinary_url = outbox_urgent.queue.queue_url, outbox.queue.queue_url

        self.unacknowledged_alerts = self._job(
            "SweepUnacknowledgedAlerts",
            "unacknowledged_alerts",
            UnacknowledgedAlertsSettings(
                force_file=house.force_file,
                table_name=table_name,
                outbox_urgent_queue_url=urgent_url,
                outbox_queue_url=ordinary_url,
            ),
            "Nudges alerts that no person has acknowledged",
            runbook=Runbook.JOBS,
        )
        table.allow(
            self.unacknowledged_alerts,
            table=["GetItem", "PutItem", "UpdateItem"],
            due_index=["Query"],
        )

        self.unsent_outbox = self._job(
            "SweepUnsentOutbox",
            "unsent_outbox",
            UnsentOutboxSettings(
                table_name=table_name, outbox_urgent_queue_url=urgent_url, outbox_queue_url=ordinary_url
            ),
            "Nudges outbox items that nobody has sent",
            runbook=Runbook.JOBS,
        )
        table.allow(self.unsent_outbox, due_index=["Query"])

        self.uncopied_attachments = self._job(
            "SweepUncopiedAttachments",
            "uncopied_attachments",
            UncopiedAttachmentsSettings(
                table_name=table_name, attachments_queue_url=attachments.queue.queue_url
            ),
            "Nudges attachments that nobody has copied",
        )
        table.allow(self.uncopied_attachments, due_index=["Query"])
        attachments.allow_send(self.uncopied_attachments)

        self.orphans = self._job(
            "SweepOrphans",
            "orphans",
            OrphansSettings(
                table_name=table_name,
                archive_bucket_name=archive.archive.bucket_name,
                replays_queue_url=replays.queue.queue_url,
            ),
            "Finds archived deliveries that triage never saw",
            runbook=Runbook.JOBS,
        )
        table.allow(self.orphans, table=["BatchGetItem"])
        archive.allow_list(self.orphans)
        replays.allow_send(self.orphans)

        self.expired_claims = self._job(
            "SweepExpiredClaims",
            "expired_claims",
            ExpiredClaimsSettings(table_name=table_name),
            "Frees cases whose claim has run out",
        )
        table.allow(self.expired_claims, table=["GetItem", "PutItem", "UpdateItem"], due_index=["Query"])

        self.hour_totals = self._job(
            "SweepHourTotals",
            "hour_totals",
            HourTotalsSettings(table_name=table_name),
            "Counts anew the hours in which something has changed",
        )
        table.allow_count(self.hour_totals)

        self.surveys = self._job(
            "SweepSurveys",
            "surveys",
            SurveysSettings(
                force_file=house.force_file,
                table_name=table_name,
                survey_url=survey_url,
                outbox_urgent_queue_url=urgent_url,
                outbox_queue_url=ordinary_url,
            ),
            "Asks people one question after their case, where it is safe",
        )
        table.allow(
            self.surveys,
            table=["GetItem", "BatchGetItem", "PutItem", "ConditionCheckItem"],
            desk_index=["Query"],
        )

        self.dead_letters = self._job(
            "SweepDeadLetters",
            "dead_letters",
            DeadLettersSettings(
                force_file=house.force_file,
                table_name=table_name,
                work_queues=Stack.of(self).to_json_string(
                    {
                        name: {"queue_url": queue.queue.queue_url, "dlq_url": queue.dlq.queue_url}
                        for name, queue in work_queues.items()
                    }
                ),
                outbox_urgent_queue_url=urgent_url,
                outbox_queue_url=ordinary_url,
            ),
            "Gives dead letters another try, then puts them before a person",
            runbook=Runbook.JOBS,
        )
        table.allow(self.dead_letters, table=["PutItem"])
        for queue in work_queues.values():
            queue.allow_redrive(self.dead_letters)

        self.backlog = self._job(
            "SweepBacklog",
            "backlog",
            BacklogSettings(
                force_file=house.force_file,
                table_name=table_name,
                outbox_urgent_queue_url=urgent_url,
                outbox_queue_url=ordinary_url,
            ),
            "Counts the cases that wait, and says when they are too many",
        )
        table.allow(self.backlog, table=["GetItem", "PutItem"], desk_index=["Query"])

        self.broadcasts = self._job(
            "SweepBroadcasts",
            "broadcasts",
            BroadcastsSettings(
                force_file=house.force_file,
                table_name=table_name,
                live_url=live_url,
                outbox_urgent_queue_url=urgent_url,
                outbox_queue_url=ordinary_url,
            ),
            "Starts, settles, lapses and ends broadcasts in their time",
            runbook=Runbook.JOBS,
        )
        table.allow(
            self.broadcasts,
            table=["GetItem", "BatchGetItem", "Query", "PutItem", "ConditionCheckItem"],
            due_index=["Query"],
        )
        self.breached_clocks = self._job(
            "SweepBreachedClocks",
            "breached_clocks",
            BreachedClocksSettings(
                force_file=house.force_file,
                table_name=table_name,
                outbox_urgent_queue_url=urgent_url,
                outbox_queue_url=ordinary_url,
            ),
            "Calls for priority cases whose time has passed unseen",
            runbook=Runbook.JOBS,
        )
        table.allow(self.breached_clocks, table=["GetItem", "PutItem"], desk_index=["Query"])

        self.audit_seals = self._job(
            "SweepAuditSeals",
            "audit_seals",
            AuditSealsSettings(
                force_file=house.force_file,
                table_name=table_name,
                audit_bucket_name=audit.bucket.bucket_name,
                audit_key_secret_arn=audit.key.attr_id,
                outbox_urgent_queue_url=urgent_url,
                outbox_queue_url=ordinary_url,
            ),
            "Puts each hour of the audit under seal, and tells the auditor of unusual reading",
            every=QUARTER_OF_AN_HOUR,
        )
        table.allow(
            self.audit_seals,
            table=["GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem"],
            due_index=["Query"],
            only_items=["audit#*", "alert#*", "outbox#*", "disposal#*"],
        )
        audit.allow_seal(self.audit_seals)

        self.retention = self._job(
            "SweepRetention",
            "retention",
            RetentionSettings(
                force_file=house.force_file,
                table_name=table_name,
                archive_bucket_name=archive.archive.bucket_name,
                evidence_bucket_name=archive.evidence.bucket_name,
            ),
            "Disposes of cases whose time is up",
            every=QUARTER_OF_AN_HOUR,
            timeout=Duration.minutes(10),
        )
        table.allow_dispose(self.retention)
        archive.allow_dispose(self.retention)

        for nudges in (
            self.unacknowledged_alerts,
            self.unsent_outbox,
            self.surveys,
            self.backlog,
            self.broadcasts,
            self.breached_clocks,
            self.audit_seals,
        ):
            outbox_urgent.allow_send(nudges)
            outbox.allow_send(nudges)

    @property
    def jobs(self) -> tuple[PythonFunction, ...]:
        """Every job's Lambda."""
        return (
            self.unacknowledged_alerts,
            self.unsent_outbox,
            self.uncopied_attachments,
            self.orphans,
            self.expired_claims,
            self.hour_totals,
            self.surveys,
            self.dead_letters,
            self.backlog,
            self.broadcasts,
            self.breached_clocks,
            self.audit_seals,
            self.retention,
        )

    def _job(
        self,
        construct_id: str,
        module: str,
        settings: DataclassInstance,
        description: str,
        *,
        every: Duration = EVERY_MINUTE,
        timeout: Duration = JOB_TIMEOUT,
        runbook: Runbook = Runbook.HOUSEKEEPING,
    ) -> PythonFunction:
        job = PythonFunction(
            self,
            construct_id,
            house=self._house,
            description=description,
            handler=f"functions.sweep.{module}.handle",
            settings=settings,
            invoked_by=InvokedBy.SCHEDULE,
            timeout=timeout,
            memory_size=512,
            runbook=runbook,
        )
        self._schedules.run(job, every=every)
        return job
