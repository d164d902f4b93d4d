"""One act on one copy under way: what it needs, and the question that is asked right before each call.

An act may take several calls, such as a picture, a draft and its publication. The broadcast, the switch and the clock
are read again before each of them, so that nothing goes out that has been stopped, has lapsed, or is somebody else's by
now.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from contact_desk.clock import Clock
from contact_desk.copy_gate import Gate, Verdict
from contact_desk.errors import ContactDeskError, StoreError
from contact_desk.outbox import OutboxItem
from contact_desk.ports import Broadcasts, OutboxStore, Switch
from contact_desk.send_failures import SendFailure
from functions.notify.http_calls import UploadedFile
from functions.notify.platform_answers import (
    CredentialsRefused,
    LookUpAnswer,
    Rejected,
    RetryLater,
    SendAnswer,
    Superseded,
    UnknownEffect,
)

# A call that has less than this would mostly end in doubt.
SHORTEST_CALL = timedelta(seconds=1)
STOPPED_ASKED_AGAIN_AFTER = timedelta(seconds=15)
ASKED_AGAIN_AFTER = timedelta(seconds=5)


class StoppedError(ContactDeskError):
    """The act must not go on; `answer` is what comes of it, and nothing new is public."""

    def __init__(self, answer: SendAnswer) -> None:
        super().__init__("the act was stopped")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Records:
    """What the desk knows of broadcasts and their copies."""

    broadcasts: Broadcasts
    switch: Switch
    outbox: OutboxStore

    def verdict(self, item: OutboxItem, now: datetime) -> Verdict:
        """Whether the item may be sent, from consistent reads of this moment."""
        broadcast = self.broadcasts.get(item.order.broadcast_id) if item.order else None
        return Gate(broadcast, self.switch.get()).verdict(item, now)


@dataclass(frozen=True, slots=True)
class Sending:
    """An act on a copy; every call of it must be over by `deadline`."""

    item: OutboxItem
    records: Records
    clock: Clock
    deadline: datetime

    def time_for_call(self) -> timedelta:
        """How long the next call may take, once it is clear that it may be made; raises StoppedError.

        The clock is read last: a worker that slept through its lease while it read must not call any more.
        """
        try:
            refusal = refused(self.records.verdict(self.item, self.clock.now()))
        except StoreError:
            raise StoppedError(RetryLater(SendFailure.DESK_UNREADABLE, ASKED_AGAIN_AFTER)) from None
        if refusal is not None:
            raise StoppedError(refusal)
        left = self.deadline - self.clock.now()
        if left < SHORTEST_CALL:
            raise StoppedError(RetryLater(SendFailure.OUT_OF_TIME, timedelta(0)))
        return left

    def drafted(self, draft_id: str) -> None:
        """Keep the name of what nobody sees yet; raises StoppedError where that cannot be kept."""
        try:
            kept = self.records.outbox.keep_draft(self.item, platform_id=draft_id)
        except StoreError:
            kept = False
        if not kept:
            raise StoppedError(RetryLater(SendFailure.OUT_OF_TIME, timedelta(0)))

    def picture(self) -> UploadedFile | None:
        """The picture that goes with the copy, None where none does; raises StoppedError where it cannot be had."""
        name = self.item.order.picture if self.item.order else None
        if name is None:
            return None
        sha256, _, ending = name.partition(".")
        try:
            content = self.records.broadcasts.picture(sha256)
        except StoreError:
            raise StoppedError(RetryLater(SendFailure.DESK_UNREADABLE, ASKED_AGAIN_AFTER)) from None
        if content is None:
            raise StoppedError(Rejected(SendFailure.PICTURE_MISSING))
        return UploadedFile(name, content, "image/png" if ending == "png" else "image/jpeg")

    @property
    def alt(self) -> str | None:
        """The picture's alternative text."""
        return self.item.order.alt if self.item.order else None


class CopyChannel(Protocol):
    """One channel that copies go to; nothing but what the channel can do is ever asked of it.

    Each act makes every call in the time that `Sending.time_for_call` gives it, right before the call.
    """

    renames_drafts: bool
    """Whether what is published has another name than the draft it came from."""

    irrevocable: bool
    """Whether nothing can be done to what was sent, so that its name is not needed either."""

    def prepare(self, item: OutboxItem) -> RetryLater | CredentialsRefused | None:
        """Have the account's credentials at hand."""
        ...

    def publish(self, sending: Sending) -> SendAnswer:
        """Put the copy up."""
        ...

    def edit(self, sending: Sending, post_id: str) -> SendAnswer:
        """Put the item's words in the place of those that stand there."""
        ...

    def delete(self, sending: Sending, post_id: str) -> SendAnswer:
        """Take the post down; one that is gone already is what was wanted."""
        ...

    def follow_up(self, sending: Sending, post_id: str) -> SendAnswer:
        """Put the item's words beside the post."""
        ...

    def discard(self, item: OutboxItem, draft_id: str, *, within: timedelta) -> None:
        """Clear away a draft that will never be public, if that is possible; whatever comes of it."""
        ...

    def find_post(self, item: OutboxItem, *, within: timedelta) -> LookUpAnswer:
        """Whether the copy is up since `item.started_at`."""
        ...

    def find_edit(self, item: OutboxItem, post_id: str, *, within: timedelta) -> LookUpAnswer:
        """Whether the item's words stand in the post."""
        ...

    def find_gone(self, item: OutboxItem, post_id: str, *, within: timedelta) -> LookUpAnswer:
        """Found where the post is gone, Absent where it still stands."""
        ...

    def find_follow_up(self, item: OutboxItem, post_id: str, *, within: timedelta) -> LookUpAnswer:
        """Whether the item's words stand beside the post since `item.started_at`."""
        ...


def refused(verdict: Verdict) -> SendAnswer | None:
    """What comes of an item that may not be sent; None where it may."""
    match verdict:
        case Verdict.SEND:
            return None
        case Verdict.WAIT:
            return RetryLater(SendFailure.PUBLISHING_STOPPED, STOPPED_ASKED_AGAIN_AFTER)
        case Verdict.LAPSED:
            return Rejected(SendFailure.APPROVAL_LAPSED)
        case Verdict.NOT_APPROVED:
            return Rejected(SendFailure.NOT_APPROVED)
        case Verdict.OVER:
            return Superseded()


def not_public_yet(answer: SendAnswer) -> SendAnswer:
    """What comes of a call that makes nothing public and was not answered well: whatever it did, it may be repeated."""
    return RetryLater(answer.failure) if isinstance(answer, UnknownEffect) else answer
