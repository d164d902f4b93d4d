"""Messenger messages: a reply or an automatic text in a person's own conversation with the page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from contact_desk.outbox import OutboxItem
from contact_desk.send_failures import SendFailure
from functions.notify.graph_api import GraphApi
from functions.notify.platform_answers import (
    Absent,
    CredentialsRefused,
    LookUpAnswer,
    RetryLater,
    SendAnswer,
    Unclear,
)
from functions.notify.senders.look_up import SHOWN, entries_of, find, not_seen

FIELDS = f"messages.limit({SHOWN}){{id,message,created_time,from}}"


class MessageSender:
    """Sends by the Send API (`POST /{page}/messages`); the echo brings the item's name back as `metadata`."""

    def __init__(self, graph: GraphApi) -> None:
        self._graph = graph

    def prepare(self, item: OutboxItem) -> RetryLater | CredentialsRefused | None:
        """Have the page's token at hand."""
        return self._graph.prepare(item.account)

    def send(self, item: OutboxItem, *, within: timedelta) -> SendAnswer:
        """Send the words to the person as an answer (`RESPONSE`), which the platform takes for 24 hours."""
        return self._graph.send(
            item.account,
            (item.account, "messages"),
            {
                "recipient": {"id": item.target},
                "messaging_type": "RESPONSE",
                "message": {"text": item.text, "metadata": item.outbox_id},
            },
            answer_id="message_id",
            within=within,
            tried_before=item.attempts > 1,
        )

    def look_up(self, item: OutboxItem, *, within: timedelta) -> LookUpAnswer:
        """Read the newest messages of the person's conversation (`GET /{page}/conversations`)."""
        shown = self._graph.read(
            item.account,
            (item.account, "conversations"),
            {"platform": "messenger", "user_id": item.target, "fields": FIELDS},
            within=within,
        )
        if not isinstance(shown, Mapping):
            return not_seen(shown)
        try:
            conversations = entries_of(shown)
            return find(item, entries_of(conversations[0].get("messages"))) if conversations else Absent()
        except ValueError:
            return Unclear(SendFailure.UNREADABLE_ANSWER)
