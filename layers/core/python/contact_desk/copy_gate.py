"""Whether a copy may be sent now: asked right before each call, of the broadcast and the switch as they stand then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contact_desk.broadcasts import Broadcast, BroadcastState, PublishingSwitch
from contact_desk.copy_orders import CopyCause
from contact_desk.outbox import OutboxItem


class Verdict(StrEnum):
    """What is to be done with an item of kind COPY that has not been started.

    `send`; `wait`: publishing is stopped, ask again; `lapsed`, `not_approved`: refuse it for good; `over`: the
    broadcast has ended or another has taken its place, so there is nothing left to send.
    """

    SEND = "send"
    WAIT = "wait"
    LAPSED = "lapsed"
    NOT_APPROVED = "not_approved"
    OVER = "over"


ENDED_BY = {
    CopyCause.CORRECTED: BroadcastState.CORRECTED,
    CopyCause.EXPIRED: BroadcastState.EXPIRED,
    CopyCause.CANCELLED: BroadcastState.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Gate:
    """The broadcast of an item and the switch, from consistent reads of this very moment."""

    broadcast: Broadcast | None
    switch: PublishingSwitch

    def verdict(self, item: OutboxItem, now: datetime) -> Verdict:
        """Whether the item's exact words may go out; what ends a copy always may, once the broadcast has ended so."""
        order, broadcast = item.order, self.broadcast
        if order is None or broadcast is None or not broadcast.approved_now:
            return Verdict.NOT_APPROVED
        copy = broadcast.wording.copy(item.channel)
        if order.approved != broadcast.hash or copy is None:
            return Verdict.NOT_APPROVED
        if order.cause is not CopyCause.START:
            words = {CopyCause.EXPIRED: copy.expired.text, CopyCause.CANCELLED: copy.cancelled.text}
            right = item.text == words.get(order.cause, "") and broadcast.state is ENDED_BY[order.cause]
            return Verdict.SEND if right else Verdict.NOT_APPROVED
        return self._of_start(item, broadcast, copy.text, order.start_by, now)

    def _of_start(
        self, item: OutboxItem, broadcast: Broadcast, approved: str, start_by: datetime | None, now: datetime
    ) -> Verdict:
        if item.text != approved:
            return Verdict.NOT_APPROVED
        if not broadcast.on_air:
            return Verdict.OVER
        if start_by is None or now >= start_by:
            return Verdict.LAPSED
        return Verdict.SEND if self.switch.on else Verdict.WAIT
