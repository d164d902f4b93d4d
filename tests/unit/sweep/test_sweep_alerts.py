"""Alerts that nobody acknowledges climb the force's ladder, one step at a time."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contact_desk.alerts import Alert, AlertEvent, AlertKind, AlertRank, announcement, case_alert_id
from contact_desk.errors import StoreBusyError, StoreError, StoreRefusedError
from contact_desk.force_file import ForceFile
from contact_desk.outbox import OutboxState
from functions.sweep.unacknowledged_alerts import nudge_again
from local.twins.desk_records import DeskRecords
from local.twins.held_still import NOON, FrozenClock
from local.twins.in_memory_alerts import InMemoryAlerts
from local.twins.in_memory_queues import InMemoryNudges


class Ladder:
    """An alert that was raised at noon, and the sweep that looks after it."""

    def __init__(self, force: ForceFile, rank: AlertRank) -> None:
        self.force, self.clock, self.nudges, self.records = (
            force,
            FrozenClock(),
            InMemoryNudges(),
            DeskRecords(),
        )
        self.alerts = InMemoryAlerts(self.records)
        step = force.alerts[rank].next_nudge(0)
        alert = Alert(
            alert_id=case_alert_id("C1", AlertKind.EMERGENCY),
            rank=rank,
            kind=AlertKind.EMERGENCY,
            opened_at=NOON,
            case_id="C1",
            next_nudge_at=NOON + step if step else None,
        )
        self.alerts.raise_alert(alert, announcement(alert, AlertEvent.OPENED, cause="contact", now=NOON))
        self.alert_id = alert.alert_id

    def sweep_at(self, seconds: float) -> int:
        self.clock.at = NOON + timedelta(seconds=seconds)
        return nudge_again(self.alerts, self.nudges, self.force, self.clock)

    def acknowledge(self) -> None:
        alert = self.alerts.get(self.alert_id)
        assert alert
        item = announcement(alert, AlertEvent.ACKNOWLEDGED, cause="seen", now=self.clock.now())
        self.alerts.acknowledge(self.alert_id, by="Ola", now=self.clock.now(), item=item)


def test_life_at_risk_is_nudged_after_a_minute_by_three_and_on(force: ForceFile) -> None:
    ladder = Ladder(force, AlertRank.A1)

    nudged = [ladder.sweep_at(seconds) for seconds in (30, 61, 120, 181, 240, 301, 601)]

    assert nudged == [0, 1, 0, 1, 0, 1, 1]
    assert len(ladder.nudges.urgent) == 4
    alert = ladder.alerts.get(ladder.alert_id)
    assert alert
    assert alert.nudge == 4


def test_each_nudge_is_an_item_of_its_own_that_publishes_a_nudge(force: ForceFile) -> None:
    ladder = Ladder(force, AlertRank.A1)
    for seconds in (61, 181):
        ladder.sweep_at(seconds)

    items = [ladder.records.outbox[name] for name in ladder.nudges.urgent]

    assert len({item.outbox_id for item in items}) == 2
    assert {(item.text, item.target, item.state) for item in items} == {
        ("nudged", ladder.alert_id, OutboxState.PENDING)
    }


def test_an_acknowledged_alert_goes_quiet(force: ForceFile) -> None:
    ladder = Ladder(force, AlertRank.A1)
    ladder.sweep_at(61)
    ladder.acknowledge()

    assert [ladder.sweep_at(seconds) for seconds in (181, 301, 9_000)] == [0, 0, 0]


def test_a_sweep_that_was_down_does_not_make_up_for_what_it_missed(force: ForceFile) -> None:
    ladder = Ladder(force, AlertRank.A1)

    assert ladder.sweep_at(3_600) == 1
    assert ladder.sweep_at(3_601) == 1
    alert = ladder.alerts.get(ladder.alert_id)
    assert alert
    assert alert.next_nudge_at
    assert alert.next_nudge_at >= ladder.clock.now()


@pytest.mark.parametrize("error", [StoreBusyError("TransactionConflict"), StoreRefusedError("Validation")])
def test_one_alert_that_cannot_be_nudged_keeps_no_other_quiet(
    force: ForceFile, monkeypatch: pytest.MonkeyPatch, error: StoreError
) -> None:
    ladder = Ladder(force, AlertRank.A1)
    first = ladder.alerts.get(ladder.alert_id)
    assert first
    other = replace(first, alert_id="another", opened_at=NOON + timedelta(seconds=1))
    ladder.alerts.raise_alert(other, announcement(other, AlertEvent.OPENED, cause="other", now=NOON))
    nudge = ladder.alerts.nudge

    def fails(alert: Alert, **named: Any) -> bool:
        if alert.alert_id == ladder.alert_id:
            raise error
        return nudge(alert, **named)

    monkeypatch.setattr(ladder.alerts, "nudge", fails)
    with nullcontext() if isinstance(error, StoreBusyError) else pytest.raises(StoreRefusedError):
        ladder.sweep_at(62)

    assert [ladder.records.outbox[name].target for name in ladder.nudges.urgent] == ["another"]


@pytest.mark.parametrize(("rank", "seconds", "nudged"), [(AlertRank.A2, 901, 1), (AlertRank.A3, 90_000, 0)])
def test_the_other_ranks_have_ladders_of_their_own(
    force: ForceFile, rank: AlertRank, seconds: int, nudged: int
) -> None:
    ladder = Ladder(force, rank)

    assert ladder.sweep_at(seconds) == nudged
    assert not ladder.nudges.urgent
