"""What must be so of copies at every instant, and once nothing is left to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from contact_desk.broadcasts import Broadcast
from contact_desk.copy_orders import CopyAct
from contact_desk.outbox import OutboxItem, OutboxKind, OutboxState
from functions.notify.senders.copies.standing import CAUSE_OF_END
from local.twins.desk_records import DeskRecords
from tests.simulation.copy_platforms import ACCOUNTS, CopyPlatforms


@dataclass(frozen=True, slots=True)
class CopyPromises:
    """What everybody can see on the platforms, held against the records of the desk; each breach is said in words."""

    platforms: CopyPlatforms
    records: DeskRecords
    channels: tuple[str, ...]

    def at_every_instant(self) -> Iterable[str]:
        """At most one copy for everybody on each channel, and no words twice on a list."""
        for channel in self.channels:
            if channel in ACCOUNTS:
                copies = self.platforms.copies(channel)
                if len(copies) > 1:
                    yield f"{len(copies)} copies on {channel} at once: {sorted(copies)}"
        for item in self._copies():
            edits = item.order is not None and item.order.act is CopyAct.EDIT and item.channel in ACCOUNTS
            if item.text and not edits and self.platforms.said(item.text) > 1:
                yield f"{name_of(item)} is there {self.platforms.said(item.text)} times"

    def at_rest(self, channel: str, newest: Broadcast) -> Iterable[str]:
        """Every copy is up, ended or refused, as the records say; what was to end has ended."""
        for item in self._copies():
            if item.channel != channel:
                continue
            if item.state not in {OutboxState.SENT, OutboxState.FAILED}:
                yield f"{name_of(item)} was left {item.state} ({item.failure})"
            if item.state is OutboxState.FAILED and item.order and not item.order.stoppable:
                yield f"{name_of(item)} failed, and nobody will end the copy"
        start = self.records.outbox[newest.outbox_id(channel)]
        if channel not in ACCOUNTS:
            if _is_up(start) is not bool(self.platforms.said(start.text)):
                yield f"{name_of(start)} is {start.state}, and was said {self.platforms.said(start.text)} times"
        elif newest.on_air:
            yield from self._broken_on_air(start, self.platforms.copies(channel))
        elif newest.state in CAUSE_OF_END:
            end = self.records.outbox[newest.outbox_id(channel, CAUSE_OF_END[newest.state])]
            yield from self._broken_ended(end, self.platforms.copies(channel))
        else:
            yield f"the newest broadcast was left {newest.state}"

    def _broken_on_air(self, start: OutboxItem, copies: list[str]) -> Iterable[str]:
        beside = start.order is not None and start.order.act is CopyAct.FOLLOW_UP
        if _is_up(start) and not beside and copies != [start.text]:
            yield f"{name_of(start)} is up by our records, and there is {copies}"
        if start.state is OutboxState.FAILED and start.text in copies:
            yield f"{name_of(start)} has failed by our records, and is there"

    def _broken_ended(self, end: OutboxItem, copies: list[str]) -> Iterable[str]:
        assert end.order is not None
        ended = {
            CopyAct.DELETE: not copies,
            CopyAct.EDIT: copies in ([], [end.text]),
            CopyAct.FOLLOW_UP: not copies or self.platforms.said(end.text) > 0,
        }
        if not ended[end.order.act]:
            yield f"it is over ({end.order.act}), and on {end.channel} there is {copies}"

    def _copies(self) -> list[OutboxItem]:
        return [item for item in self.records.outbox.values() if item.kind is OutboxKind.COPY]


def _is_up(start: OutboxItem) -> bool:
    """Whether our records say that the copy was put up."""
    return start.state is OutboxState.SENT and bool(start.platform_id or start.resolved_by)


def name_of(item: OutboxItem | None) -> str:
    """What the item asks, in words."""
    if item is None or item.order is None:
        return "a look"
    order = item.order
    return f"{order.act} of {order.broadcast_id[-2:]} on {item.channel} ({order.cause})"
