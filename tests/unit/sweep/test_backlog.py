"""A backlog is told of when it passes the force's thresholds, and not again for as long as the force sets."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contact_desk.alerts import AlertEvent, AlertRank, announcement
from contact_desk.backlog import UnseenCase, Waiting
from contact_desk.force_file import ForceFile
from contact_desk.intake import Nudge
from functions.sweep.backlog import ALERT_ID, look
from local.twins.desk_records import DeskRecords
from local.twins.held_still import NOON, FrozenClock
from local.twins.in_memory_alerts import InMemoryAlerts
from local.twins.in_memory_queues import InMemoryNudges


class Counted:
    """A desk where so many cases wait."""

    def __init__(self, cases: int, overdue: int) -> None:
        self.now = Waiting(cases, overdue)

    def waiting(self, _now: object) -> Waiting:
        return self.now

    def unseen(self, *_: object) -> list[UnseenCase]:
        return []


class Swept:
    """The job over records in memory."""

    def __init__(self, force: ForceFile, cases: int, overdue: int) -> None:
        self.force, self.counts = force, Counted(cases, overdue)
        self.records, self.clock, self.nudges = DeskRecords(), FrozenClock(), InMemoryNudges()
        self.alerts = InMemoryAlerts(self.records)

    def at(self, minutes: float = 0) -> bool:
        self.clock.at = NOON + timedelta(minutes=minutes)
        return look(self.counts, self.alerts, self.nudges, self.force, self.clock)

    def acknowledge(self) -> None:
        alert = self.alerts.get(ALERT_ID)
        assert alert
        item = announcement(alert, AlertEvent.ACKNOWLEDGED, cause="seen", now=self.clock.now())
        self.alerts.acknowledge(ALERT_ID, by="Ola", now=self.clock.now(), item=item)


@pytest.mark.parametrize(
    ("cases", "overdue", "too_many"),
    [(59, 14, False), (60, 0, True), (0, 0, False), (15, 15, True), (500, 500, True)],
)
def test_it_is_told_of_from_the_thresholds_on(
    force: ForceFile, cases: int, overdue: int, too_many: bool
) -> None:
    swept = Swept(force, cases, overdue)

    assert swept.at() is too_many
    assert [(one.rank, one.kind.value) for one in swept.records.alerts.values()] == [
        (AlertRank.A3, "backlog")
    ] * too_many


def test_it_is_told_at_once_and_once(force: ForceFile) -> None:
    swept = Swept(force, 60, 0)
    for minute in range(5):
        swept.at(minute)

    [item] = swept.records.outbox.values()
    assert swept.nudges.sent == [Nudge(item.outbox_id, urgent=False)]
    [alert] = swept.records.alerts.values()
    assert (alert.opened_at, alert.next_nudge_at) == (NOON, None)


def test_an_acknowledged_backlog_is_told_of_again_only_in_the_next_stretch_of_hours(force: ForceFile) -> None:
    swept = Swept(force, 60, 0)
    swept.at()
    swept.acknowledge()

    swept.at(10)
    assert not swept.alerts.open_alerts()
    swept.at(4 * 60)
    assert [one.alert_id for one in swept.alerts.open_alerts()] == [ALERT_ID]
    assert len(swept.nudges.sent) == 2
