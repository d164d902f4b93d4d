"""Messenger and Instagram messages: a reply or an automatic text in a person's own conversation with the force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from contact_desk.outbox import OutboxItem, Purpose
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
from functions.notify.senders.look_up import SHOWN, entries_of, find, more_of, not_seen

FIELDS = f"messages.limit({SHOWN}){{id,message,created_time,from}}"


ANSWER = {"messaging_type": "RESPONSE"}
TYPED = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}


class MessageSender:
    """Sends by the Send API (`POST /{page}/messages`); the echo brings the item's name back as `metadata`.

    `human_agent` says that the account may send what a person typed for seven days.
    """

    platform = "messenger"

    def __init__(self, graph: GraphApi, *, human_agent: bool = False) -> None:
        self._graph = graph
        self._human_agent = human_agent

    def path_of(self, item: OutboxItem) -> str:
        """What stands for the account in a path."""
        return item.account

    def prepare(self, item: OutboxItem) -> RetryLater | CredentialsRefused | None:
        """Have the page's token at hand."""
        return self._graph.prepare(item.account)

    def send(self, item: OutboxItem, *, within: timedelta) -> SendAnswer:
        """Send the words to the person as an answer (`RESPONSE`), which the platform takes for 24 hours.

        The tag for a human agent is on nothing but what a person typed.
        """
        typed = self._human_agent and item.purpose is Purpose.REPLY
        return self._graph.send(
            item.account,
            (self.path_of(item), "messages"),
            {
                "recipient": {"id": item.target},
                **(TYPED if typed else ANSWER),
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
            (self.path_of(item), "conversations"),
            {"platform": self.platform, "user_id": item.target, "fields": FIELDS},
            within=within,
        )
        if not isinstance(shown, Mapping):
            return not_seen(shown)
        try:
            conversations = entries_of(shown)
            if not conversations:
                return Absent()
            messages = conversations[0].get("messages")
            return find(item, entries_of(messages), more=more_of(messages))
        except ValueError:
            return Unclear(SendFailure.UNREADABLE_ANSWER)


class InstagramSender(MessageSender):
    """The same for an Instagram account: its token is its page's, so the page is `me`."""

    platform = "instagram"

    def path_of(self, item: OutboxItem) -> str:  # noqa: ARG002 - the token says which
        """The page that the token is of."""
        return "me"
