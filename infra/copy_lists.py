"""The lists that broadcasts go to by text message and e-mail: topics, and whoever has subscribed to them."""

from __future__ import annotations

from collections.abc import Iterable

from aws_cdk import RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from functions.notify.settings import NO_LIST
from infra.keys import SEND_ACTIONS
from infra.logical_ids import pin_logical_id
from infra.python_function import PythonFunction

TOPICS = {"sms_list": "SmsListTopic", "email_list": "EmailListTopic"}


class CopyLists(Construct):
    """A topic for each list that the force file publishes to; it outlives the stack, with its subscribers."""

    def __init__(
        self, scope: Construct, construct_id: str, *, key: kms.IKey, channels: Iterable[str]
    ) -> None:
        super().__init__(scope, construct_id)
        self._key = key
        self.topics: dict[str, sns.Topic] = {}
        for channel in sorted(TOPICS.keys() & set(channels)):
            topic = sns.Topic(self, TOPICS[channel], master_key=key, enforce_ssl=True)
            topic.apply_removal_policy(RemovalPolicy.RETAIN)
            pin_logical_id(topic, TOPICS[channel])
            self.topics[channel] = topic

    def arn(self, channel: str) -> str:
        """The list's topic, or NO_LIST: a setting must not be empty."""
        return self.topics[channel].topic_arn if channel in self.topics else NO_LIST

    def allow_publish(self, function: PythonFunction) -> None:
        """Let the function send to everybody on the lists."""
        if self.topics:
            function.allow(["sns:Publish"], [topic.topic_arn for topic in self.topics.values()])
            function.allow(SEND_ACTIONS, [self._key.key_arn])
