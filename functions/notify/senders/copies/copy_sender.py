"""Copies of broadcasts: what an order comes to, once it is known what stands on its channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from contact_desk.broadcast_life import settled_now
from contact_desk.broadcasts import BroadcastState
from contact_desk.clock import Clock
from contact_desk.copy_gate import Verdict
from contact_desk.copy_orders import CopyAct, CopyCause, CopyOrder
from contact_desk.copy_progress import settled
from contact_desk.errors import StoreError
from contact_desk.outbox import OutboxItem
from contact_desk.send_failures import SendFailure
from functions.notify.platform_answers import (
    Absent,
    CredentialsRefused,
    Found,
    LookUpAnswer,
    Rejected,
    RetryLater,
    SendAnswer,
    Sent,
    Superseded,
    Unclear,
)
from functions.notify.senders.copies.sending import (
    ASKED_AGAIN_AFTER,
    CopyChannel,
    Records,
    Sending,
    StoppedError,
    refused,
)
from functions.notify.senders.copies.standing import NotSettled, Standing, followers, what_stands

LOOKED_AT_AGAIN = frozenset({SendFailure.NO_ANSWER, SendFailure.SERVER_ERROR, SendFailure.UNREADABLE_ANSWER})


@dataclass(frozen=True, slots=True)
class CopySender:
    """Sends items of kind COPY, by the channel of each.

    An item waits until it is settled what became of the copy that it is about. Where nothing stands that could be
    edited or followed up, words of cause START are published instead, and there is nothing to end.
    """

    records: Records
    channels: Mapping[str, CopyChannel]
    clock: Clock

    def prepare(self, item: OutboxItem) -> RetryLater | CredentialsRefused | None:
        """Have the account's credentials at hand, where the item has something to do there now."""
        try:
            verdict = self.records.verdict(item, self.clock.now())
            if verdict is not Verdict.SEND:
                answer = refused(verdict)
                return answer if isinstance(answer, RetryLater) else None
            stands = self._stands(item)
        except StoreError:
            return RetryLater(SendFailure.DESK_UNREADABLE, ASKED_AGAIN_AFTER)
        if isinstance(stands, NotSettled):
            return RetryLater(SendFailure.WAITS_FOR_ANOTHER, timedelta(0))
        idle = _is_end(_order(item)) and not stands.items
        return None if idle else self.channels[item.channel].prepare(item)

    def send(self, item: OutboxItem, *, within: timedelta) -> SendAnswer:
        """Do what the item asks, all of it within the time; each call is preceded by the question whether it may be."""
        sending = Sending(item, self.records, self.clock, self.clock.now() + within)
        try:
            return self._act(sending)
        except StoppedError as stopped:
            if item.platform_id and not isinstance(stopped.answer, RetryLater):
                self.channels[item.channel].discard(item, item.platform_id, within=within)
            return stopped.answer
        except StoreError:
            return RetryLater(SendFailure.DESK_UNREADABLE, ASKED_AGAIN_AFTER)

    def look_up(  # noqa: PLR0911 - one for each thing that may be asked
        self, item: OutboxItem, *, within: timedelta
    ) -> LookUpAnswer:
        """Whether what the item asks is done."""
        channel, order, until = self.channels[item.channel], _order(item), self.clock.now() + within
        try:
            stands = self._stands(item)
        except StoreError:
            return RetryLater(SendFailure.DESK_UNREADABLE, ASKED_AGAIN_AFTER)
        if isinstance(stands, NotSettled):
            return Unclear(SendFailure.WAITS_FOR_ANOTHER)
        if order.act is CopyAct.PUBLISH or (not _is_end(order) and not stands.items):
            return channel.find_post(item, within=within)
        posts = self._named(stands, within)
        if not isinstance(posts, tuple):
            return posts if isinstance(posts, RetryLater | CredentialsRefused) else Unclear(posts.failure)
        if not posts:
            return Absent()  # so that it is sent again, and comes to nothing
        if order.act is CopyAct.FOLLOW_UP:
            return channel.find_follow_up(item, posts[-1], within=within)
        look = channel.find_edit if order.act is CopyAct.EDIT else channel.find_gone
        for post_id in posts:
            seen = look(item, post_id, within=max(until - self.clock.now(), timedelta(milliseconds=1)))
            if not isinstance(seen, Found):
                return seen
        return Found(posts[0])

    def go_on(self, item: OutboxItem) -> Sequence[str]:
        """What it comes to that the item is over: the names of those that may have waited for it.

        The broadcast whose last channel this was is live. Where that cannot be written, the sweep does it in a minute.
        """
        broadcasts = self.records.broadcasts
        broadcast = broadcasts.get(_order(item).broadcast_id)
        if broadcast is None:
            return ()
        if broadcast.state is BroadcastState.PUBLISHING and settled(broadcast, self.records.outbox.get):
            broadcasts.commit(settled_now(broadcast, self.clock.now()))
        return followers(item, broadcast)

    def _act(self, sending: Sending) -> SendAnswer:  # noqa: PLR0911 - one for each thing that may be asked
        item, order, channel = sending.item, _order(sending.item), self.channels[sending.item.channel]
        within = sending.time_for_call()
        stands = self._stands(item)
        if isinstance(stands, NotSettled):
            return RetryLater(SendFailure.WAITS_FOR_ANOTHER, timedelta(0))
        if order.act is CopyAct.PUBLISH or (not _is_end(order) and not stands.items):
            return channel.publish(sending)
        posts = self._named(stands, within)
        if not isinstance(posts, tuple):
            return posts
        if not posts:
            return Superseded() if _is_end(order) else channel.publish(sending)
        if order.act is CopyAct.FOLLOW_UP:
            return _unless_gone(order, channel.follow_up(sending, posts[-1]))
        act = channel.edit if order.act is CopyAct.EDIT else channel.delete
        for post_id in posts:
            answer = _unless_gone(order, act(sending, post_id))
            if not isinstance(answer, Sent):
                return answer
        return Sent(posts[0])

    def _stands(self, item: OutboxItem) -> Standing | NotSettled:
        order = _order(item)
        return what_stands(order, self.records.outbox)

    def _named(
        self, stands: Standing, within: timedelta
    ) -> tuple[str, ...] | RetryLater | CredentialsRefused | Rejected:
        """The platform's names of the posts; one that only a person has seen is looked for."""
        names: list[str] = []
        for item in stands.items:
            channel = self.channels[item.channel]
            if channel.irrevocable:
                names.append(item.platform_id or item.outbox_id)
                continue
            if item.platform_id and not (item.resolved_by and channel.renames_drafts):
                names.append(item.platform_id)
                continue
            match channel.find_post(item, within=within):
                case Found(platform_id) if platform_id:
                    names.append(platform_id)
                case Absent():
                    continue  # the person was mistaken
                case RetryLater() | CredentialsRefused() as wait:
                    return wait
                case Unclear(failure) if failure in LOOKED_AT_AGAIN:
                    return RetryLater(failure)
                case _:
                    return Rejected(SendFailure.NOT_FOUND)
        return tuple(dict.fromkeys(names))


def _order(item: OutboxItem) -> CopyOrder:
    if item.order is None:
        raise ValueError("an item of kind COPY has an order")
    return item.order


def _is_end(order: CopyOrder) -> bool:
    return order.cause is not CopyCause.START


def _unless_gone(order: CopyOrder, answer: SendAnswer) -> SendAnswer:
    """The answer; what somebody else took down has ended as well as it could."""
    gone = isinstance(answer, Rejected) and answer.failure is SendFailure.TARGET_GONE
    return Sent(None) if gone and _is_end(order) else answer


def beside(item: OutboxItem, post_id: str) -> OutboxItem:
    """The item as an answer to the post, for the senders of answers."""
    return replace(item, target=post_id)
