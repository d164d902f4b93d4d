"""What one act changes on a broadcast, and what people ask of the broadcasts there are."""

from __future__ import annotations

from dataclasses import dataclass

from contact_desk.alerts import Alert
from contact_desk.broadcasts import Broadcast, BroadcastState
from contact_desk.case_desk import QueuePlace
from contact_desk.outbox import OutboxItem


@dataclass(frozen=True, slots=True)
class BroadcastChange:
    """What one act changes: everything in it is written, or nothing is.

    It holds only while each broadcast has the version of its `before` (None: it is not there yet), and, with
    `while_publishing`, only while the switch is on. `corrected` is the broadcast whose place this one takes, as it
    was read and as it becomes. `outbox` are the items of its copies and of the feed. An `alert` is opened with its
    `announcement`, while it does not stand open already.
    """

    before: Broadcast | None
    after: Broadcast
    corrected: tuple[Broadcast, Broadcast] | None = None
    outbox: tuple[OutboxItem, ...] = ()
    alert: Alert | None = None
    announcement: OutboxItem | None = None
    while_publishing: bool = False


@dataclass(frozen=True, slots=True)
class BroadcastQuery:
    """Which broadcasts to list, newest first; no states: all."""

    states: frozenset[BroadcastState] = frozenset()
    after: QueuePlace | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class BroadcastPage:
    """Some broadcasts, and where the next page begins, if any."""

    broadcasts: tuple[Broadcast, ...]
    next_place: QueuePlace | None = None
