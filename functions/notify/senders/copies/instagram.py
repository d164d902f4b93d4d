"""Copies on Instagram: a container with the picture, named in the desk's records, then published, which it is once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from contact_desk.outbox import OutboxItem
from contact_desk.send_failures import SendFailure
from functions.notify.graph_api import GraphApi
from functions.notify.platform_answers import (
    Absent,
    CredentialsRefused,
    Found,
    LookUpAnswer,
    Refusal,
    Rejected,
    RetryLater,
    SendAnswer,
    Sent,
    Unclear,
    UnknownEffect,
)
from functions.notify.senders.copies.facebook_page import is_gone
from functions.notify.senders.copies.sending import ASKED_AGAIN_AFTER, Sending, StoppedError, not_public_yet
from functions.notify.senders.look_up import SHOWN, entries_of, find, more_of, not_seen

READY, PUBLISHED, NOT_YET, EXPIRED = "FINISHED", "PUBLISHED", "IN_PROGRESS", "EXPIRED"


class InstagramCopies:
    """`POST /{account}/media`, then `POST /{account}/media_publish`; deletes, and comments beside it.

    Instagram Platform, "Content publishing" and "IG Container". Instagram fetches the picture itself, from
    `picture_url(name)`; words that stand there cannot be edited. A container says whether it was published.
    """

    renames_drafts = True
    irrevocable = False

    def __init__(self, graph: GraphApi, picture_url: Callable[[str], str]) -> None:
        self._graph = graph
        self._picture_url = picture_url

    def prepare(self, item: OutboxItem) -> RetryLater | CredentialsRefused | None:
        """Have the account's token at hand."""
        return self._graph.prepare(item.account)

    def publish(self, sending: Sending) -> SendAnswer:
        """Make a container, unless an earlier try has, and publish it once it is ready."""
        item = sending.item
        container = item.platform_id or self._container(sending)
        status = self._status(item, container, sending.time_for_call())
        if not isinstance(status, str):
            return not_public_yet(status)
        if status == EXPIRED:
            container = self._container(sending)
            return RetryLater(SendFailure.NOT_READY, ASKED_AGAIN_AFTER)
        if status == NOT_YET:
            return RetryLater(SendFailure.NOT_READY, ASKED_AGAIN_AFTER)
        if status == PUBLISHED:
            return UnknownEffect(SendFailure.DUPLICATE_TEXT)  # by an earlier try: the look-up names the post
        if status != READY:
            return Rejected(SendFailure.CONTENT_BLOCKED)
        return self._graph.send(
            item.account,
            (item.account, "media_publish"),
            {"creation_id": container},
            answer_id="id",
            within=sending.time_for_call(),
            tried_before=True,
        )

    def edit(self, sending: Sending, post_id: str) -> SendAnswer:  # noqa: ARG002 - Instagram cannot
        """Instagram lets nobody edit what stands there; the force file offers it nowhere."""
        return Rejected(SendFailure.BAD_REQUEST)

    def delete(self, sending: Sending, post_id: str) -> SendAnswer:
        """Take the post down."""
        within = sending.time_for_call()
        refusal = self._graph.change(sending.item.account, (post_id,), within=within, method="DELETE")
        return Sent(post_id) if refusal is None or is_gone(refusal) else refusal

    def follow_up(self, sending: Sending, post_id: str) -> SendAnswer:
        """Comment on the post as the account."""
        return self._graph.send(
            sending.item.account,
            (post_id, "comments"),
            {"message": sending.item.text},
            answer_id="id",
            within=sending.time_for_call(),
            tried_before=sending.item.attempts > 1,
        )

    def discard(self, item: OutboxItem, draft_id: str, *, within: timedelta) -> None:
        """A container that is never published ends by itself within a day."""

    def find_post(self, item: OutboxItem, *, within: timedelta) -> LookUpAnswer:
        """Ask the container whether it was published, and find the post by its words."""
        if item.platform_id is None:
            return Absent()
        status = self._status(item, item.platform_id, within)
        if isinstance(status, Rejected) and status.failure is SendFailure.BAD_REQUEST:
            return Found(item.platform_id)  # no container any more: it is the name of the post itself
        if not isinstance(status, str):
            return Absent() if is_gone(status) else not_seen(status)
        if status == NOT_YET:
            return Unclear(SendFailure.NOT_READY)
        return self._post(item, within) if status == PUBLISHED else Absent()

    def find_edit(self, item: OutboxItem, post_id: str, *, within: timedelta) -> LookUpAnswer:  # noqa: ARG002
        """Nothing is ever edited there."""
        return Absent()

    def find_gone(self, item: OutboxItem, post_id: str, *, within: timedelta) -> LookUpAnswer:
        """Read whether the post is there."""
        post = self._graph.read(item.account, (post_id,), {"fields": "id"}, within=within)
        if isinstance(post, Mapping):
            return Absent()
        return Found(post_id) if is_gone(post) else not_seen(post)

    def find_follow_up(self, item: OutboxItem, post_id: str, *, within: timedelta) -> LookUpAnswer:
        """Read the newest comments on the post."""
        path, fields = (post_id, "comments"), "id,text,timestamp,from"
        return self._find(item, path, fields, within, lambda entry: entry.get("from"))

    def _container(self, sending: Sending) -> str:
        """The name of a new container; raises StoppedError."""
        item, order = sending.item, sending.item.order
        if order is None or order.picture is None:
            raise StoppedError(Rejected(SendFailure.PICTURE_MISSING))
        made = self._graph.send(
            item.account,
            (item.account, "media"),
            {
                "image_url": self._picture_url(order.picture),
                "caption": item.text,
                "alt_text": sending.alt or "",
            },
            answer_id="id",
            within=sending.time_for_call(),
            tried_before=False,
        )
        if not isinstance(made, Sent):
            raise StoppedError(not_public_yet(made))
        container = str(made.platform_id)
        sending.drafted(container)
        return container

    def _status(self, item: OutboxItem, container: str, within: timedelta) -> str | Refusal:
        shown = self._graph.read(item.account, (container,), {"fields": "status_code"}, within=within)
        if not isinstance(shown, Mapping):
            return shown
        status = shown.get("status_code")
        return status if isinstance(status, str) else UnknownEffect(SendFailure.UNREADABLE_ANSWER)

    def _post(self, item: OutboxItem, within: timedelta) -> LookUpAnswer:
        """The newest post with the words: the container says that there is one."""
        path, fields = (item.account, "media"), "id,caption,timestamp"
        seen = self._find(item, path, fields, within, lambda _: {"id": item.account})
        return Unclear(SendFailure.NOT_FOUND) if isinstance(seen, Absent) else seen

    def _find(
        self,
        item: OutboxItem,
        path: tuple[str, ...],
        fields: str,
        within: timedelta,
        author: Callable[[Mapping[str, Any]], Any],
    ) -> LookUpAnswer:
        parameters = {"fields": fields, "limit": str(SHOWN)}
        shown = self._graph.read(item.account, path, parameters, within=within)
        if not isinstance(shown, Mapping):
            return Absent() if is_gone(shown) else not_seen(shown)
        try:
            entries = entries_of(shown)
        except ValueError:
            return Unclear(SendFailure.UNREADABLE_ANSWER)
        return find(
            item,
            [
                {
                    "id": entry.get("id"),
                    "message": entry.get("caption") or entry.get("text"),
                    "created_time": entry.get("timestamp"),
                    "from": author(entry),
                }
                for entry in entries
            ],
            more=more_of(shown),
        )
