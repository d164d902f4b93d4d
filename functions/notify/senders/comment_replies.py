"""Page comment replies: public words under a person's comment."""

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
    Rejected,
    RetryLater,
    SendAnswer,
    Unclear,
)
from functions.notify.senders.look_up import SHOWN, entries_of, find, more_of, not_seen


class CommentReplySender:
    """Answers a comment as the page (`POST /{comment}/comments`)."""

    def __init__(self, graph: GraphApi) -> None:
        self._graph = graph

    def prepare(self, item: OutboxItem) -> RetryLater | CredentialsRefused | None:
        """Have the page's token at hand."""
        return self._graph.prepare(item.account)

    def send(self, item: OutboxItem, *, within: timedelta) -> SendAnswer:
        """Put the words under the comment, for everybody to read."""
        return self._graph.send(
            item.account,
            (item.target, "comments"),
            {"message": item.text},
            answer_id="id",
            within=within,
            tried_before=item.attempts > 1,
        )

    def look_up(self, item: OutboxItem, *, within: timedelta) -> LookUpAnswer:
        """Read the newest answers to the comment; under a comment that is gone nothing of ours stands either."""
        shown = self._graph.read(
            item.account,
            (item.target, "comments"),
            {
                "order": "reverse_chronological",
                "limit": str(SHOWN),
                "fields": "id,message,created_time,from",
            },
            within=within,
        )
        if isinstance(shown, Rejected) and shown.failure is SendFailure.TARGET_GONE:
            return Absent()
        if not isinstance(shown, Mapping):
            return not_seen(shown)
        try:
            return find(item, entries_of(shown), more=more_of(shown))
        except ValueError:
            return Unclear(SendFailure.UNREADABLE_ANSWER)
