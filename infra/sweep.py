"""sweep: every minute, whatever fell between two steps is pushed on; one Lambda and one schedule per job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aws_cdk import Aws, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from functions.sweep.settings import (
    DeadLettersSettings,
    ExpiredClaimsSettings,
    OrphansSettings,
    UnacknowledgedAlertsSettings,
    UncopiedAttachmentsSettings,
    UnsentOutboxSettings,
)
from infra.acknowledgements import acknowledge
from infra.alarms import FIVE_MINUTES, ONE_MINUTE, Alarms
from infra.archive import Archive
from infra.desk_table import DeskTable
from infra.keys import SEND_ACTIONS
from infra.logical_ids import pin_logical_id
from infra.python_function import House, InvokedBy, PythonFunction
from infra.work_queue import DLQ_RETENTION, WorkQueue, encrypted_queue

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

EVERY = "rate(1 minute)"
# Less than the schedule's minute, so that a job never overtakes itself.
JOB_TIMEOUT = Duration.seconds(50)


class Sweep(Construct):
    """The jobs, their schedules, and queue `failures`, where a run that could not start or failed leaves its record.

    A failed run is not tried again: the next one starts within the minute and looks at the same table.
    """

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
        replays: WorkQueue,
        outbox_urgent: WorkQueue,
        outbox: WorkQueue,
        attachments: WorkQueue,
        work_queues: Mapping[str, WorkQueue],
    ) -> None:
        super().__init__(scope, construct_id)
        self._house = house
        self._key = key
        self._alarms = alarms
        self.failures = encrypted_queue(
            self, "Failures", logical_id="SweepFailuresQueue", key=key, retention=DLQ_RETENTION
        )
        acknowledge(
            self.failures,
            "AwsSolutions-SQS3",
            "It is itself where failed runs end; its alarm calls a person.",
        )
        acknowledge(
            self.failures,
            "Serverless-SQSRedrivePolicy",
            "It is itself where failed runs end; its alarm calls a person.",
        )
        alarms.add(
            self,
            "FailedRuns",
            self.failures.metric_approximate_number_of_messages_visible(
                period=ONE_MINUTE, statistic="Maximum"
            ),
            at_least=1,
            description="A run of a sweep job failed or could not start; its record lies in SweepFailures.",
        )
        self._schedule_role = iam.Role(
            self,
            "ScheduleRole",
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
            ),
        )
        pin_logical_id(self._schedule_role, "SweepScheduleRole")
        self._allow_schedules(["sqs:SendMessage"], self.failures.queue_arn)
        self._allow_schedules(SEND_ACTIONS, key.key_arn)

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
        )
        table.allow(
            self.unacknowledged_alerts,
            table=["GetItem", "PutItem", "UpdateItem"],
            due_index=["Query"],
        )
        outbox_urgent.allow_send(self.unacknowledged_alerts)
        outbox.allow_send(self.unacknowledged_alerts)

        self.unsent_outbox = self._job(
            "SweepUnsentOutbox",
            "unsent_outbox",
            UnsentOutboxSettings(
                table_name=table_name, outbox_urgent_queue_url=urgent_url, outbox_queue_url=ordinary_url
            ),
            "Nudges outbox items that nobody has sent",
        )
        table.allow(self.unsent_outbox, due_index=["Query"])
        outbox_urgent.allow_send(self.unsent_outbox)
        outbox.allow_send(self.unsent_outbox)

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
            ),
            "Gives dead letters another try, then puts them before a person",
        )
        table.allow(self.dead_letters, table=["PutItem"])
        for queue in work_queues.values():
            queue.allow_redrive(self.dead_letters)

    @property
    def jobs(self) -> tuple[PythonFunction, ...]:
        """Every job's Lambda."""
        return (
            self.unacknowledged_alerts,
            self.unsent_outbox,
            self.uncopied_attachments,
            self.orphans,
            self.expired_claims,
            self.dead_letters,
        )

    def _job(
        self, construct_id: str, module: str, settings: DataclassInstance, description: str
    ) -> PythonFunction:
        job = PythonFunction(
            self,
            construct_id,
            house=self._house,
            description=description,
            handler=f"functions.sweep.{module}.handle",
            settings=settings,
            invoked_by=InvokedBy.SCHEDULE,
            timeout=JOB_TIMEOUT,
            memory_size=512,
        )
        job.allow(["sqs:SendMessage"], [self.failures.queue_arn])
        job.allow(SEND_ACTIONS, [self._key.key_arn])
        lambda_.CfnEventInvokeConfig(
            job,
            "AsyncInvocations",
            function_name=job.function.function_name,
            qualifier="$LATEST",
            maximum_retry_attempts=0,
            maximum_event_age_in_seconds=60,
            destination_config=lambda_.CfnEventInvokeConfig.DestinationConfigProperty(
                on_failure=lambda_.CfnEventInvokeConfig.OnFailureProperty(destination=self.failures.queue_arn)
            ),
        )
        self._schedule(job)
        self._watch(job)
        return job

    def _schedule(self, job: PythonFunction) -> None:
        self._allow_schedules(["lambda:InvokeFunction"], job.function.function_arn)
        schedule = scheduler.CfnSchedule(
            job,
            "Schedule",
            description=f"Runs {job.node.id}",
            schedule_expression=EVERY,
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=job.function.function_arn,
                role_arn=self._schedule_role.role_arn,
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=60, maximum_retry_attempts=1
                ),
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(
                    arn=self.failures.queue_arn
                ),
            ),
        )
        schedule.override_logical_id(f"{job.node.id}Schedule")
        schedule.node.add_dependency(self._schedule_role)

    def _allow_schedules(self, actions: tuple[str, ...] | list[str], resource: str) -> None:
        self._schedule_role.add_to_principal_policy(
            iam.PolicyStatement(actions=list(actions), resources=[resource])
        )

    def _watch(self, job: PythonFunction) -> None:
        self._alarms.add(
            job,
            "Dropped",
            cloudwatch.Metric(
                namespace="AWS/Lambda",
                metric_name="AsyncEventsDropped",
                dimensions_map={"FunctionName": job.function.function_name},
                statistic="Sum",
                period=FIVE_MINUTES,
            ),
            at_least=1,
            description=f"{job.node.id}: a run was dropped before it succeeded.",
        )
        self._alarms.add_heartbeat(
            job,
            "Silent",
            job.function.metric_invocations(period=FIVE_MINUTES, statistic="Sum"),
            description=f"{job.node.id}: not one run in five minutes.",
        )
