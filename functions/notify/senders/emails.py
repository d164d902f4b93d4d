"""E-mails to people who used the report form, by SES."""

from __future__ import annotations

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

from contact_desk.force_file import Email
from contact_desk.outbox import OutboxItem
from contact_desk.send_failures import SendFailure
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

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

# SES API v2, "SendEmail", errors; and the common errors of AWS.
THROTTLED = frozenset(
    {"TooManyRequestsException", "Throttling", "ThrottlingException", "LimitExceededException"}
)
STOPPED = frozenset({"AccountSuspendedException", "SendingPausedException"})
REJECTED: Mapping[str, SendFailure] = {
    "MessageRejected": SendFailure.CONTENT_BLOCKED,
    "BadRequestException": SendFailure.BAD_REQUEST,
    "MailFromDomainNotVerifiedException": SendFailure.PERMISSION_MISSING,
    "NotFoundException": SendFailure.PERMISSION_MISSING,
    "AccessDeniedException": SendFailure.PERMISSION_MISSING,
}


class EmailSender:
    """Sends from the force's verified address; `client` never tries anything twice and keeps its own time."""

    def __init__(self, client: SESV2Client, email: Email | None) -> None:
        self._client = client
        self._email = email

    def prepare(self, item: OutboxItem) -> None:
        """Nothing is needed."""

    def send(self, item: OutboxItem, *, within: timedelta) -> SendAnswer:  # noqa: ARG002 - the client keeps its own time
        """Send the words as plain text."""
        if self._email is None:
            return Rejected(SendFailure.NO_SENDER)
        try:
            sent = self._client.send_email(
                FromEmailAddress=self._email.from_address,
                Destination={"ToAddresses": [item.target]},
                Content={
                    "Simple": {
                        "Subject": {"Data": self._email.subject, "Charset": "UTF-8"},
                        "Body": {"Text": {"Data": item.text, "Charset": "UTF-8"}},
                    }
                },
                EmailTags=[{"Name": "outbox_id", "Value": item.outbox_id}],
            )
        except (EndpointConnectionError, ConnectTimeoutError):
            return RetryLater(SendFailure.UNREACHABLE)
        except NoCredentialsError:
            return CredentialsRefused()
        except BotoCoreError:
            return UnknownEffect(SendFailure.NO_ANSWER)
        except ClientError as error:
            return read_ses_refusal(error)
        return Sent(sent["MessageId"])

    def look_up(self, item: OutboxItem, *, within: timedelta) -> LookUpAnswer:  # noqa: ARG002 - no call is made
        """SES shows nobody what was sent: a person decides."""
        return Unclear(SendFailure.CANNOT_LOOK)


def read_ses_refusal(error: ClientError) -> Refusal:
    """Why SES refused, by its code."""
    code = error.response["Error"]["Code"]
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in THROTTLED or status == HTTPStatus.TOO_MANY_REQUESTS:
        return RetryLater(SendFailure.THROTTLED)
    if code in STOPPED:
        return CredentialsRefused()
    if failure := REJECTED.get(code):
        return Rejected(failure)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return UnknownEffect(SendFailure.SERVER_ERROR)
    return Rejected(SendFailure.REFUSED)
