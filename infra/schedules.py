"""Schedules, and what watches over them: a run that fails, is dropped or never comes calls a person."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Aws, Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.alarms import FIVE_MINUTES, ONE_MINUTE, Alarms
from infra.keys import SEND_ACTIONS
from infra.logical_ids import pin_logical_id
from infra.python_function import PythonFunction
from infra.runbooks import Runbook
from infra.work_queue import DLQ_RETENTION, encrypted_queue


class Schedules(Construct):
    """The schedules of one capability, their role, and queue `failures`: what could not start or failed ends there.

    A failed run is not tried again: the next one looks at the same state of things.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, owner: str, key: kms.IKey, alarms: Alarms
    ) -> None:
        super().__init__(scope, construct_id)
        self._key = key
        self._alarms = alarms
        self.failures = encrypted_queue(
            self, "Failures", logical_id=f"{owner}FailuresQueue", key=key, retention=DLQ_RETENTION
        )
        for rule in ("AwsSolutions-SQS3", "Serverless-SQSRedrivePolicy"):
            acknowledge(self.failures, rule, "It is itself where failed runs end; its alarm calls a person.")
        alarms.add(
            f"{owner}FailedRuns",
            self.failures.metric_approximate_number_of_messages_visible(
                period=ONE_MINUTE, statistic="Maximum"
            ),
            at_least=1,
            means=f"{owner}: a scheduled run failed or could not start; its record lies in {owner}Failures.",
            # Its own alarms say that a job fails; the record stays until somebody has read it.
            runbook=Runbook.HOUSEKEEPING,
        )
        self._role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
            ),
        )
        pin_logical_id(self._role, f"{owner}ScheduleRole")
        self._allow(["sqs:SendMessage"], self.failures.queue_arn)
        self._allow(SEND_ACTIONS, key.key_arn)

    def run(self, job: PythonFunction, *, every: Duration) -> None:
        """Have the function run so often, whole minutes, and watch that it does."""
        job.allow(["sqs:SendMessage"], [self.failures.queue_arn])
        job.allow(SEND_ACTIONS, [self._key.key_arn])
        minutes = int(every.to_minutes())
        age = int(every.to_seconds())
        lambda_.CfnEventInvokeConfig(
            job,
            "AsyncInvocations",
            function_name=job.function.function_name,
            qualifier="$LATEST",
            maximum_retry_attempts=0,
            maximum_event_age_in_seconds=age,
            destination_config=lambda_.CfnEventInvokeConfig.DestinationConfigProperty(
                on_failure=lambda_.CfnEventInvokeConfig.OnFailureProperty(destination=self.failures.queue_arn)
            ),
        )
        self._allow(["lambda:InvokeFunction"], job.function.function_arn)
        schedule = scheduler.CfnSchedule(
            job,
            "Schedule",
            description=f"Runs {job.node.id}",
            schedule_expression=f"rate({minutes} minute{'s' if minutes > 1 else ''})",
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=job.function.function_arn,
                role_arn=self._role.role_arn,
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=age, maximum_retry_attempts=1
                ),
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(
                    arn=self.failures.queue_arn
                ),
            ),
        )
        schedule.override_logical_id(f"{job.node.id}Schedule")
        schedule.node.add_dependency(self._role)
        self._watch(job, silent_after=Duration.minutes(max(5, 3 * minutes)))

    def _allow(self, actions: Sequence[str], resource: str) -> None:
        self._role.add_to_principal_policy(iam.PolicyStatement(actions=list(actions), resources=[resource]))

    def _watch(self, job: PythonFunction, *, silent_after: Duration) -> None:
        self._alarms.add(
            f"{job.node.id}Dropped",
            cloudwatch.Metric(
                namespace="AWS/Lambda",
                metric_name="AsyncEventsDropped",
                dimensions_map={"FunctionName": job.function.function_name},
                statistic="Sum",
                period=FIVE_MINUTES,
            ),
            at_least=1,
            means=f"{job.node.id}: a run was dropped before it succeeded.",
            runbook=job.runbook,
            severity=job.severity,
        )
        self._alarms.add_heartbeat(
            f"{job.node.id}Silent",
            job.function.metric_invocations(period=silent_after, statistic="Sum"),
            means=f"{job.node.id}: not one run in {silent_after.to_human_string()}.",
            runbook=job.runbook,
            severity=job.severity,
        )
