"""A period of local days and the months in it, and demand by hour of the week on the force's own clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from contact_desk.numbers.counting import HourTotal
from contact_desk.numbers.stats import Stats, day_begins, week_of

A_DAY = timedelta(days=1)
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HOURS = 24
FEWEST_MONTHS = 2


@dataclass(frozen=True, slots=True)
class Month:
    """One calendar month, or the part of it that lies in the period, with its figures."""

    name: str
    stats: Stats
    days: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Reported:
    """All that a report tells: the whole period, its months, and mean significant contacts an hour by day and hour."""

    first: date
    last: date
    zone: ZoneInfo
    whole: Stats
    months: tuple[Month, ...]
    week: tuple[tuple[float, ...], ...]

    @property
    def days(self) -> int:
        """How many days the period has."""
        return (self.last - self.first).days

    @property
    def growth(self) -> float | None:
        """The mean growth of significant contacts a day, from month to month; None with fewer than two whole months."""
        daily = [month.stats.significant / month.days for month in self.months if month.whole]
        if len(daily) < FEWEST_MONTHS or not daily[0]:
            return None
        return float((daily[-1] / daily[0]) ** (1 / (len(daily) - 1)) - 1)


def reported(totals: Sequence[HourTotal], first: date, last: date, zone: ZoneInfo) -> Reported:
    """The report's figures from the hours of the days from the first up to, not including, the last."""
    whole = Stats(totals, day_begins(first, zone), day_begins(last, zone))
    months = []
    begins = first
    while begins < last:
        next_month = (begins.replace(day=1) + 31 * A_DAY).replace(day=1)
        ends = min(next_month, last)
        stats = Stats(whole.hours, day_begins(begins, zone), day_begins(ends, zone))
        is_whole = begins.day == 1 and ends == next_month
        months.append(Month(f"{begins:%b %Y}", stats, (ends - begins).days, is_whole))
        begins = ends
    return Reported(first, last, zone, whole, tuple(months), _week(whole, first, last, zone))


def _week(stats: Stats, first: date, last: date, zone: ZoneInfo) -> tuple[tuple[float, ...], ...]:
    found = week_of(stats, zone)
    each = [sum((first + n * A_DAY).weekday() == day for n in range((last - first).days)) for day in range(7)]
    return tuple(tuple(number / max(1, each[day]) for number in hours) for day, hours in enumerate(found))
