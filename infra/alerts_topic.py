"""Operator alerts: the topic that notify publishes to, the desk's own queue on it, and whom it e-mails and texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aws_cdk import CfnCondition, CfnParameter, Duration, Fn
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from contact_desk.alert_rules import AlertRecipient
from contact_desk.alerts import AlertRank, AlertRoute
from infra.alarms import Alarms
from infra.keys import SEND_ACTIONS
from infra.logical_ids import pin_logical_id
from infra.python_function import PythonFunction
from infra.runbooks import Runbook, Severity
from infra.work_queue import WorkQueue

# Systems that page, text or ring operators subscribe a queue of their own; on this one nobody need ever wait.
READER_TIMEOUT = Duration.seconds(10)
UNREAD_FOR = Duration.days(1)
ADDRESSES = {"sms": r"(\+[1-9][0-9]{6,14})?", "email": r"([^@\s]+@[^@\s]+)?"}


class OperatorAlerts(Construct):
    """The `topic` of operator alerts (ids, rank and link, no person's words) and its queue `alerts`, fed raw.

    Each of `recipients` has a parameter of the stack for its address, `DutyInspectorSms`; left empty, nobody is called.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        key: kms.IKey,
        alarms: Alarms,
        recipients: Mapping[str, AlertRecipient],
    ) -> None:
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
            hears_topic=True,
            runbook=Runbook.OUTSIDE_SYSTEMS,
            severity=Severity.NOTICE,
        )
        self.feed(self.alerts)
        for name, recipient in recipients.items():
            self._call(name, recipient)

    def feed(
        self, work: WorkQueue, *, ranks: Iterable[AlertRank] = (), route: AlertRoute | None = None
    ) -> None:
        """Subscribe a queue, to everything or to these ranks where their step of the ladder takes the route."""
        work.queue.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("sns.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[work.queue.queue_arn],
                conditions={"ArnEquals": {"aws:SourceArn": self.topic.topic_arn}},
            )
        )
        sns.Subscription(
            work,
            "Subscription",
            topic=self.topic,
            protocol=sns.SubscriptionProtocol.SQS,
            endpoint=work.queue.queue_arn,
            raw_message_delivery=True,
            dead_letter_queue=work.dlq,
            filter_policy=_told(ranks, route) if route else None,
        )

    def _call(self, name: str, recipient: AlertRecipient) -> None:
        parameter = CfnParameter(
            self,
            f"{pascal_case(name)}{recipient.by.capitalize()}",
            default="",
            no_echo=True,
            allowed_pattern=ADDRESSES[recipient.by],
            description=f"Where alerts of {', '.join(sorted(recipient.ranks))} go for {name}; empty for nowhere",
        )
        parameter.override_logical_id(parameter.node.id)
        given = CfnCondition(
            self,
            f"Is{parameter.node.id}Given",
            expression=Fn.condition_not(Fn.condition_equals(parameter.value_as_string, "")),
        )
        subscription = sns.CfnSubscription(
            self,
            f"To{parameter.node.id}",
            topic_arn=self.topic.topic_arn,
            protocol=recipient.by,
            endpoint=parameter.value_as_string,
            filter_policy={
                "rank": sorted(recipient.ranks),
                "routes": [AlertRoute(recipient.by).value],
            },
            redrive_policy={"deadLetterTargetArn": self.alerts.dlq.queue_arn},
        )
        subscription.cfn_options.condition = given

    def allow_publish(self, function: PythonFunction) -> None:
        """Let the function tell operators."""
        function.allow(["sns:Publish"], [self.topic.topic_arn])
        function.allow(SEND_ACTIONS, [self._key.key_arn])


def pascal_case(name: str) -> str:
    """A name of the force file as ids write it: `duty_inspector` is `DutyInspector`."""
    return "".join(part.capitalize() for part in name.split("_"))


def _told(ranks: Iterable[AlertRank], route: AlertRoute) -> dict[str, sns.SubscriptionFilter]:
    return {
        "rank": sns.SubscriptionFilter.string_filter(allowlist=sorted(ranks)),
        "routes": sns.SubscriptionFilter.string_filter(allowlist=[route.value]),
    }
