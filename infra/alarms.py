"""What is watched: every alarm of the desk as it is wanted, and the two topics that they reach.

The alarms themselves are made in a stack of their own (`infra.watch_stack`): a stack has room for 500 resources, and
what watches the desk must be free to change without it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from aws_cdk import Aws, Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.logical_ids import pin_logical_id
from infra.runbooks import Runbook, Severity

FIVE_MINUTES = Duration.minutes(5)
ONE_MINUTE = Duration.minutes(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedAlarm:
    """An alarm by its logical id, with what it leads to."""

    name: str
    metric: cloudwatch.IMetric
    threshold: float
    periods: int
    comparison: cloudwatch.ComparisonOperator
    missing: cloudwatch.TreatMissingData = cloudwatch.TreatMissingData.NOT_BREACHING
    means: str
    runbook: Runbook
    severity: Severity


class Alarms(Construct):
    """The topics for the platform team, and the alarms that are `wanted`; messages name resources, never people.

    To `topic` they subscribe their pager, to `notices` what they read in the morning.
    """

    def __init__(self, scope: Construct, construct_id: str, *, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        self.wanted: list[WantedAlarm] = []
        self.topic = self._topic("Topic", "AlarmsTopic", key)
        self.notices = self._topic("Notices", "NoticesTopic", key)

    def add(
        self,
        name: str,
        metric: cloudwatch.IMetric,
        *,
        at_least: float,
        periods: int = 1,
        means: str,
        runbook: Runbook,
        severity: Severity | None = None,
    ) -> None:
        """Alarm when the metric is at or over the threshold for so many periods; no data means nothing happened."""
        self.wanted.append(
            WantedAlarm(
                name=name,
                metric=metric,
                threshold=at_least,
                periods=periods,
                comparison=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
                means=means,
                runbook=runbook,
                severity=severity or runbook.severity,
            )
        )

    def add_floor(
        self,
        name: str,
        metric: cloudwatch.IMetric,
        *,
        at_most: float,
        means: str,
        runbook: Runbook,
        severity: Severity | None = None,
    ) -> None:
        """Alarm when the metric is at or under the threshold; no data means that there is no limit to speak of."""
        self.add(name, metric, at_least=at_most, means=means, runbook=runbook, severity=severity)
        self._change_last(comparison=cloudwatch.ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD)

    def add_heartbeat(
        self,
        name: str,
        metric: cloudwatch.IMetric,
        *,
        means: str,
        runbook: Runbook,
        severity: Severity | None = None,
    ) -> None:
        """Alarm when the metric counts nothing in its period; no data is the very thing it looks for."""
        self.add(name, metric, at_least=1, means=means, runbook=runbook, severity=severity)
        self._change_last(
            comparison=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            missing=cloudwatch.TreatMissingData.BREACHING,
        )

    def _change_last(self, **changes: Any) -> None:
        self.wanted[-1] = replace(self.wanted[-1], **changes)

    def _topic(self, construct_id: str, logical_id: str, key: kms.IKey) -> sns.Topic:
        topic = sns.Topic(self, construct_id, master_key=key, enforce_ssl=True)
        pin_logical_id(topic, logical_id)
        # A topic policy of one's own replaces the default one, under which CloudWatch could publish.
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            )
        )
        return topic
