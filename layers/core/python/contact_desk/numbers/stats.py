"""What the counts say: shares, percentiles, the oldest open case, the offset, for any run of hours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from contact_desk.clock import to_rfc3339
from contact_desk.grades import Grade
from contact_desk.numbers.counting import Figures, HourTotal, added
from contact_desk.numbers.definitions import DEFINITIONS, VERSION, Measure, Standing
from contact_desk.numbers.durations import percentile
from contact_desk.numbers.offset import ASSUMPTIONS, Offset, offset
from contact_desk.numbers.surveys import SurveyAnswer

TIMES = (Measure.TO_ACKNOWLEDGEMENT, Measure.TO_EYES, Measure.TO_REPLY, Measure.TO_CLOSE)
SHARES = (0.5, 0.9, 0.99)
AN_HOUR = timedelta(hours=1)
Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took in so many cases, in seconds; right to within 5 per cent."""

    cases: int
    p50: float | None
    p90: float | None
    p99: float | None


class Stats:
    """The figures of the hours from the first moment up to, not including, the last."""

    def __init__(self, totals: Sequence[HourTotal], first: datetime, last: datetime) -> None:
        self.first, self.last = first, last
        self.hours = tuple(total for total in totals if first <= total.hour < last)
        self.figures: Figures = added(self.hours)

    def number(self, measure: Measure, *by: str) -> int:
        """All that was counted of a measure, of one kind where one is named."""
        named = (measure, *by)
        return sum(number for figure, number in self.figures.items() if figure[: len(named)] == named)

    def by(self, measure: Measure, place: int = 1) -> Counter[str]:
        """A measure by what it is counted by, the largest first."""
        kinds: Counter[str] = Counter()
        for figure, number in self.figures.items():
            if figure[0] == measure and len(figure) > place:
                kinds[figure[place]] += number
        return Counter(dict(sorted(kinds.items(), key=lambda kind: (-kind[1], kind[0]))))

    def times(self, measure: Measure, *, grade: str | None = None, channel: str | None = None) -> Times:
        """How long something took, for a grade, a channel, or all."""
        wanted = {1: grade, 2: channel}
        classes: Counter[int] = Counter()
        for figure, number in self.figures.items():
            if figure[0] == measure and all(
                kind is None or figure[place] == kind for place, kind in wanted.items()
            ):
                classes[int(figure[-1])] += number
        return _times(classes)

    def alert_times(self, rank: str) -> Times:
        """How long alerts of a rank waited for a person."""
        return _times(
            Counter(
                {
                    int(figure[2]): number
                    for figure, number in self.figures.items()
                    if figure[:2] == (Measure.TO_ALERT_SEEN, rank)
                }
            )
        )

    @property
    def significant(self) -> int:
        """All significant contacts, final and provisional."""
        return self.number(Measure.SIGNIFICANT)

    @cached_property
    def oldest_open(self) -> datetime | None:
        """The hour in which the oldest case was opened that nobody has closed."""
        return next((total.hour for total in self.hours if total.figures[Measure.OPEN,]), None)

    @cached_property
    def offset(self) -> Offset | None:
        """What the survey's answers say of the significant contacts; None where nobody has answered."""
        return offset(
            self.significant, {SurveyAnswer(name): n for name, n in self.by(Measure.SURVEYS).items()}
        )

    @property
    def versions(self) -> tuple[int, ...]:
        """The versions of the definitions that the hours were counted by."""
        return tuple(sorted({total.version for total in self.hours}))

    def fields(self, now: datetime) -> Fields:
        """All of it, ready for JSON; durations are seconds."""
        oldest = self.oldest_open
        return {
            "from": to_rfc3339(self.first),
            "to": to_rfc3339(self.last),
            "definitions_versions": list(self.versions),
            "contacts": {
                "all": self.number(Measure.CONTACTS),
                "by_channel": self.by(Measure.CONTACTS),
                "by_language": self.by(Measure.CONTACT_LANGUAGES),
                "by_country": self.by(Measure.CONTACT_ORIGINS),
                "country_learnt_from": self.by(Measure.CONTACT_ORIGINS, 2),
            },
            "cases": {
                "all": self.number(Measure.CASES),
                "by_channel": self.by(Measure.CASES),
                "open": self.number(Measure.OPEN),
                "oldest_open_from": to_rfc3339(oldest) if oldest else None,
                "oldest_open_hours": int((now - oldest) / AN_HOUR) if oldest else None,
                "by_disposition": self.by(Measure.DISPOSITIONS),
                "claims_lost": self.number(Measure.CLAIMS_LOST),
            },
            "significant": {
                "all": self.significant,
                "final": self.number(Measure.SIGNIFICANT, Standing.FINAL),
                "provisional": self.number(Measure.SIGNIFICANT, Standing.PROVISIONAL),
                "by_channel": self.by(Measure.BY_CHANNEL),
                "by_category": self.by(Measure.BY_CATEGORY),
                "by_grade": self.by(Measure.BY_GRADE),
                "by_language": self.by(Measure.BY_LANGUAGE),
                "by_country": self.by(Measure.BY_ORIGIN),
                "country_learnt_from": self.by(Measure.BY_ORIGIN, 2),
            },
            "not_significant": self.by(Measure.NOT_SIGNIFICANT),
            "signposts": {
                "by_machine": self.by(Measure.MACHINE_SIGNPOSTS),
                "by_person": self.number(Measure.PERSONS_SIGNPOSTS),
            },
            "times": {measure.value: self._times_fields(measure) for measure in TIMES},
            "alerts": {
                rank: {
                    "all": number,
                    "open": self.number(Measure.ALERTS_OPEN, rank),
                    "to_seen": asdict(self.alert_times(rank)),
                }
                for rank, number in sorted(self.by(Measure.ALERTS).items())
            },
            "survey": {
                "asked": self.number(Measure.SURVEYS_ASKED),
                "answers": self.by(Measure.SURVEYS),
                "offset": asdict(self.offset) if self.offset else None,
                "told": self.offset.told if self.offset else False,
            },
        }

    def _times_fields(self, measure: Measure) -> Fields:
        channels = sorted(self.by(measure, 2))
        return {
            "all": asdict(self.times(measure)),
            "by_grade": {
                grade.value: asdict(self.times(measure, grade=grade))
                for grade in Grade
                if self.number(measure, grade)
            },
            "by_channel": {name: asdict(self.times(measure, channel=name)) for name in channels},
        }


def week_of(stats: Stats, zone: ZoneInfo) -> list[list[int]]:
    """Significant contacts by day of the week, Monday first, and hour of the day, on the force's clock."""
    week = [[0] * 24 for _ in range(7)]
    for total in stats.hours:
        local = total.hour.astimezone(zone)
        week[local.weekday()][local.hour] += sum(
            number for figure, number in total.figures.items() if figure[0] == Measure.SIGNIFICANT
        )
    return week


def day_begins(day: date, zone: ZoneInfo) -> datetime:
    """The beginning of a day on the force's clock."""
    return datetime.combine(day, time(0), zone).astimezone(UTC)


def definitions_fields() -> Fields:
    """What each figure means, with its version, and what the offset assumes; ready for JSON."""
    return {
        "version": VERSION,
        "measures": {measure.value: asdict(one) for measure, one in DEFINITIONS.items()},
        "offset_assumptions": list(ASSUMPTIONS),
    }


def _times(classes: Mapping[int, int]) -> Times:
    found = (percentile(classes, share) for share in SHARES)
    p50, p90, p99 = (None if one is None else round(one.total_seconds(), 3) for one in found)
    return Times(sum(classes.values()), p50, p90, p99)
