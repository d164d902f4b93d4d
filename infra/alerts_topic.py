"""Operator alerts: the topic that notify publishes to, and the desk's own queue on it."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.alarms import Alarms
from infra.keys import SEND_ACTIONS
from infra.logical_ids import pin_logical_id
from infra.python_function import PythonFunction
from infra.work_queue import WorkQueue

# Systems that page, text or ring operators subscribe a queue of their own; on this one nobody need ever wait.
READER_TIMEOUT = Duration.seconds(10)
UNREAD_FOR = Duration.days(1)


class OperatorAlerts(Construct):
    """The `topic` of operator alerts (ids, rank and link, no person's words) and its queue `alerts`, fed raw."""

    def __init__(self, scope: Construct, construct_id: str, *, key: kms.IKey, alarms: Alarms) -> None:
        super().__init__(scope, construct_id)
        self._key = key
        self.topic = sns.Topic(self, "Topic", master_key=key, enforce_ssl=True)
        pin_logical_id(self.topic, "OperatorAlertsTopic")
        self.alerts = WorkQueue(
            self,
            "OperatorAlerts",
            key=key,
            alarms=alarms,
            consumer_timeout=READER_TIMEOUT,
            late_after=UNREAD_FOR,
        )
        self.alerts.queue.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("sns.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[self.alerts.queue.queue_arn],
                conditions={"ArnEquals": {"aws:SourceArn": self.topic.topic_arn}},
            )
        )
        sns.Subscription(
            self,
            "Subscription",
            topic=self.topic,
            protocol=sns.SubscriptionProtocol.SQS,
            endpoint=self.alerts.queue.queue_arn,
            raw_message_delivery=True,
            dead_letter_queue=self.alerts.dlq,
        )

    def allow_publish(self, function: PythonFunction) -> None:
        """Let the function tell operators."""
        function.allow(["sns:Publish"], [self.topic.topic_arn])
        function.allow(SEND_ACTIONS, [self._key.key_arn])
