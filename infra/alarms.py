"""Alarms, and the topic that every one of them reaches."""

from __future__ import annotations

from aws_cdk import Aws, Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.logical_ids import pin_logical_id


class Alarms(Construct):
    """The topic for the platform team, who subscribe their own pager to it; messages name resources, never people."""

    def __init__(self, scope: Construct, construct_id: str, *, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        self.topic = sns.Topic(self, "Topic", master_key=key, enforce_ssl=True)
        pin_logical_id(self.topic, "AlarmsTopic")
        # A topic policy of one's own replaces the default one, under which CloudWatch could publish.
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            )
        )
        self._action = actions.SnsAction(self.topic)

    def add(
        self,
        scope: Construct,
        construct_id: str,
        metric: cloudwatch.IMetric,
        *,
        at_least: float,
        periods: int = 1,
        description: str,
    ) -> cloudwatch.Alarm:
        """Alarm when the metric is at or over the threshold for so many periods; no data means nothing happened."""
        return self._wire(
            cloudwatch.Alarm(
                scope,
                construct_id,
                metric=metric,
                threshold=at_least,
                evaluation_periods=periods,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
                alarm_description=description,
            )
        )

    def add_floor(
        self,
        scope: Construct,
        construct_id: str,
        metric: cloudwatch.IMetric,
        *,
        at_most: float,
        description: str,
    ) -> cloudwatch.Alarm:
        """Alarm when the metric is at or under the threshold; no data means that there is no limit to speak of."""
        return self._wire(
            cloudwatch.Alarm(
                scope,
                construct_id,
                metric=metric,
                threshold=at_most,
                evaluation_periods=1,
                comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
                alarm_description=description,
            )
        )

    def add_heartbeat(
        self, scope: Construct, construct_id: str, metric: cloudwatch.IMetric, *, description: str
    ) -> cloudwatch.Alarm:
        """Alarm when the metric counts nothing in its period; no data is the very thing it looks for."""
        return self._wire(
            cloudwatch.Alarm(
                scope,
                construct_id,
                metric=metric,
                threshold=1,
                evaluation_periods=1,
                comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
                treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
                alarm_description=description,
            )
        )

    def _wire(self, alarm: cloudwatch.Alarm) -> cloudwatch.Alarm:
        alarm.add_alarm_action(self._action)
        alarm.add_ok_action(self._action)
        return alarm


FIVE_MINUTES = Duration.minutes(5)
ONE_MINUTE = Duration.minutes(1)
