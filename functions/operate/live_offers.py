"""Live broadcasts that answer what somebody asks: about the same place, and the same matter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from contact_desk.broadcasts import Broadcast, BroadcastKind, Wording, link_of
from contact_desk.case_desk import CaseFile
from contact_desk.clock import to_rfc3339

Fields = dict[str, Any]

CONTACTS_READ = 5
SHORTEST_NAME = 3
STEM = 5
# What people ask about when something is closed, burning or flooded, in whatever words it was announced.
OF_INCIDENTS = frozenset(
    [
        "road",
        "roads",
        "closed",
        "closure",
        "shut",
        "open",
        "opened",
        "traffic",
        "crash",
        "collision",
        "accident",
        "flood",
        "fire",
        "blocked",
        "diversion",
        "delay",
        "delays",
        "route",
        "tunnel",
        "bridge",
        "motorway",
        "junction",
        "going",
        "happening",
        "through",
        "police",
        "sirens",
        "helicopter",
    ]
)
NO_PLACE = frozenset(
    [
        "road",
        "street",
        "lane",
        "avenue",
        "drive",
        "close",
        "way",
        "court",
        "place",
        "north",
        "south",
        "east",
        "west",
        "northbound",
        "southbound",
        "eastbound",
        "westbound",
        "both",
        "ways",
        "near",
        "junction",
        "between",
        "and",
        "the",
        "new",
        "old",
        "great",
        "city",
        "town",
        "centre",
    ]
)
WORD = re.compile(r"[^\W_]+", re.UNICODE)


def offers(found: CaseFile, shown: Sequence[Broadcast], live_url: str) -> list[Fields]:
    """Those of the broadcasts on air that an answer to this case could link to, newest first."""
    asked = _asked(found)
    return [
        {
            "broadcast_id": one.broadcast_id,
            "reference": one.reference,
            "what": one.wording.what,
            "where": one.wording.where,
            "expires_at": to_rfc3339(one.wording.expires_at) if one.wording.expires_at else None,
            "link": link_of(live_url, one),
        }
        for one in reversed(shown)
        if one.on_air and _same_place(asked, one.wording) and _same_matter(asked, one.wording)
    ]


def _asked(found: CaseFile) -> list[str]:
    """The words of the newest contacts."""
    written = [one.event or one.contact for one in found.timeline]
    texts = [contact.text for contact in written if contact and contact.text][-CONTACTS_READ:]
    return _words(" \n ".join(texts))


def _same_place(asked: list[str], wording: Wording) -> bool:
    line = f" {' '.join(asked)} "
    return any(f" {place} " in line for place in _places(wording))


def _places(wording: Wording) -> Iterator[str]:
    """The area's names, and the words of `where` that name something: `queensway`, `a41`."""
    yield from (" ".join(_words(name)) for name in wording.area.names if len(name) >= SHORTEST_NAME)
    for word in WORD.findall(wording.where):
        known = word.casefold()
        if (word[0].isupper() or known[-1].isdigit()) and len(word) > 1 and known not in NO_PLACE:
            yield known


def _same_matter(asked: list[str], wording: Wording) -> bool:
    if wording.kind is BroadcastKind.INCIDENT and OF_INCIDENTS.intersection(asked):
        return True
    about = {word[:STEM] for word in _words(f"{wording.what} {wording.do}") if len(word) >= STEM - 1}
    return bool(about.intersection(word[:STEM] for word in asked if len(word) >= STEM - 1))


def _words(text: str) -> list[str]:
    return [word.casefold() for word in WORD.findall(text)]
