"""Operator alerts: what happened to an alert, published to whoever subscribed to the topic."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from contact_desk.alerts import Alert, AlertEvent, AlertRank, Ladder, routes_of, told_of
from contact_desk.errors import StoreError
from contact_desk.operator_alert import OperatorAlert
from contact_desk.outbox import OutboxItem
from contact_desk.ports import AlertStore
from contact_desk.send_failures import SendFailure
from functions.notify.platform_answers import Absent, LookUpAnswer, RetryLater, SendAnswer, Sent, Superseded

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import MessageAttributeValueTypeDef

ASK_AGAIN_AFTER = timedelta(seconds=5)


class OperatorAlertSender:
    """Publishes C6 to the topic, from the alert as it stands at that moment; a double is harmless.

    Queues get the JSON, mailboxes and telephones a line for people. The attributes `rank` and `routes` are what
    subscriptions filter by: each step of the ladder names its routes.
    """

    def __init__(
        self,
        client: SNSClient,
        topic_arn: str,
        alerts: AlertStore,
        console_url: str,
        ladders: Mapping[AlertRank, Ladder],
    ) -> None:
        self._client = client
        self._topic_arn = topic_arn
        self._alerts = alerts
        self._console_url = console_url.rstrip("/")
        self._ladders = ladders

    def prepare(self, item: OutboxItem) -> None:
        """Nothing is needed."""

    def send(self, item: OutboxItem, *, within: timedelta) -> SendAnswer:  # noqa: ARG002 - the client keeps its own time
        """Publish the event, unless the alert has moved on: nobody is called to what a person has seen."""
        try:
            alert = self._alerts.get(item.target)
            if alert and alert.case_id and self._alerts.restricted([alert.case_id]):
                # Everybody is called, and nobody is told to what: those who may see the case find it on their list.
                alert = replace(alert, case_id=None, case_reference=None)
        except StoreError:
            return RetryLater(SendFailure.ALERTS_UNREACHABLE, ASK_AGAIN_AFTER)
        event = AlertEvent(item.text)
        if alert is None or not told_of(alert, event):
            return Superseded()
        message = OperatorAlert.of(alert, event, self._link(alert))
        for_people = f"{message.headline}. {message.link}"
        try:
            published = self._client.publish(
                TopicArn=self._topic_arn,
                Subject=message.headline,
                MessageStructure="json",
                Message=json.dumps({"default": message.as_text(), "email": for_people, "sms": for_people}),
                MessageAttributes=self._attributes(alert, event),
            )
        except (BotoCoreError, ClientError):
            # Whatever went wrong, the alert must come out: an alert is never given up, and twice is harmless.
            return RetryLater(SendFailure.ALERTS_UNREACHABLE, ASK_AGAIN_AFTER)
        return Sent(published["MessageId"])

    def look_up(self, item: OutboxItem, *, within: timedelta) -> LookUpAnswer:  # noqa: ARG002 - no call is made
        """Nobody can look into a topic; the protocol publishes again."""
        return Absent()

    def _attributes(self, alert: Alert, event: AlertEvent) -> dict[str, MessageAttributeValueTypeDef]:
        routes = ["queue", *sorted(routes_of(alert, event, self._ladders[alert.rank]))]
        return {
            "rank": {"DataType": "String", "StringValue": alert.rank.value},
            "routes": {"DataType": "String.Array", "StringValue": json.dumps(routes)},
        }

    def _link(self, alert: Alert) -> str:
        if alert.case_id:
            return f"{self._console_url}/cases/{alert.case_id}"
        return f"{self._console_url}/alerts/{alert.alert_id}"
