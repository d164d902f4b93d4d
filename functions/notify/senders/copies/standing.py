"""Which posts stand on a channel because of an outbox item, and what else waits for the item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contact_desk.broadcasts import Broadcast, BroadcastState
from contact_desk.copy_orders import CopyAct, CopyCause, CopyOrder, copy_item_id
from contact_desk.outbox import UNSENT, OutboxItem, OutboxState
from contact_desk.ports import OutboxStore

NOT_SETTLED = UNSENT | {OutboxState.NEEDS_HUMAN}
CAUSE_OF_END = {
    BroadcastState.CORRECTED: CopyCause.CORRECTED,
    BroadcastState.EXPIRED: CopyCause.EXPIRED,
    BroadcastState.CANCELLED: CopyCause.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """The items whose posts stand there, the newest first; the last of them is the post that all others are beside."""

    items: tuple[OutboxItem, ...]


@dataclass(frozen=True, slots=True)
class NotSettled:
    """Nobody knows yet what stands there: what another item does must be known first."""


def what_stands(order: CopyOrder, outbox: OutboxStore) -> Standing | NotSettled:
    """What the order finds on its channel, as far as it is told what to look at."""
    return _left_by(order.on, outbox) if _cleared(order, outbox) else NotSettled()


def _left_by(name: str | None, outbox: OutboxStore) -> Standing | NotSettled:
    """What an item has left there; where it put nothing up, that which it was to take the place of still stands."""
    item = outbox.get(name) if name else None
    if item is None or item.order is None:
        return Standing(())
    if item.state in NOT_SETTLED or not _cleared(item.order, outbox):
        return NotSettled()
    up = item.state is OutboxState.SENT and (item.platform_id is not None or item.resolved_by is not None)
    if up and item.order.act is not CopyAct.FOLLOW_UP:
        return Standing((item,))
    before = _left_by(item.order.on, outbox)
    if up and isinstance(before, Standing):
        return Standing((item, *before.items))
    return before


def _cleared(order: CopyOrder, outbox: OutboxStore) -> bool:
    """Whether that is done which the order comes after; it may not be, although its own item is over."""
    first = outbox.get(order.after) if order.after else None
    return first is None or first.state is OutboxState.SENT


def followers(item: OutboxItem, broadcast: Broadcast) -> Sequence[str]:
    """The names of the items that may have waited for what became of this one."""
    cause = CAUSE_OF_END.get(broadcast.state)
    if cause is None:
        return ()
    names = [broadcast.outbox_id(item.channel, cause)]
    if broadcast.corrected_by:
        names.append(copy_item_id(broadcast.corrected_by, item.channel, CopyCause.START))
    return [name for name in names if name != item.outbox_id]
