"""What an outbox item of kind COPY asks of a channel: to publish, edit, delete or follow up one copy of a broadcast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from contact_desk.clock import from_rfc3339, to_rfc3339
from contact_desk.references import digest_id


class CopyAct(StrEnum):
    """What is done on the channel."""

    PUBLISH = "publish"
    EDIT = "edit"
    DELETE = "delete"
    FOLLOW_UP = "follow_up"


class CopyCause(StrEnum):
    """Why it is done: each broadcast asks at most once for each cause on each channel."""

    START = "start"
    CORRECTED = "corrected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class CopyOrder:
    """One act on one copy; the item's `text` is its exact words, empty for a delete.

    `approved` is the hash of the broadcast that two people stood behind: START is sent only while the broadcast has
    it. `start_by` is when START lapses; None for what ends a copy, which never lapses. `on` names the outbox item
    whose post is edited, deleted or followed up: that item's `platform_id` says which post it is; where that item
    provably put nothing up, an edit of cause START publishes instead, and what ends a copy has nothing to do.
    `after` names the outbox item that must be done first (the old post's delete, where a channel cannot edit).
    `picture` is the name of the broadcast's picture that goes with it, `alt` its alternative text.
    """

    broadcast_id: str
    act: CopyAct
    cause: CopyCause
    approved: str
    start_by: datetime | None = None
    on: str | None = None
    after: str | None = None
    picture: str | None = None
    alt: str | None = None

    @property
    def stoppable(self) -> bool:
        """Whether the switch that stops all publishing holds it: new words wait, what takes words back does not."""
        return self.cause is CopyCause.START

    def fields(self) -> dict[str, str]:
        """What the table keeps of it."""
        written = {**asdict(self), "start_by": to_rfc3339(self.start_by) if self.start_by else None}
        return {name: str(value) for name, value in written.items() if value is not None}

    @classmethod
    def read(cls, fields: Mapping[str, str]) -> CopyOrder:
        """The order that `fields` gave."""
        return cls(
            broadcast_id=fields["broadcast_id"],
            act=CopyAct(fields["act"]),
            cause=CopyCause(fields["cause"]),
            approved=fields["approved"],
            start_by=from_rfc3339(fields["start_by"]) if "start_by" in fields else None,
            on=fields.get("on"),
            after=fields.get("after"),
            picture=fields.get("picture"),
            alt=fields.get("alt"),
        )


def copy_item_id(broadcast_id: str, channel: str, cause: CopyCause) -> str:
    """The name of the outbox item that one cause has on one channel: the same cause never makes a second one."""
    return digest_id("copy", broadcast_id, channel, cause.value)
