"""When people write: hours of the day, days of the week, months, and days that are busier than any curve says.

Shape fitted to published facts of police demand: deployments peak from 18 to 22 h, weekend nights are about double a
weekday's, days are over-dispersed (a gamma factor with a coefficient of variation of 0.15).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKDAY = (
    0.45, 0.32, 0.25, 0.20, 0.20, 0.25, 0.40, 0.70, 1.05, 1.26, 1.36, 1.41,
    1.41, 1.41, 1.41, 1.46, 1.51, 1.56, 1.56, 1.51, 1.41, 1.21, 1.00, 0.73,
)  # fmt: skip
WEEKEND = (
    0.88, 0.78, 0.63, 0.49, 0.34, 0.27, 0.31, 0.47, 0.73, 0.98, 1.12, 1.22,
    1.27, 1.27, 1.27, 1.29, 1.37, 1.41, 1.46, 1.46, 1.41, 1.32, 1.17, 1.07,
)  # fmt: skip
DAYS = (1.02, 0.98, 0.98, 0.98, 1.04, 1.05, 0.95)
SUMMER, DECEMBER = (6, 7, 8), 12
SATURDAY = 5
OVER_DISPERSION = 0.15
NEW_YEARS_EVE, NEW_YEAR_FACTOR, BANK_HOLIDAY_FACTOR = (12, 31), 2.3, 1.2


def factor(moment: datetime, holidays: frozenset[date] = frozenset()) -> float:
    """How much busier than the mean hour a local moment's hour is."""
    hours = WEEKEND if moment.weekday() >= SATURDAY else WEEKDAY
    found = hours[moment.hour] * DAYS[moment.weekday()]
    if moment.month in SUMMER:
        found *= 1.10
    elif moment.month == DECEMBER:
        found *= 1.08
    if moment.date() in holidays:
        found *= BANK_HOLIDAY_FACTOR
    return found * NEW_YEAR_FACTOR if _is_new_years_night(moment) else found


def arrivals(
    chance: random.Random,
    first: datetime,
    last: datetime,
    zone: ZoneInfo,
    *,
    a_day: float,
    growth_a_month: float = 0.0,
    over_dispersed: bool = True,
) -> Iterator[datetime]:
    """When matters begin: a Poisson process whose rate follows the curve, `a_day` at its start and growing.

    Times are UTC to the millisecond, in order.
    """
    hour = first.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    day_factors: dict[date, float] = {}
    while hour < last:
        local = hour.astimezone(zone)
        shape = 1 / OVER_DISPERSION**2
        noise = day_factors.setdefault(
            local.date(), chance.gammavariate(shape, 1 / shape) if over_dispersed else 1.0
        )
        grown = (1 + growth_a_month) ** ((hour - first) / timedelta(days=30.4))
        rate = a_day / 24 * grown * noise * factor(local)
        at = chance.expovariate(rate) if rate > 0 else 1.0
        while at < 1.0:
            moment = hour + timedelta(milliseconds=int(at * 3_600_000))
            if first <= moment < last:
                yield moment
            at += chance.expovariate(rate)
        hour += timedelta(hours=1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The beginning of a local day."""
    return datetime.combine(day, time(0), zone).astimezone(UTC)


def _is_new_years_night(moment: datetime) -> bool:
    evening = (moment.month, moment.day) == NEW_YEARS_EVE and moment.hour >= 21  # noqa: PLR2004
    return evening or ((moment.month, moment.day) == (1, 1) and moment.hour < 3)  # noqa: PLR2004
