"""Copies to people who have subscribed: by text message and e-mail through topics, and to a WhatsApp group.

What was sent cannot be taken back or looked at: words that correct or end it go the same way, and after a doubt only
the platform's own confirmation, or a person, can say.
"""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
)

from contact_desk.broadcast_rules import WhatsAppGroup
from contact_desk.force_file import MessageTemplate
from contact_desk.outbox import OutboxItem
from contact_desk.send_failures import SendFailure
from functions.notify.graph_api import GraphApi
from functions.notify.platform_answers import (
    CredentialsRefused,
    LookUpAnswer,
    Refusal,
    Rejected,
    RetryLater,
    SendAnswer,
    Sent,
    Unclear,
    UnknownEffect,
)
from functions.notify.senders.copies.sending import Sending
from functions.notify.senders.whatsapp_messages import in_template

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

# SNS, "Publish", errors; and the common errors of AWS.
THROTTLED = frozenset({"Throttled", "Throttling", "ThrottlingException", "KMSThrottling"})
REJECTED: Mapping[str, SendFailure] = {
    "AuthorizationError": SendFailure.PERMISSION_MISSING,
    "AccessDenied": SendFailure.PERMISSION_MISSING,
    "NotFound": SendFailure.NO_SENDER,
    "InvalidParameter": SendFailure.BAD_REQUEST,
    "InvalidParameterValue": SendFailure.BAD_REQUEST,
}
SUBJECT_CHARACTERS = 99
CALL_AT_MOST = timedelta(seconds=7)


class _Irrevocable(ABC):
    """What every list has in common: there is nothing there that could be edited, deleted or looked at."""

    renames_drafts = False
    irrevocable = True

    @abstractmethod
    def publish(self, sending: Sending) -> SendAnswer:
        """Send the words."""

    def edit(self, sending: Sending, post_id: str) -> SendAnswer:  # noqa: ARG002 - nobody can
        """Nothing can be edited; the force file offers it nowhere."""
        return Rejected(SendFailure.BAD_REQUEST)

    def delete(self, sending: Sending, post_id: str) -> SendAnswer:  # noqa: ARG002 - nobody can
        """Nothing can be taken back; the force file offers it nowhere."""
        return Rejected(SendFailure.BAD_REQUEST)

    def follow_up(self, sending: Sending, post_id: str) -> SendAnswer:  # noqa: ARG002 - it stands by itself
        """Send the words after those that were sent."""
        return self.publish(sending)

    def discard(self, item: OutboxItem, draft_id: str, *, within: timedelta) -> None:  # noqa: B027 - rightly empty
        """Nothing is ever drafted there."""

    def find_post(self, item: OutboxItem, *, within: timedelta) -> LookUpAnswer:  # noqa: ARG002 - no call is made
        """Nobody can look."""
        return Unclear(SendFailure.CANNOT_LOOK)

    def find_edit(self, item: OutboxItem, post_id: str, *, within: timedelta) -> LookUpAnswer:  # noqa: ARG002
        """Nobody can look."""
        return Unclear(SendFailure.CANNOT_LOOK)

    find_gone = find_edit
    find_follow_up = find_edit


class ListCopies(_Irrevocable):
    """Publishes to the topic that people have subscribed to; `client` never tries anything twice.

    `subject` heads e-mails: letters with signs on them lose those, since SNS takes no others in a subject.
    """

    def __init__(self, client: SNSClient, topic_arn: str, subject: str) -> None:
        self._client = client
        self._topic_arn = topic_arn
        plain = unicodedata.normalize("NFKD", subject).encode("ascii", "ignore").decode("ascii")
        self._subject = " ".join(plain.split())[:SUBJECT_CHARACTERS].rstrip() or "Police"

    def prepare(self, item: OutboxItem) -> RetryLater | CredentialsRefused | None:  # noqa: ARG002 - the role is enough
        """Nothing is needed."""
        return None

    def publish(self, sending: Sending) -> SendAnswer:
        """Send the words to everybody on the list."""
        if sending.time_for_call() < CALL_AT_MOST:
            return RetryLater(SendFailure.OUT_OF_TIME, timedelta(0))  # the client keeps its own time
        try:
            sent = self._client.publish(
                TopicArn=self._topic_arn, Subject=self._subject, Message=sending.item.text
            )
        except (EndpointConnectionError, ConnectTimeoutError):
            return RetryLater(SendFailure.UNREACHABLE)
        except NoCredentialsError:
            return CredentialsRefused()
        except BotoCoreError:
            return UnknownEffect(SendFailure.NO_ANSWER)
        except ClientError as error:
            return read_sns_refusal(error)
        return Sent(sent["MessageId"])


class WhatsAppCopies(_Irrevocable):
    """Sends to the group that the force file names, in the template that it names for that.

    WhatsApp Cloud API, "Groups" and "Templates"; statuses bring the item's name back on queue `confirmations`.
    """

    def __init__(self, graph: GraphApi, group: WhatsAppGroup | None) -> None:
        self._graph = graph
        self._group = group

    def prepare(self, item: OutboxItem) -> RetryLater | CredentialsRefused | None:
        """Have the number's token at hand."""
        return self._graph.prepare(item.account)

    def publish(self, sending: Sending) -> SendAnswer:
        """Send the words to the group."""
        item, group = sending.item, self._group
        if group is None:
            return Rejected(SendFailure.NO_SENDER)
        template = MessageTemplate(name=group.template, language=group.language)
        return self._graph.send(
            item.account,
            (item.account, "messages"),
            {
                "messaging_product": "whatsapp",
                "recipient_type": "group",
                "to": group.id,
                **in_template(item.text, template),
                "biz_opaque_callback_data": item.outbox_id,
            },
            answer_id="messages.id",
            within=sending.time_for_call(),
            tried_before=item.attempts > 1,
        )


def read_sns_refusal(error: ClientError) -> Refusal:
    """Why SNS refused, by its code."""
    code = error.response["Error"]["Code"]
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in THROTTLED or status == HTTPStatus.TOO_MANY_REQUESTS:
        return RetryLater(SendFailure.THROTTLED)
    if failure := REJECTED.get(code):
        return Rejected(failure)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return UnknownEffect(SendFailure.SERVER_ERROR)
    return Rejected(SendFailure.REFUSED)
