"""The report says what the generator knows to be true, figure by figure."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cli.reporting.periods import reported
from contact_desk.numbers.stats import Stats, week_of
from local.demand.curve import arrivals, midnight
from local.demand.desk import SimulatedDesk
from local.demand.loading import totals_of
from local.demand.matters import Population, ways_of
from local.demand.writing import Writer
from local.stack_file import MetaSecret, Secrets, SmsSecret, XSecret
from tests.builders import APP_SECRET, AUTH_TOKEN, CONSUMER_SECRET, PUBLIC_URL, VERIFY_TOKEN, force
from tests.proving import Share

SECRETS = Secrets(
    meta=MetaSecret(app_secret=APP_SECRET, verify_token=VERIFY_TOKEN),
    x=XSecret(consumer_secret=CONSUMER_SECRET),
    sms=SmsSecret(auth_token=AUTH_TOKEN),
)
ZONE = ZoneInfo("Europe/London")
FIRST = date(2026, 5, 1)
SIGNIFICANT_A_DAY = 33
A_DAY = timedelta(days=1)
ACCOUNTS = {name: channel.account for name, channel in force().channels.items()}


def lived(days: int) -> SimulatedDesk:
    own, chance = force(), random.Random(7)
    first, last = midnight(FIRST, ZONE), midnight(FIRST + timedelta(days=days), ZONE)
    desk = SimulatedDesk(own, Writer(ACCOUNTS, SECRETS, PUBLIC_URL, "7"), chance)
    population = Population(chance, ways_of(list(own.channels)))
    begins = arrivals(chance, first, last, ZONE, a_day=SIGNIFICANT_A_DAY * 1.17, growth_a_month=0.06)
    desk.plan(population.matter(at) for at in begins)
    desk.run(last)
    return desk


@pytest.fixture(scope="module")
def days(share: Share) -> int:
    return share(3, 184)


@pytest.fixture(scope="module")
def desk(days: int) -> SimulatedDesk:
    return lived(days)


def test_every_figure_of_the_report_is_what_the_generator_knows(desk: SimulatedDesk, days: int) -> None:
    last = FIRST + timedelta(days=days)
    now = midnight(last, ZONE)
    found = reported(totals_of(desk.records, now), FIRST, last, ZONE)
    for stats in (found.whole, *(month.stats for month in found.months)):
        wrong = list(differences(stats.fields(now), desk.world.expected(stats.first, stats.last, now)))
        assert wrong == [], wrong[:5]
    assert found.whole.significant > 20 * days
    assert week_of(found.whole, ZONE) == desk.world.week(found.whole.first, found.whole.last, ZONE)


def test_the_generator_leaves_nothing_out_that_the_report_can_say(desk: SimulatedDesk, days: int) -> None:
    now = midnight(FIRST + timedelta(days=days), ZONE)
    stats = Stats(totals_of(desk.records, now), midnight(FIRST, ZONE), now)
    known = desk.world.expected(stats.first, stats.last, now)
    told = set(leaves(stats.fields(now))) - set(leaves(known))
    assert {path[0] for path in told} <= {"from", "to", "definitions_versions", "survey", "cases"}
    assert {path for path in told if path[0] == "cases"} == {("cases", "oldest_open_from")}


def test_the_same_seed_is_the_same_demand() -> None:
    def deliveries(seed: int) -> list[bytes]:
        chance, ways = random.Random(seed), ways_of(list(force().channels))
        population, writer = Population(chance, ways), Writer(ACCOUNTS, SECRETS, PUBLIC_URL, str(seed))
        begins = arrivals(chance, midnight(FIRST, ZONE), midnight(FIRST + A_DAY, ZONE), ZONE, a_day=50)
        matters = [population.matter(at) for at in begins]
        return [writer.delivery(matter, one).body for matter in matters for one in matter.messages]

    assert deliveries(1) == deliveries(1) != deliveries(2)


def differences(told: Any, known: Any, path: tuple[str, ...] = ()) -> Any:
    """Where the report says something else than what is known; times may be off by 5 per cent."""
    if isinstance(known, dict):
        counts = all(isinstance(value, int) for value in known.values())
        for name in known.keys() | (told.keys() if counts else set()):
            yield from differences(told.get(name, 0), known.get(name, 0), (*path, str(name)))
    elif path[-1] in {"p50", "p90", "p99"} and known is not None:
        if told != pytest.approx(known, rel=0.05):
            yield "/".join(path), told, known
    elif told != known:
        yield "/".join(path), told, known


def leaves(fields: Any, path: tuple[str, ...] = ()) -> Any:
    if isinstance(fields, dict):
        for name, value in fields.items():
            yield from leaves(value, (*path, str(name)))
    else:
        yield path
