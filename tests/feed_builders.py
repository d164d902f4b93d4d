"""Broadcasts as the public feed reads them, and a feed of its own to put them into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from contact_desk.broadcasts import (
    SHOWN_AFTER_END,
    Area,
    Broadcast,
    BroadcastKind,
    BroadcastState,
    Copy,
    CopyEnd,
    Point,
    Severity,
    Signature,
    Wording,
    broadcast_reference,
)
from contact_desk.copy_orders import CopyAct
from contact_desk.outbox import OutboxItem
from functions.notify.feed.notices import Notice, notices
from functions.notify.feed.publisher import PhoneNumbers, Publisher
from functions.notify.feed.updating import FeedUpdate
from local.twins.held_still import FrozenClock
from local.twins.in_memory_pages import InMemoryPages

NOON = datetime(2026, 7, 14, 12, 0, tzinfo=UTC)
PUBLISHER = Publisher(
    name="Merseyside Police",
    short_code="MP",
    sender="contact.merseyside.example",
    base_url="https://desk.example",
    zone=ZoneInfo("Europe/London"),
    phones=PhoneNumbers("101", "+44 151 709 6010"),
    trial=False,
    x_handle="MerseyPolice",
)
GONE = CopyEnd(CopyAct.DELETE)
# Round the Strand, Liverpool, the wrong way for GeoJSON.
STRAND = (
    Point(53.4050, -2.9960),
    Point(53.4080, -2.9940),
    Point(53.4070, -2.9900),
    Point(53.4040, -2.9930),
    Point(53.4050, -2.9960),
)


def wording(**changes: Any) -> Wording:
    made = Wording(
        kind=BroadcastKind.INCIDENT,
        what="The Strand is closed in both directions after a crash",
        where="The Strand, between James Street and Water Street, Liverpool",
        do="Use the Queensway tunnel or Leeds Street. Allow 20 minutes more.",
        severity=Severity.MODERATE,
        area=Area(("Liverpool city centre",), STRAND),
        language="en",
        copies=(Copy("x", "The Strand is closed after a crash. https://desk.example/live/x", GONE, GONE),),
        expires_at=NOON + timedelta(hours=4),
    )
    return replace(made, **changes)


def broadcast(name: str = "01", *, state: BroadcastState = BroadcastState.LIVE, **changes: Any) -> Broadcast:
    """A live incident; changes to its wording go by the wording's names, all others by the broadcast's."""
    fields = {name for name in Wording.__dataclass_fields__ if name in changes}
    words = wording(**{name: changes.pop(name) for name in fields})
    at = changes.get("published_at", NOON)
    signed = Signature("someone", "Someone", at, words.hash)
    made = Broadcast(
        broadcast_id=name,
        reference=broadcast_reference("MP", name),
        state=state,
        version=4,
        wording=words,
        drafted_by="someone",
        drafted_at=at,
        changed_at=changes.get("ended_at") or at,
        root=name,
        submitted=signed,
        approved=replace(signed, by="another"),
        published_at=at,
    )
    return replace(made, **changes)


def corrected_chain() -> tuple[Broadcast, Broadcast]:
    """A closure and its correction ten minutes later."""
    later = NOON + timedelta(minutes=10)
    first = broadcast("01", state=BroadcastState.CORRECTED, ended_at=later, corrected_by="02")
    return first, broadcast(
        "02", published_at=later, corrects="01", root="01", what="The Strand is closed southbound only"
    )


def shown_as(*broadcasts: Broadcast, now: datetime = NOON + timedelta(hours=1)) -> Sequence[Notice]:
    known = {one.broadcast_id: one for one in broadcasts}
    return notices(broadcasts, known.get, now)


@dataclass
class Table:
    """The broadcasts as a table would give them; `seen` counts the reads."""

    clock: FrozenClock
    broadcasts: dict[str, Broadcast] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    items: dict[str, OutboxItem] = field(default_factory=dict)

    def keep(self, *broadcasts: Broadcast) -> None:
        self.broadcasts |= {one.broadcast_id: one for one in broadcasts}

    def shown(self, now: datetime) -> Sequence[Broadcast]:
        return [
            one
            for one in self.broadcasts.values()
            if one.on_air or (one.published_at and one.ended_at and one.ended_at > now - SHOWN_AFTER_END)
        ]

    def get(self, broadcast_id: str) -> Broadcast | None:
        return self.broadcasts.get(broadcast_id)

    def copy_items(self, broadcasts: Sequence[Broadcast]) -> Mapping[str, OutboxItem]:
        names = {one.outbox_id(copy.channel) for one in broadcasts for copy in one.wording.copies}
        return {name: self.items[name] for name in names & self.items.keys()}

    def picture(self, sha256: str) -> bytes | None:
        return self.pictures.get(sha256)


class FeedDesk:
    """A table, a bucket and as many writers as a test wants."""

    def __init__(self, *broadcasts: Broadcast) -> None:
        self.clock = FrozenClock(NOON + timedelta(hours=1))
        self.table = Table(self.clock)
        self.table.keep(*broadcasts)
        self.bucket = InMemoryPages()

    def writer(self, **other: Any) -> FeedUpdate:
        parts: dict[str, Any] = {
            "broadcasts": self.table,
            "bucket": self.bucket,
            "publisher": PUBLISHER,
            "clock": self.clock,
            # One after the other, so that a seed always plays the same.
            "looks_at_once": 1,
        }
        return FeedUpdate(**parts | other)

    def update(self) -> int:
        return self.writer().run(until=self.clock.now() + timedelta(seconds=4)).files

    def text(self, key: str) -> str:
        return self.bucket.files[key].body.decode()
