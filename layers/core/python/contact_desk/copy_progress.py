"""How each copy of a broadcast stands, read from its outbox items: one truth, written by whoever sends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from contact_desk.broadcasts import ENDED, Broadcast, BroadcastState, CopyState
from contact_desk.copy_orders import CopyAct, CopyCause
from contact_desk.outbox import UNSENT, OutboxItem, OutboxState
from contact_desk.send_failures import SendFailure

ENDS = (CopyCause.CORRECTED, CopyCause.EXPIRED, CopyCause.CANCELLED)


@dataclass(frozen=True, slots=True)
class CopyProgress:
    """One copy: its state, the post's id on its platform, why it waits or failed, and when it was up and ended."""

    channel: str
    state: CopyState
    platform_id: str | None = None
    failure: str | None = None
    published_at: datetime | None = None
    ended_at: datetime | None = None
    outbox_id: str | None = None


def item_ids(broadcast: Broadcast) -> tuple[str, ...]:
    """The names of all the outbox items that the broadcast's copies can have."""
    return tuple(
        broadcast.outbox_id(copy.channel, cause) for copy in broadcast.wording.copies for cause in CopyCause
    )


def progress_of(broadcast: Broadcast, items: Mapping[str, OutboxItem]) -> tuple[CopyProgress, ...]:
    """Every copy as it stands; `items` are those of `Broadcasts.copy_items`."""
    return tuple(_of_copy(broadcast, copy.channel, items) for copy in broadcast.wording.copies)


def settled(broadcast: Broadcast, get: Callable[[str], OutboxItem | None]) -> bool:
    """Whether each channel has said what became of its copy, or only a person can say; `get` finds an item by name."""
    starts = (get(broadcast.outbox_id(copy.channel)) for copy in broadcast.wording.copies)
    return all(start is not None and start.state not in UNSENT for start in starts)


def _of_copy(broadcast: Broadcast, channel: str, items: Mapping[str, OutboxItem]) -> CopyProgress:
    start = items.get(broadcast.outbox_id(channel))
    if start is None:
        return CopyProgress(channel, CopyState.PLANNED)
    state = _of_start(start)
    found = CopyProgress(
        channel, state, start.platform_id, start.failure, start.sent_at, outbox_id=start.outbox_id
    )
    if broadcast.state not in ENDED or state in {CopyState.FAILED, CopyState.LAPSED, CopyState.WITHDRAWN}:
        return found
    ends = [one for cause in ENDS if (one := items.get(broadcast.outbox_id(channel, cause)))]
    if ends:
        return _ended(found, ends[0])
    # The correction's own copy has taken its place, or is about to.
    after = CopyState.ENDED if broadcast.state is BroadcastState.CORRECTED else state
    return CopyProgress(channel, after, start.platform_id, None, start.sent_at, broadcast.ended_at)


def _of_start(start: OutboxItem) -> CopyState:
    match start.state:
        case OutboxState.SENT if start.platform_id is None and start.resolved_by is None:
            return CopyState.WITHDRAWN
        case OutboxState.SENT:
            return CopyState.LIVE
        case OutboxState.FAILED if start.failure == SendFailure.APPROVAL_LAPSED:
            return CopyState.LAPSED
        case OutboxState.FAILED:
            return CopyState.FAILED
        case OutboxState.NEEDS_HUMAN:
            return CopyState.NEEDS_HUMAN
        case _:
            return CopyState.PUBLISHING


def _ended(found: CopyProgress, end: OutboxItem) -> CopyProgress:
    states = {
        OutboxState.SENT: CopyState.ENDED,
        OutboxState.FAILED: CopyState.NEEDS_HUMAN,
        OutboxState.NEEDS_HUMAN: CopyState.NEEDS_HUMAN,
    }
    # A post that was followed up stands; one that was deleted or edited is no more what it was.
    stands = end.order is not None and end.order.act is CopyAct.FOLLOW_UP
    return CopyProgress(
        found.channel,
        states.get(end.state, CopyState.ENDING),
        found.platform_id
        if stands or end.state is not OutboxState.SENT
        else end.platform_id or found.platform_id,
        end.failure,
        found.published_at,
        end.sent_at,
        end.outbox_id,
    )
