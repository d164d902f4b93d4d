"""Text messages, by Twilio."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from contact_desk.clock import to_rfc3339
from contact_desk.outbox import OutboxItem
from contact_desk.send_failures import SendFailure
from functions.notify.platform_answers import (
    CredentialsRefused,
    LookUpAnswer,
    RetryLater,
    SendAnswer,
    Unclear,
)
from functions.notify.senders.look_up import SHOWN, SKEW, find, not_seen
from functions.notify.twilio_api import TwilioApi

# A message in one of these states never reached the person, and never will.
LOST = frozenset({"failed", "undelivered", "canceled"})


class TextMessageSender:
    """Sends from the force's number (`POST /Accounts/{sid}/Messages.json`).

    `told_at` is the webhook to which Twilio tells later how the message fared: failures come minutes after.
    """

    def __init__(self, twilio: TwilioApi, told_at: str) -> None:
        self._twilio = twilio
        self._told_at = told_at

    def prepare(self, item: OutboxItem) -> RetryLater | CredentialsRefused | None:  # noqa: ARG002 - one key for all
        """Have the key at hand."""
        return self._twilio.prepare()

    def send(self, item: OutboxItem, *, within: timedelta) -> SendAnswer:
        """Hand the words over; the network delivers them."""
        message = {"To": item.target, "From": item.account, "Body": item.text}
        return self._twilio.send({**message, "StatusCallback": self._told_at}, within=within)

    def look_up(self, item: OutboxItem, *, within: timedelta) -> LookUpAnswer:
        """Read the list of messages from our number to the person since the day of the start."""
        since = (item.started_at or item.created_at) - SKEW
        shown = self._twilio.messages(
            {
                "To": item.target,
                "From": item.account,
                "DateSent>": since.astimezone(UTC).date().isoformat(),
                "PageSize": str(SHOWN),
            },
            within=within,
        )
        if not isinstance(shown, Mapping):
            return not_seen(shown)
        messages = shown.get("messages")
        if not isinstance(messages, list):
            return Unclear(SendFailure.UNREADABLE_ANSWER)
        return find(item, [_entry(message) for message in messages], more=bool(shown.get("next_page_uri")))


def _entry(message: Any) -> Mapping[str, Any]:
    if not isinstance(message, Mapping):
        return {}
    lost = message.get("status") in LOST
    return {
        "id": message.get("sid"),
        "created_time": _moment(message.get("date_created")),
        "from": {"id": None if lost else message.get("from")},
        "message": message.get("body"),
    }


def _moment(told: object) -> str | None:
    """Twilio's `Sun, 22 Nov 2026 15:04:05 +0000` as RFC 3339."""
    try:
        moment: datetime = parsedate_to_datetime(str(told))
    except ValueError:
        return None
    return to_rfc3339(moment)
