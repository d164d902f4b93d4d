"""Copies on X: a post in one call, looked for in the force's own timeline before it is ever sent again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from contact_desk.outbox import OutboxItem
from contact_desk.send_failures import SendFailure
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
)
from functions.notify.senders.copies.copy_sender import beside
from functions.notify.senders.copies.sending import Sending, StoppedError, not_public_yet
from functions.notify.senders.look_up import not_seen
from functions.notify.senders.x import PostReplySender, find_in_timeline, own_timeline
from functions.notify.x_api import XApi

GONE = frozenset({SendFailure.TARGET_GONE, SendFailure.NO_SUCH_PERSON})


class XCopies:
    """`POST /2/tweets`, with a picture by `/2/media/upload` and `/2/media/metadata`; `DELETE`, and posts beneath it.

    Only some accounts may edit, and those not for long: words are corrected by a delete and a new post, or a post
    beneath.
    """

    renames_drafts = False
    irrevocable = False

    def __init__(self, x: XApi) -> None:
        self._x = x
        self._replies = PostReplySender(x)

    def prepare(self, item: OutboxItem) -> RetryLater | CredentialsRefused | None:
        """Have the account's keys at hand."""
        return self._x.prepare(item.account)

    def publish(self, sending: Sending) -> SendAnswer:
        """Post the words."""
        item = sending.item
        body: dict[str, Any] = {"text": item.text}
        if media_id := self._media(sending):
            body["media"] = {"media_ids": [media_id]}
        return self._x.send(
            item.account,
            ("tweets",),
            body,
            answer_id="id",
            missing=SendFailure.REFUSED,
            within=sending.time_for_call(),
            tried_before=item.attempts > 1,
        )

    def edit(self, sending: Sending, post_id: str) -> SendAnswer:  # noqa: ARG002 - nobody can rely on it
        """Posts are not edited; the force file offers it nowhere."""
        return Rejected(SendFailure.BAD_REQUEST)

    def delete(self, sending: Sending, post_id: str) -> SendAnswer:
        """Take the post down."""
        within = sending.time_for_call()
        refusal = self._x.delete(sending.item.account, ("tweets", post_id), within=within)
        return Sent(post_id) if refusal is None or _is_gone(refusal) else refusal

    def follow_up(self, sending: Sending, post_id: str) -> SendAnswer:
        """Post the words beneath the post."""
        within = sending.time_for_call()
        return self._replies.send(beside(sending.item, post_id), within=within)

    def discard(self, item: OutboxItem, draft_id: str, *, within: timedelta) -> None:
        """Nothing is ever drafted there."""

    def find_post(self, item: OutboxItem, *, within: timedelta) -> LookUpAnswer:
        """Read the newest posts of the force's own timeline."""
        shown = own_timeline(self._x, item, within=within)
        if not isinstance(shown, Mapping):
            return not_seen(shown)
        return find_in_timeline(item, shown, lambda post: not post.get("referenced_tweets"))

    def find_edit(self, item: OutboxItem, post_id: str, *, within: timedelta) -> LookUpAnswer:  # noqa: ARG002
        """Nothing is ever edited there."""
        return Absent()

    def find_gone(self, item: OutboxItem, post_id: str, *, within: timedelta) -> LookUpAnswer:
        """Read whether the post is there."""
        shown = self._x.read(item.account, ("tweets", post_id), {}, within=within)
        if isinstance(shown, Mapping):
            return Absent()
        return Found(post_id) if _is_gone(shown) else not_seen(shown)

    def find_follow_up(self, item: OutboxItem, post_id: str, *, within: timedelta) -> LookUpAnswer:
        """Read the newest posts of the force's own timeline."""
        return self._replies.look_up(beside(item, post_id), within=within)

    def _media(self, sending: Sending) -> str | None:
        """The name of the uploaded picture with its alternative text, None without one; raises StoppedError."""
        picture = sending.picture()
        if picture is None:
            return None
        form = Form.of({"media_category": "tweet_image"}, name="media", file=picture)
        media_id = self._before_post(sending, ("media", "upload"), form)
        if sending.alt:
            described = {"id": media_id, "metadata": {"alt_text": {"text": sending.alt}}}
            self._before_post(sending, ("media", "metadata"), described)
        return media_id

    def _before_post(self, sending: Sending, path: tuple[str, ...], body: Mapping[str, Any] | Form) -> str:
        """Make a call that shows nobody anything: the `id` it answers; raises StoppedError."""
        answer = self._x.send(
            sending.item.account,
            path,
            body,
            answer_id="id",
            missing=SendFailure.REFUSED,
            within=sending.time_for_call(),
            tried_before=False,
        )
        if not isinstance(answer, Sent):
            raise StoppedError(not_public_yet(answer))
        return str(answer.platform_id)


def _is_gone(refusal: object) -> bool:
    return isinstance(refusal, Rejected) and refusal.failure in GONE
