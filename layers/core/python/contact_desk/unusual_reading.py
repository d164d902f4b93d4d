"""Reading that an auditor should look at: too much of it, reading without work, a case of one's own name.

All of it is told from the audit alone. There is no rota at the desk: whoever opens cases and works on none, in that
hour and in the one before, is taken to read off shift.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from contact_desk.alerts import Alert, AlertKind, AlertRank
from contact_desk.audit_chain import HOUR
from contact_desk.case_desk import AuditEntry
from contact_desk.clock import to_rfc3339
from contact_desk.references import digest_id

OPEN, OWN_NAME = "open", "open: own name"
OPENINGS = frozenset({OPEN, OWN_NAME})
READING = OPENINGS | {"list", "audit"}
REFUSED = " refused: "
NAME_AND_SURNAME = 2


class Limits(Protocol):
    """From how many on reading is unusual."""

    @property
    def opened_an_hour(self) -> int:
        """Different cases that one person opens in an hour."""
        ...

    @property
    def without_work(self) -> int:
        """Different cases that somebody opens who works on none."""
        ...


@dataclass(frozen=True, slots=True)
class UnusualReading:
    """How one person read in one hour, by counts; `opened` are different cases."""

    person: str
    hour: datetime
    opened: int
    too_many: bool
    without_work: bool
    own_name: int

    @property
    def told(self) -> str:
        """What the audit says of it: reasons and counts, no case."""
        reasons = [
            f"opened {self.opened}" if self.too_many else "",
            f"opened {self.opened} and worked on none" if self.without_work else "",
            f"own name {self.own_name}" if self.own_name else "",
        ]
        return f"unusual reading: {', '.join(filter(None, reasons))}"

    def alert(self) -> Alert:
        """The alert to the auditor, once for the person and the hour; it names neither person nor case."""
        return Alert(
            f"reading.{digest_id(self.person, to_rfc3339(self.hour))}.{AlertKind.UNUSUAL_READING}",
            AlertRank.A3,
            AlertKind.UNUSUAL_READING,
            self.hour + HOUR,
        )


def unusual(entries: Iterable[AuditEntry], hour: datetime, limits: Limits) -> list[UnusualReading]:
    """Who read unusually in the hour, by the entries of that hour and the one before."""
    opened: defaultdict[str, set[str]] = defaultdict(set)
    own: defaultdict[str, set[str]] = defaultdict(set)
    at_work = set()
    for entry in entries:
        if entry.act in OPENINGS and hour <= entry.at < hour + HOUR:
            opened[entry.by].add(entry.subject)
            if entry.act == OWN_NAME:
                own[entry.by].add(entry.subject)
        elif entry.act not in READING and REFUSED not in entry.act:
            at_work.add(entry.by)
    found = [
        UnusualReading(
            person,
            hour,
            len(cases),
            too_many=len(cases) >= limits.opened_an_hour,
            without_work=person not in at_work and len(cases) >= limits.without_work,
            own_name=len(own[person]),
        )
        for person, cases in sorted(opened.items())
    ]
    return [one for one in found if one.too_many or one.without_work or one.own_name]


def same_name(reader: str, person: str | None) -> bool:
    """Whether the person of a case goes by the reader's own name: each word of the shorter is one of the longer's.

    One word alone is no name that tells people apart, unless it is all that both have.
    """
    ours, theirs = set(reader.casefold().split()), set((person or "").casefold().split())
    if min(len(ours), len(theirs)) < NAME_AND_SURNAME:
        return bool(ours) and ours == theirs
    return ours <= theirs or theirs <= ours
