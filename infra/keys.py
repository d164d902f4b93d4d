"""The desk's own encryption keys, one for each class of what it holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from contact_desk.stage_rules import OwnKeys
from infra.logical_ids import pin_logical_id

READ_ACTIONS = ("kms:Decrypt",)
SEND_ACTIONS = ("kms:Decrypt", "kms:GenerateDataKey")


class Keys(Construct):
    """Keys rotated every year: `table`, `objects` (archive, evidence), `messages` (queues, topics), `secrets`.

    Each that the force brings along takes the place of ours: docs/operate.md says what its policy must allow.
    """

    def __init__(self, scope: Construct, construct_id: str, *, brought: OwnKeys) -> None:
        super().__init__(scope, construct_id)
        self.table = self._key("TableKey", "Contact Desk: the desk table", brought.table)
        self.objects = self._key("ObjectsKey", "Contact Desk: archive and evidence", brought.objects)
        self.messages = self._key("MessagesKey", "Contact Desk: queues and topics", brought.messages)
        self.secrets = self._key("SecretsKey", "Contact Desk: credentials of the channels", brought.secrets)
        # SNS hands on to queues what it took for topics, of this account's.
        topics = Stack.of(self).format_arn(service="sns", resource="*")
        self._allow_service("sns.amazonaws.com", conditions={"ArnLike": {"aws:SourceArn": topics}})
        # Alarms go to a topic whose own policy takes them from this account only; CloudWatch is not known to name the
        # account when it asks for a key, and an alarm that it cannot encrypt is lost without a sound.
        self._allow_service("cloudwatch.amazonaws.com", conditions=None)

    def _allow_service(self, service: str, *, conditions: Mapping[str, Any] | None) -> None:
        self.messages.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal(service)],
                actions=["kms:Decrypt", "kms:GenerateDataKey*"],
                resources=["*"],
                conditions=conditions,
            )
        )

    def _key(self, logical_id: str, description: str, brought: str | None) -> kms.IKey:
        if brought:
            return kms.Key.from_key_arn(self, logical_id, brought)
        key = kms.Key(
            self,
            logical_id,
            description=description,
            enable_key_rotation=True,
            pending_window=Duration.days(30),
            removal_policy=RemovalPolicy.RETAIN,
        )
        pin_logical_id(key, logical_id)
        return key
