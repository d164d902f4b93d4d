"""When people write: the curve's weights, its mean, and days that differ more than chance alone."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, datetime, timedelta
from statistics import mean, variance
from zoneinfo import ZoneInfo

import pytest

from local.demand.curve import DAYS, WEEKDAY, WEEKEND, arrivals, factor, midnight

LONDON = ZoneInfo("Europe/London")
FIRST = midnight(date(2026, 3, 2), LONDON)


def test_the_weights_of_a_day_sum_to_its_hours_and_those_of_a_week_to_its_days() -> None:
    assert sum(WEEKDAY) == pytest.approx(24, abs=0.11)
    assert sum(WEEKEND) == pytest.approx(24, abs=0.11)
    assert sum(DAYS) == pytest.approx(7, abs=0.01)


def test_new_years_night_is_the_planned_peak() -> None:
    night, usual = datetime(2026, 12, 31, 22, tzinfo=LONDON), datetime(2026, 12, 10, 22, tzinfo=LONDON)
    assert factor(night) == pytest.approx(2.3 * factor(usual))


def test_arrivals_have_the_mean_that_was_asked_for_and_grow() -> None:
    last = FIRST + timedelta(days=300)
    found = list(arrivals(random.Random(1), FIRST, last, LONDON, a_day=50, over_dispersed=False))
    assert found == sorted(found)
    assert len(found) / 300 == pytest.approx(50 * 1.02, rel=0.03)
    grown = list(arrivals(random.Random(1), FIRST, last, LONDON, a_day=50, growth_a_month=0.1))
    assert len(grown) > 1.4 * len(found)


def test_days_are_over_dispersed() -> None:
    last = FIRST + timedelta(days=365)
    found = arrivals(random.Random(2), FIRST, last, LONDON, a_day=200)
    counts = list(Counter(at.astimezone(LONDON).date() for at in found).values())
    # By chance alone the variance would be the mean; a coefficient of variation of 0.15 adds (0.15 x 200) squared.
    assert variance(counts) > 3 * mean(counts)


def test_a_day_with_a_clock_change_has_its_hours() -> None:
    begins, ends = midnight(date(2026, 3, 29), LONDON), midnight(date(2026, 3, 30), LONDON)
    assert ends - begins == timedelta(hours=23)
    assert all(begins <= at < ends for at in arrivals(random.Random(3), begins, ends, LONDON, a_day=50))
