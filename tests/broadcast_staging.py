"""Broadcasts for tests: drafted, submitted, approved by two people, on any store."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from contact_desk.broadcast_desk import BroadcastChange
from contact_desk.broadcast_life import approved, drafted, submitted
from contact_desk.broadcast_texts import CopyFields, written_copy
from contact_desk.broadcasts import (
    Area,
    Broadcast,
    BroadcastKind,
    Point,
    Severity,
    Wording,
    broadcast_reference,
)
from contact_desk.case_desk import Committed, Operator
from contact_desk.clock import encode_ulid
from contact_desk.ports import Broadcasts
from local.twins.held_still import NOON
from tests.builders import force

AVA, BEN = Operator("sub-Ava", "Ava"), Operator("sub-Ben", "Ben")
LIVE_URL = "https://desk.example/live"
SQUARE = (
    Point(53.40, -3.00),
    Point(53.40, -2.98),
    Point(53.42, -2.98),
    Point(53.42, -3.00),
    Point(53.40, -3.00),
)


def broadcast_id(number: int = 1) -> str:
    return encode_ulid(NOON, number)


def wording(name: str = "", channels: tuple[str, ...] = ("facebook_page", "x"), **changes: Any) -> Wording:
    """A road closure of two hours."""
    fields: dict[str, Any] = {
        "kind": BroadcastKind.INCIDENT,
        "what": "Road closed",
        "where": "Queensway tunnel, both ways",
        "do": "Use the Kingsway tunnel.",
        "severity": Severity.MODERATE,
        "area": Area(("Birkenhead", "Liverpool"), SQUARE),
        "language": "en",
        "expires_at": NOON + timedelta(hours=2),
        **changes,
    }
    about = CopyFields(
        kind=fields["kind"],
        what=fields["what"],
        where=fields["where"],
        do=fields["do"],
        language=fields["language"],
        expires_at=fields["expires_at"],
        reference=broadcast_reference("MP", name or broadcast_id()),
        link=f"{LIVE_URL}/{broadcast_reference('MP', name or broadcast_id())}",
        correction=fields.get("corrects") is not None,
    )
    copies = tuple(
        written_copy(channel, about, force(), text=None, alt=None, picture=None) for channel in channels
    )
    return Wording(**{"copies": copies, **fields})


def done(broadcasts: Broadcasts, change: BroadcastChange) -> Broadcast:
    """The broadcast after a change that nothing refuses."""
    assert broadcasts.commit(change) == Committed()
    stored = broadcasts.get(change.after.broadcast_id)
    assert stored == change.after
    return stored


def draft(broadcasts: Broadcasts, number: int = 1, now: datetime = NOON, **changes: Any) -> Broadcast:
    name = broadcast_id(number)
    words = wording(name, **changes)
    corrected = broadcasts.get(words.corrects) if words.corrects else None
    return done(broadcasts, drafted(name, words, AVA, force=force(), corrected=corrected, now=now))


def handed_in(broadcasts: Broadcasts, number: int = 1, now: datetime = NOON, **changes: Any) -> Broadcast:
    one = draft(broadcasts, number, now, **changes)
    return done(broadcasts, submitted(one, AVA, urgent=False, force=force(), now=now))


def on_air(broadcasts: Broadcasts, number: int = 1, now: datetime = NOON, **changes: Any) -> Broadcast:
    """Approved by a second person, and publishing; scheduled, where it starts later."""
    one = handed_in(broadcasts, number, now, **changes)
    return done(broadcasts, approved(one, BEN, read=broadcasts.get, force=force(), now=now))
