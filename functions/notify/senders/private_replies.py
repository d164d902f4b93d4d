"""Private replies: the one message that a page may send to the writer of a comment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from contact_desk.outbox import OutboxItem
from contact_desk.send_failures import SendFailure
from functions.notify.graph_api import GraphApi
from functions.notify.platform_answers import (
    Absent,
    CredentialsRefused,
    Found,
    LookUpAnswer,
    Rejected,
    RetryLater,
    SendAnswer,
    Unclear,
)
from functions.notify.senders.look_up import not_seen


class PrivateReplySender:
    """Sends by the Send API with the comment as recipient; the platform itself lets only one through."""

    def __init__(self, graph: GraphApi) -> None:
        self._graph = graph

    def prepare(self, item: OutboxItem) -> RetryLater | CredentialsRefused | None:
        """Have the page's token at hand."""
        return self._graph.prepare(item.account)

    def send(self, item: OutboxItem, *, within: timedelta) -> SendAnswer:
        """Send the words to whoever wrote the comment."""
        return self._graph.send(
            item.account,
            (item.account, "messages"),
            {
                "recipient": {"comment_id": item.target},
                "messaging_type": "RESPONSE",
                "message": {"text": item.text, "metadata": item.outbox_id},
            },
            answer_id="message_id",
            within=within,
            tried_before=item.attempts > 1,
        )

    def look_up(self, item: OutboxItem, *, within: timedelta) -> LookUpAnswer:
        """Ask the comment whether it has had its private reply; after a try of ours, that one is taken for ours."""
        shown = self._graph.read(
            item.account,
            (item.target,),
            {"fields": "can_reply_privately,private_reply_conversation"},
            within=within,
        )
        if isinstance(shown, Rejected) and shown.failure is SendFailure.TARGET_GONE:
            # A message outlives the comment that it answers, so this proves nothing.
            return Unclear(SendFailure.TARGET_GONE)
        if not isinstance(shown, Mapping):
            return not_seen(shown)
        if shown.get("private_reply_conversation"):
            return Found(None)
        return Absent() if shown.get("can_reply_privately") is True else Unclear(SendFailure.NOT_FOUND)
