"""Looking after channels: lost subscriptions come back, credentials' days are counted, odd silence is told once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest

from contact_desk.alerts import AlertKind, AlertRank
from contact_desk.force_file import ForceFile, OddSilence
from functions.ingest.channel_health import SUBSCRIPTIONS, ChannelHealth, Findings, look
from functions.ingest.readers.graph_reading import GraphReading
from functions.ingest.readers.x_reading import XReading
from local.platforms.faults import Fault, FaultKind
from local.twins.desk_records import DeskRecords
from local.twins.held_still import NOON, FrozenClock
from local.twins.in_memory_alerts import InMemoryAlerts
from local.twins.in_memory_channel_log import InMemoryChannelLog
from local.twins.in_memory_secret import InMemorySecret
from tests.builders import FORCE_ON_X, PAGE, force
from tests.simulation.faults import Injector
from tests.simulation.graph_in_process import GRAPH_API_URL, X_API_URL, X_KEYS, GraphInProcess

WANTED = frozenset().union(*SUBSCRIPTIONS.values())
BY_DAY = (9,) * 7 + (2,) * 15 + (4,) * 2
SILENCE = OddSilence(weekdays=BY_DAY, saturday=(5,) * 24, sunday=(6,) * 24)


def watched(silence: OddSilence | None) -> ForceFile:
    """The force with one channel whose silence is watched, or none."""
    channels = {
        name: channel.model_copy(update={"odd_silence": silence if name == "messenger" else None})
        for name, channel in force().channels.items()
    }
    return force().model_copy(update={"channels": channels})


@dataclass
class Health:
    """The look after channels over the stand-in and twins."""

    graph: GraphInProcess
    clock: FrozenClock
    records: DeskRecords = field(default_factory=DeskRecords)
    log: InMemoryChannelLog = field(default_factory=InMemoryChannelLog)
    silence: OddSilence | None = SILENCE
    x_keys: InMemorySecret = field(default_factory=lambda: InMemorySecret(**X_KEYS.model_dump()))

    def look(self) -> Findings:
        tokens = InMemorySecret(page_tokens={PAGE: "page-token"})
        desk = ChannelHealth(
            force=watched(self.silence),
            graph=GraphReading(GRAPH_API_URL, tokens, lambda _: None),
            x=XReading(X_API_URL, self.x_keys, self.clock, lambda _: None),
            channel_log=self.log,
            alerts=InMemoryAlerts(self.records),
            clock=self.clock,
        )
        return look(desk, lambda: timedelta(seconds=50))

    @property
    def alerts(self) -> list[tuple[AlertKind, AlertRank, str]]:
        return [(alert.kind, alert.rank, alert.alert_id) for alert in self.records.alerts.values()]


@pytest.fixture
def health() -> Iterator[Health]:
    clock = FrozenClock()
    graph = GraphInProcess({PAGE: "page-token"}, clock, Injector())
    with patch("urllib3.PoolManager.urlopen", graph.urlopen):
        yield Health(graph, clock)
    graph.close()


def test_a_page_that_is_subscribed_to_everything_is_left_alone(health: Health) -> None:
    assert health.look() == Findings()
    assert {exchange.method for exchange in health.graph.exchanges} == {"GET"}


@pytest.mark.parametrize("left", [set(), {"messages"}, {"feed", "message_reads"}])
def test_a_page_that_lost_its_subscription_is_subscribed_again(health: Health, left: set[str]) -> None:
    health.graph.history.standing(PAGE).subscribed = set(left)

    assert health.look().repaired == [PAGE]
    assert health.graph.history.standing(PAGE).subscribed == WANTED | left
    assert health.look().repaired == []


def test_a_subscription_that_cannot_be_made_is_a_look_that_failed(health: Health) -> None:
    health.graph.history.standing(PAGE).subscribed = set()
    health.graph.faults.add(Fault("facebook", "subscription", FaultKind.FAILS_BEFORE, 1))

    assert health.look().failed == {"page facebook_page+messenger": "unreachable"}
    assert health.look().repaired == [PAGE]


@pytest.mark.parametrize(("days", "left"), [(60, 60), (13.5, 13), (0.5, 0)])
def test_the_days_of_a_token_are_counted(health: Health, days: float, left: int) -> None:
    health.graph.history.standing(PAGE).token_ends = NOON + timedelta(days=days)

    assert health.look().days_left == {"messenger": left, "facebook_page": left}
    assert not health.records.alerts


@pytest.mark.parametrize("how", ["ended", "refused"])
def test_a_dead_token_has_no_days_left_and_is_told_once_a_day(health: Health, how: str) -> None:
    if how == "ended":
        health.graph.history.standing(PAGE).token_ends = NOON - timedelta(seconds=1)
    else:
        health.graph.faults.add(Fault("facebook", "token", FaultKind.EXPIRED, 3))
    health.graph.history.standing(PAGE).subscribed = set()

    assert health.look().days_left == {"messenger": 0, "facebook_page": 0}
    assert health.look().repaired == []
    told = {
        (AlertKind.CREDENTIAL_DEAD, AlertRank.A2, f"{name}.{PAGE}.credential_dead") for name in SUBSCRIPTIONS
    }
    assert set(health.alerts) == told
    assert len(health.records.outbox) == 2
    health.clock.advance(days=1)
    health.look()
    assert len(health.records.outbox) == 2  # nobody has acknowledged it: its ladder nudges


@pytest.mark.parametrize(
    ("now", "hours", "silent"),
    [
        (datetime(2026, 11, 2, 12, tzinfo=UTC), 1.9, False),  # a Monday's noon
        (datetime(2026, 11, 2, 12, tzinfo=UTC), 2.0, True),
        (datetime(2026, 11, 3, 3, tzinfo=UTC), 8.9, False),  # the night
        (datetime(2026, 11, 3, 3, tzinfo=UTC), 9.0, True),
        (datetime(2026, 11, 7, 12, tzinfo=UTC), 4.9, False),  # a Saturday
        (datetime(2026, 11, 7, 12, tzinfo=UTC), 5.0, True),
        (datetime(2026, 11, 8, 12, tzinfo=UTC), 5.9, False),  # a Sunday
        (datetime(2026, 11, 8, 12, tzinfo=UTC), 6.0, True),
        (datetime(2026, 7, 6, 6, 30, tzinfo=UTC), 2.0, True),  # half past seven in summer time
        (datetime(2026, 12, 7, 6, 30, tzinfo=UTC), 2.0, False),  # half past six in winter
    ],
)
def test_what_silence_is_odd_depends_on_the_hour_of_the_week(
    health: Health, now: datetime, hours: float, silent: bool
) -> None:
    health.clock.at = now
    health.log.heard("messenger", PAGE, now - timedelta(hours=hours))

    assert health.look().silent == (["messenger"] if silent else [])
    kind = AlertKind.CHANNEL_SILENT
    assert health.alerts == ([(kind, AlertRank.A2, f"messenger.{PAGE}.channel_silent")] if silent else [])


def test_one_silence_is_told_once_and_the_next_one_again(health: Health) -> None:
    health.log.heard("messenger", PAGE, NOON - timedelta(hours=3))
    health.look()
    alerts = InMemoryAlerts(health.records)
    alert_id = f"messenger.{PAGE}.channel_silent"
    (item,) = health.records.outbox.values()
    alerts.acknowledge(alert_id, by="an operator", now=NOON, item=item)
    health.clock.advance(minutes=5)
    health.look()
    assert not alerts.open_alerts()

    health.log.heard("messenger", PAGE, health.clock.now())
    health.clock.advance(hours=3)
    health.look()
    assert [alert.alert_id for alert in alerts.open_alerts()] == [alert_id]


@pytest.mark.parametrize("why", ["never heard of", "not watched"])
def test_a_channel_that_was_never_heard_of_or_is_not_watched_is_not_silent(health: Health, why: str) -> None:
    if why == "not watched":
        health.silence = None
        health.log.heard("messenger", PAGE, NOON - timedelta(days=30))

    assert health.look().silent == []


def test_a_look_that_fails_stops_no_other(health: Health) -> None:
    health.graph.faults.add(Fault("facebook", "token", FaultKind.RATE, 1))
    health.log.heard("messenger", PAGE, NOON - timedelta(hours=3))

    found = health.look()
    assert found.failed == {"page facebook_page+messenger": "throttled"}
    assert found.silent == ["messenger"]


@pytest.mark.parametrize("how", ["refused", "missing"])
def test_dead_keys_of_x_have_no_days_left_and_are_told(health: Health, how: str) -> None:
    if how == "refused":
        health.graph.faults.add(Fault("x", "account", FaultKind.EXPIRED, 3))
    else:
        health.x_keys.rotate()

    assert health.look().days_left == {"x": 0}
    assert health.look().failed == {}
    told = (AlertKind.CREDENTIAL_DEAD, AlertRank.A2, f"x.{FORCE_ON_X}.credential_dead")
    assert health.alerts == [told]
    health.look()
    assert len(health.records.outbox) == 1  # nobody has acknowledged it: its ladder nudges


def test_keys_of_another_account_than_the_forces_are_a_look_that_failed(health: Health) -> None:
    health.graph.x_history.users[FORCE_ON_X] = {"id": "5", "name": "Somebody", "username": "somebody"}

    assert health.look().failed == {"account x": "refused"}


def test_an_x_that_cannot_be_asked_is_a_look_that_failed_and_no_dead_credential(health: Health) -> None:
    health.graph.faults.add(Fault("x", "account", FaultKind.RATE, 1))

    assert health.look() == Findings(failed={"account x": "throttled"})
    assert health.alerts == []
