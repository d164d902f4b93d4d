"""The narrow ports of broadcasts and of the switch of publishing, handed on by `contact_desk.ports`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from contact_desk.broadcast_desk import BroadcastChange, BroadcastPage, BroadcastQuery
from contact_desk.broadcasts import AnsweredWith, Broadcast, PublishingSwitch
from contact_desk.case_desk import ActRecord, CommitOutcome
from contact_desk.outbox import OutboxItem
from contact_desk.timeline import TimelineEntry


class Broadcasts(Protocol):
    """The broadcasts as operate, notify, the feed and sweep see them; raises StoreBusyError or StoreRefusedError."""

    def get(self, broadcast_id: str) -> Broadcast | None:
        """The broadcast as it stands now (a consistent read)."""
        ...

    def page(self, query: BroadcastQuery) -> BroadcastPage:
        """A page of broadcasts, newest first; the list may be a second behind the broadcasts themselves."""
        ...

    def shown(self, now: datetime) -> Sequence[Broadcast]:
        """All that the public feed must show, oldest first, each as it stands now (consistent reads).

        Those on air, and those that were and ended within the last 30 days.
        """
        ...

    def copy_items(self, broadcasts: Sequence[Broadcast]) -> Mapping[str, OutboxItem]:
        """The outbox items that the copies of the broadcasts have so far, by their names (consistent reads)."""
        ...

    def commit(self, change: BroadcastChange, record: ActRecord | None = None) -> CommitOutcome:
        """Write the change, and the record of the act if a person did it, in one transaction."""
        ...

    def due(self, before: datetime, limit: int) -> Sequence[str]:
        """Names of broadcasts for which the clock has something to do before the moment, oldest first."""
        ...

    def answered_with(self, broadcast_id: str) -> Sequence[AnsweredWith]:
        """The answers to people that carried the broadcast's link, oldest first."""
        ...

    def tell(self, case_id: str, entry: TimelineEntry, item: OutboxItem) -> bool:
        """Record a text to a person about a broadcast, with its entry on their case; False where it is there."""
        ...

    def keep_picture(self, sha256: str, content: bytes) -> None:
        """Keep a picture's bytes under their hash, out of the public's sight until a broadcast with it is public."""
        ...

    def picture(self, sha256: str) -> bytes | None:
        """A picture's bytes."""
        ...


class Switch(Protocol):
    """The one switch of all publishing."""

    def get(self) -> PublishingSwitch:
        """The switch as it stands now (a consistent read): asked right before each call that publishes."""
        ...

    def turn(self, before: PublishingSwitch, after: PublishingSwitch, record: ActRecord) -> CommitOutcome:
        """Turn it, with the record of the act, while it still has the version of `before`."""
        ...
