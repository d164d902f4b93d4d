"""Demand against a desk over HTTP: what is held back, what is lost, and that a balance which is wrong says so."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import httpx
import pytest

from cli.simulate import told_of
from contact_desk.stores.dynamo import Table
from contact_desk.stores.items import alert_item
from local.day.deliveries import Delivery
from local.demand.desk import SimulatedDesk
from local.demand.live import LiveRun
from local.demand.matters import Population, ways_of
from local.demand.surges import SURGES, Demanded, Profile, Surge, SurgeName, demanded
from local.demand.writing import Writer
from local.twins.held_still import NOON
from tests.builders import PUBLIC_URL, force
from tests.unit.demand.test_report_is_true import SECRETS

MINUTES = timedelta(minutes=20)


class DeskOverHttp:
    """A desk in memory behind a transport, and its table as the run reads it."""

    def __init__(self, lose: Callable[[int], bool] = lambda _: False, status: int = 200) -> None:
        accounts = {name: channel.account for name, channel in force().channels.items()}
        self.writer = Writer(accounts, SECRETS, PUBLIC_URL, "a run")
        self.desk = SimulatedDesk(force(), self.writer, random.Random(1))
        self.desk.clock.at = NOON
        self.transport = httpx.MockTransport(self._answer)
        self._lose, self._status, self._calls = lose, status, 0

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self._calls += 1
        if self._status == 200 and not self._lose(self._calls):
            delivery = Delivery("", "", request.url.path, request.content, {}, cast(Any, None), 200)
            for contact in self.desk._contacts(delivery):
                self.desk._take(contact)
        return httpx.Response(self._status)

    def get_all(self, wanted: Sequence[dict[str, str]]) -> list[dict[str, Any]]:
        items = {item["pk"]: item for item in self.desk.intake.items}
        items |= {f"alert#{name}": alert_item(one) for name, one in self.desk.records.alerts.items()}
        found = [items[key["pk"]] for key in wanted if key["pk"] in items]
        return [{**item, "opened_at": str(NOON.isoformat())} if "nudge" in item else item for item in found]

    def run(self, demand: Sequence[Demanded], *, rate: float = 10_000, replayed: bool = False) -> Any:
        run = LiveRun(self.writer, cast(Table, self), PUBLIC_URL, rate=rate, chance=random.Random(2))
        return run.play(demand, seconds=1, replayed=replayed, transport=self.transport)


def some_demand(surge: Surge | None = None, seed: int = 3) -> list[Demanded]:
    population = Population(random.Random(seed), ways_of(list(force().channels)))
    zone = ZoneInfo("Europe/London")
    return list(demanded(population, NOON, NOON + MINUTES, zone, profile=Profile.C, surge=surge))


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.demand.live.SETTLED_WITHIN_SECONDS", 0.0)
    monkeypatch.setattr("local.demand.live.TRIES", 1)


def test_everything_that_was_answered_is_on_the_desk() -> None:
    balance = DeskOverHttp().run(some_demand(Surge(private=120, emergencies=0.5)))
    assert balance.adds_up
    assert balance.wanted == balance.contacts == balance.on_desk > 20
    assert balance.private.contacts > 5
    assert 0 <= balance.private.to_desk_p50 <= balance.private.to_desk_p99 < 1
    assert "private, receipt to the desk: p50 0.0 s" in told_of(balance)


def test_what_the_desk_loses_is_named_and_the_balance_is_wrong() -> None:
    balance = DeskOverHttp(lose=lambda call: call == 3).run(some_demand())
    assert (balance.adds_up, len(balance.missing)) == (False, 1)
    assert not DeskOverHttp(status=401).run(some_demand()).adds_up


def test_the_rate_holds_back_the_public_first() -> None:
    demand = some_demand(Surge(public=600))
    private = sum(not one.public for one in demand)
    balance = DeskOverHttp().run(demand, rate=private + 5)
    assert balance.held_back == len(demand) - private - 5 > 0
    assert balance.contacts == private + 5


def test_a_replay_brings_everything_twice_and_nothing_double() -> None:
    desk = DeskOverHttp()
    balance = desk.run(some_demand(), replayed=True)
    assert (balance.adds_up, balance.repeated) == (True, balance.contacts)
    assert len(desk.desk.records.contacts) == balance.contacts


def test_a_surge_ramps_up_to_its_rate() -> None:
    surge = SURGES[SurgeName.S1]
    scaled = Surge(public=surge.public / 50, copies=surge.copies)
    public = [one.at for one in some_demand(scaled) if one.message.text.endswith("shared")]
    early = sum(at < NOON + MINUTES / 2 for at in public)
    # Ten minutes of ramp are half of what ten minutes on the plateau are; four in five are copies.
    expected = scaled.public / 6 * scaled.copies
    assert len(public) - early == pytest.approx(expected, rel=0.25)
    assert early == pytest.approx(expected / 2, rel=0.35)
