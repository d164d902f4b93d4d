"""What the generator knows to be true: what it sent, what its people did, what its platforms were given. The desk's
records are never looked at: a report is held to this.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from contact_desk.alerts import AlertRank
from contact_desk.cases import Disposition
from contact_desk.decisions import TriageDecision
from contact_desk.grades import Grade, higher_grade
from contact_desk.numbers.offset import offset
from contact_desk.numbers.origins import Origin
from contact_desk.numbers.surveys import SurveyAnswer
from contact_desk.outbox import Purpose

DAY = timedelta(hours=24)
WITHHELD = "withheld"
NO_RECORD = {Disposition.THANKS, Disposition.SPAM, Disposition.NO_POLICE_MATTER}


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that reached the desk for the first time, and how the reader reads such words."""

    at: datetime
    channel: str
    origin: Origin | None
    reading: TriageDecision


@dataclass(slots=True)
class KnownAlert:
    """What called operators to a matter, and when they heard."""

    raised_at: datetime
    seen_at: datetime | None = None


@dataclass(slots=True)
class KnownCase:
    """One matter from its first message on, as the world saw it."""

    opened_at: datetime
    channel: str
    origin: Origin | None
    keeps_category: bool
    arrivals: list[Arrival] = field(default_factory=list)
    texts: list[tuple[Purpose, datetime, str | None]] = field(default_factory=list)
    alerts: dict[AlertRank, KnownAlert] = field(default_factory=dict)
    seen_at: datetime | None = None
    wrote_back: bool = False
    closed_at: datetime | None = None
    disposition: Disposition | None = None
    claims_lost: int = 0
    asked: bool = False
    answer: SurveyAnswer | None = None
    last_opened_at: datetime | None = None

    def call(self, rank: AlertRank | None, now: datetime) -> None:
        """Operators are called, or called again after they have heard."""
        if rank and (rank not in self.alerts or self.alerts[rank].seen_at):
            self.alerts[rank] = KnownAlert(now)

    @property
    def grade(self) -> Grade:
        """The highest that any of its messages was read as."""
        grade = Grade.RESOLVE
        for arrival in self.arrivals:
            grade = higher_grade(grade, arrival.reading.grade)
        return grade

    @property
    def category(self) -> str:
        """That of its most urgent message that has one, of two alike the later."""
        if not self.keeps_category:
            return WITHHELD
        having = [arrival for arrival in self.arrivals if arrival.reading.category]
        worst = max(
            having, key=lambda one: (-one.reading.grade.rank, -one.reading.band.rank, one.at), default=None
        )
        return str(worst.reading.category) if worst else "unknown"

    @property
    def language(self) -> str:
        """That of its last message that has one."""
        spoken = [arrival.reading.language for arrival in self.arrivals if arrival.reading.language]
        return spoken[-1] if spoken else "unknown"

    @property
    def signpost(self) -> str | None:
        """The signpost that the person was sent by the machine."""
        return next((code for purpose, _, code in self.texts if purpose is Purpose.SIGNPOST), None)

    @property
    def counts_as(self) -> str:
        """What it is among the significant contacts, in the words of the definitions."""
        repeat = self.last_opened_at is not None and self.opened_at - self.last_opened_at < DAY
        alone = self.signpost is not None and not self.wrote_back
        if self.closed_at is None:
            settled = alone and self.grade is Grade.RESOLVE
            if settled and all(one.reading.thanks for one in self.arrivals[1:]):
                return "signposted_by_machine"
            return "repeat" if repeat else "provisional"
        if self.disposition is Disposition.SIGNPOSTED and alone:
            return "signposted_by_machine"
        if self.disposition in NO_RECORD:
            return "nothing_for_police"
        return "repeat" if repeat or self.disposition is Disposition.REPEAT else "final"

    @property
    def significant(self) -> bool:
        """Whether it is a significant contact."""
        return self.counts_as in {"final", "provisional"}

    def after(self, moment: datetime | None) -> float | None:
        """Seconds from its opening until then."""
        return None if moment is None else (moment - self.opened_at).total_seconds()

    def first_text(self, *purposes: Purpose) -> datetime | None:
        """When the first text of such a purpose had reached the person."""
        return min((at for purpose, at, _ in self.texts if purpose in purposes), default=None)


AUTOMATIC = (Purpose.EMERGENCY, Purpose.SIGNPOST, Purpose.ACKNOWLEDGEMENT)
MEASURED: dict[str, Callable[[KnownCase], float | None]] = {
    "to_acknowledgement": lambda case: case.after(case.first_text(*AUTOMATIC)),
    "to_eyes": lambda case: case.after(case.seen_at),
    "to_reply": lambda case: case.after(case.first_text(Purpose.REPLY)),
    "to_close": lambda case: case.after(case.closed_at),
}


