"""Copies on a Facebook page: made unseen, named in the desk's records, then shown, which can be repeated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from contact_desk.outbox import OutboxItem
from contact_desk.send_failures import SendFailure
from functions.notify.graph_api import GraphApi
from functions.notify.http_calls import Form
from functions.notify.platform_answers import (
    Absent,
    CredentialsRefused,
    Found,
    LookUpAnswer,
    Rejected,
    RetryLater,
    SendAnswer,
    Sent,
    Unclear,
)
from functions.notify.senders.comment_replies import CommentReplySender
from functions.notify.senders.copies.copy_sender import beside
from functions.notify.senders.copies.sending import Sending, StoppedError, not_public_yet
from functions.notify.senders.look_up import SHOWN, entries_of, find, more_of, not_seen

DRAFTS_SHOWN = "promotable_posts"


class FacebookPageCopies:
    """`POST /{page}/feed` unpublished, then `POST /{post}` with `is_published`; edits, deletes, and comments beside it.

    Pages API, "Posts". A post is only ever made public by its name, which is in the desk's records by then: whether it
    is public can be read off the post itself.
    """

    renames_drafts = False
    irrevocable = False

    def __init__(self, graph: GraphApi) -> None:
        self._graph = graph
        self._comments = CommentReplySender(graph)

    def prepare(self, item: OutboxItem) -> RetryLater | CredentialsRefused | None:
        """Have the page's token at hand."""
        return self._graph.prepare(item.account)

    def publish(self, sending: Sending) -> SendAnswer:
        """Make the post where nobody sees it, unless an earlier try has, and show it."""
        item = sending.item
        draft_id = item.platform_id or self._draft(sending)
        within = sending.time_for_call()
        refusal = self._graph.change(item.account, (draft_id,), {"is_published": True}, within=within)
        return refusal or Sent(draft_id)

    def edit(self, sending: Sending, post_id: str) -> SendAnswer:
        """Put the words in the place of the post's."""
        within, item = sending.time_for_call(), sending.item
        refusal = self._graph.change(item.account, (post_id,), {"message": item.text}, within=within)
        return refusal or Sent(post_id)

    def delete(self, sending: Sending, post_id: str) -> SendAnswer:
        """Take the post down."""
        within = sending.time_for_call()
        refusal = self._graph.change(sending.item.account, (post_id,), within=within, method="DELETE")
        return Sent(post_id) if refusal is None or is_gone(refusal) else refusal

    def follow_up(self, sending: Sending, post_id: str) -> SendAnswer:
        """Comment on the post as the page."""
        within = sending.time_for_call()
        return self._comments.send(beside(sending.item, post_id), within=within)

    def discard(self, item: OutboxItem, draft_id: str, *, within: timedelta) -> None:
        """Delete a post that nobody has seen."""
        self._graph.change(item.account, (draft_id,), within=within, method="DELETE")

    def find_post(self, item: OutboxItem, *, within: timedelta) -> LookUpAnswer:
        """Read whether the post is public; without a name in the records none ever was made so."""
        if item.platform_id is None:
            return Absent()
        post = self._read(item, item.platform_id, "id,is_published", within)
        if not isinstance(post, Mapping):
            return post
        return Found(item.platform_id) if post.get("is_published") is True else Absent()

    def find_edit(self, item: OutboxItem, post_id: str, *, within: timedelta) -> LookUpAnswer:
        """Read the post's words."""
        post = self._read(item, post_id, "id,message", within)
        if not isinstance(post, Mapping):
            return post
        return Found(post_id) if str(post.get("message")).strip() == item.text.strip() else Absent()

    def find_gone(self, item: OutboxItem, post_id: str, *, within: timedelta) -> LookUpAnswer:
        """Read whether the post is there."""
        post = self._graph.read(item.account, (post_id,), {"fields": "id"}, within=within)
        if isinstance(post, Mapping):
            return Absent()
        return Found(post_id) if is_gone(post) else not_seen(post)

    def find_follow_up(self, item: OutboxItem, post_id: str, *, within: timedelta) -> LookUpAnswer:
        """Read the newest comments on the post."""
        return self._comments.look_up(beside(item, post_id), within=within)

    def _draft(self, sending: Sending) -> str:
        """The name of a post with the words, which nobody sees; raises StoppedError."""
        item = sending.item
        draft_id = self._draft_of_earlier_try(sending) if item.attempts > 1 else None
        if draft_id is None:
            body: dict[str, Any] = {"message": item.text, "published": False}
            if photo_id := self._photo(sending):
                body["attached_media"] = [{"media_fbid": photo_id}]
            made = self._graph.send(
                item.account,
                (item.account, "feed"),
                body,
                answer_id="id",
                within=sending.time_for_call(),
                tried_before=item.attempts > 1,
            )
            if not isinstance(made, Sent):
                raise StoppedError(not_public_yet(made))
            draft_id = str(made.platform_id)
        sending.drafted(draft_id)
        return draft_id

    def _draft_of_earlier_try(self, sending: Sending) -> str | None:
        """A post that an earlier try made and could not name; where the page does not show, another one is made."""
        item = sending.item
        shown = self._graph.read(
            item.account,
            (item.account, DRAFTS_SHOWN),
            {
                "is_published": "false",
                "limit": str(SHOWN),
                "fields": "id,message,created_time,from",
            },
            within=sending.time_for_call(),
        )
        try:
            seen = find(beside_its_beginning(item), entries_of(shown), more=more_of(shown))
        except ValueError:
            return None
        return seen.platform_id if isinstance(seen, Found) else None

    def _photo(self, sending: Sending) -> str | None:
        picture = sending.picture()
        if picture is None:
            return None
        fields = {"published": "false", "alt_text_custom": sending.alt or ""}
        photo = self._graph.upload(
            sending.item.account,
            (sending.item.account, "photos"),
            Form.of(fields, name="source", file=picture),
            within=sending.time_for_call(),
        )
        if not isinstance(photo, str):
            raise StoppedError(not_public_yet(photo))
        return photo

    def _read(
        self, item: OutboxItem, post_id: str, fields: str, within: timedelta
    ) -> Mapping[str, Any] | LookUpAnswer:
        """The post's fields; Absent where it is gone."""
        post = self._graph.read(item.account, (post_id,), {"fields": fields}, within=within)
        if isinstance(post, Mapping):
            return post if "id" in post else Unclear(SendFailure.UNREADABLE_ANSWER)
        return Absent() if is_gone(post) else not_seen(post)


def is_gone(refusal: object) -> bool:
    """Whether the platform says that there is no such thing."""
    return isinstance(refusal, Rejected) and refusal.failure is SendFailure.TARGET_GONE


def beside_its_beginning(item: OutboxItem) -> OutboxItem:
    """The item as if its first try were its newest."""
    return replace(item, started_at=item.created_at)