@dataclass(slots=True)
class World:
    """Everything that happened outside the desk."""

    arrivals: list[Arrival] = field(default_factory=list)
    cases: list[KnownCase] = field(default_factory=list)

    def expected(self, first: datetime, last: datetime, now: datetime) -> dict[str, Any]:
        """The figures of the hours from the first moment up to the last, in the shape of the desk's own answer."""
        arrivals = [one for one in self.arrivals if first <= _hour(one.at) < last]
        cases = [case for case in self.cases if first <= _hour(case.opened_at) < last]
        significant = [case for case in cases if case.significant]
        still_open = [case for case in cases if case.closed_at is None]
        oldest = min((_hour(case.opened_at) for case in still_open), default=None)
        answers = Counter(case.answer for case in cases if case.answer)
        found = offset(len(significant), answers)
        return {
            "contacts": {
                "all": len(arrivals),
                "by_channel": _count(one.channel for one in arrivals),
                "by_language": _count(one.reading.language or "unknown" for one in arrivals),
                "by_country": _count(one.origin.country for one in arrivals if one.origin),
                "country_learnt_from": _count(one.origin.learnt_from for one in arrivals if one.origin),
            },
            "cases": {
                "all": len(cases),
                "by_channel": _count(case.channel for case in cases),
                "open": len(still_open),
                "oldest_open_hours": int((now - oldest) / timedelta(hours=1)) if oldest else None,
                "by_disposition": _count(case.disposition for case in cases if case.disposition),
                "claims_lost": sum(case.claims_lost for case in cases),
            },
            "significant": {
                "all": len(significant),
                "final": sum(case.counts_as == "final" for case in cases),
                "provisional": sum(case.counts_as == "provisional" for case in cases),
                "by_channel": _count(case.channel for case in significant),
                "by_category": _count(case.category for case in significant),
                "by_grade": _count(case.grade for case in significant),
                "by_language": _count(case.language for case in significant),
                "by_country": _count(case.origin.country for case in significant if case.origin),
                "country_learnt_from": _count(case.origin.learnt_from for case in significant if case.origin),
            },
            "not_significant": _count(case.counts_as for case in cases if not case.significant),
            "signposts": {
                "by_machine": _count(case.signpost for case in cases if case.signpost),
                "by_person": sum(
                    case.disposition is Disposition.SIGNPOSTED and case.counts_as != "signposted_by_machine"
                    for case in cases
                ),
            },
            "times": {name: _measured(cases, took) for name, took in MEASURED.items()},
            "alerts": {
                rank.value: _alerts(ranked)
                for rank in AlertRank
                if (ranked := [case.alerts[rank] for case in cases if rank in case.alerts])
            },
            "survey": {
                "asked": sum(case.asked for case in cases),
                "answers": _count(case.answer for case in cases if case.answer),
                "offset": asdict(found) if found else None,
            },
        }

    def week(self, first: datetime, last: datetime, zone: ZoneInfo) -> list[list[int]]:
        """Significant contacts by day of the week and hour of the day."""
        week = [[0] * 24 for _ in range(7)]
        for case in self.cases:
            if case.significant and first <= _hour(case.opened_at) < last:
                local = case.opened_at.astimezone(zone)
                week[local.weekday()][local.hour] += 1
        return week


def _measured(cases: Sequence[KnownCase], took: Callable[[KnownCase], float | None]) -> dict[str, Any]:
    timed = [(case, seconds) for case in cases if (seconds := took(case)) is not None]
    grades = sorted({case.grade for case, _ in timed}, key=lambda grade: grade.rank)
    return {
        "all": _percentiles([seconds for _, seconds in timed]),
        "by_grade": {
            grade.value: _percentiles([seconds for case, seconds in timed if case.grade is grade])
            for grade in grades
        },
        "by_channel": {
            name: _percentiles([seconds for case, seconds in timed if case.channel == name])
            for name in sorted({case.channel for case, _ in timed})
        },
    }


def _alerts(alerts: Sequence[KnownAlert]) -> dict[str, Any]:
    seen = [(alert.seen_at - alert.raised_at).total_seconds() for alert in alerts if alert.seen_at]
    return {"all": len(alerts), "open": len(alerts) - len(seen), "to_seen": _percentiles(seen)}


def _percentiles(seconds: Sequence[float]) -> dict[str, Any]:
    """The exact nearest-rank percentiles; nothing is quicker than a second."""
    ordered = sorted(max(1.0, each) for each in seconds)

    def rank(share: float) -> float | None:
        return ordered[math.ceil(share * len(ordered)) - 1] if ordered else None

    return {"cases": len(ordered), "p50": rank(0.5), "p90": rank(0.9), "p99": rank(0.99)}


def _count(kinds: Iterable[str]) -> dict[str, int]:
    return dict(Counter(str(kind) for kind in kinds))


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
