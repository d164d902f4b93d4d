"""A priority case past its time that nobody has looked at calls a person, once, and goes on until one has seen it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from contact_desk.alerts import AlertEvent, AlertKind, AlertRank, announcement
from contact_desk.cases import Case, CaseState
from contact_desk.force_file import ForceFile
from contact_desk.grades import Grade
from functions.sweep.breached_clocks import call_for
from functions.sweep.unacknowledged_alerts import nudge_again
from local.twins.desk_records import DeskRecords
from local.twins.held_still import NOON, FrozenClock
from local.twins.in_memory_alerts import InMemoryAlerts
from local.twins.in_memory_case_counts import InMemoryCaseCounts
from local.twins.in_memory_intake import InMemoryIntake
from local.twins.in_memory_queues import InMemoryNudges
from tests.builders import CASE_ID, contact
from tests.desk_staging import admit


class Swept:
    """The job over records in memory, with one priority case that is due in an hour."""

    def __init__(self, force: ForceFile) -> None:
        self.force, self.records, self.clock, self.nudges = (
            force,
            DeskRecords(),
            FrozenClock(),
            InMemoryNudges(),
        )
        self.alerts = InMemoryAlerts(self.records)
        due = NOON + timedelta(hours=1)
        admit(InMemoryIntake(self.records), contact(), case_id=CASE_ID, grade=Grade.PRIORITY, answer_by=due)
        self.records.alerts.clear()
        self.records.outbox.clear()

    @property
    def case(self) -> Case:
        return self.records.cases[CASE_ID]

    def change(self, **changes: object) -> None:
        self.records.cases[CASE_ID] = replace(self.case, **changes)  # type: ignore[arg-type]

    def at(self, minutes: float) -> int:
        self.clock.at = NOON + timedelta(minutes=minutes)
        counts = InMemoryCaseCounts(self.records)
        return call_for(counts, self.alerts, self.nudges, self.force, self.clock)


def test_it_calls_once_when_the_time_has_passed(force: ForceFile) -> None:
    swept = Swept(force)

    assert [swept.at(minutes) for minutes in (59, 60, 61, 62, 600)] == [0, 0, 1, 0, 0]

    [alert] = swept.alerts.open_alerts()
    assert (alert.rank, alert.kind, alert.grade) == (AlertRank.A2, AlertKind.CLOCK_BREACHED, Grade.PRIORITY)
    assert (alert.case_id, alert.case_reference) == (CASE_ID, swept.case.reference)
    [item] = swept.records.outbox.values()
    assert [nudge.outbox_id for nudge in swept.nudges.sent] == [item.outbox_id]


@pytest.mark.parametrize(
    "changes",
    [{"version": 2}, {"state": CaseState.ANSWERED}, {"state": CaseState.CLOSED}, {"grade": Grade.SCHEDULED}],
)
def test_a_case_that_somebody_looked_at_or_that_may_wait_calls_nobody(
    force: ForceFile, changes: dict[str, object]
) -> None:
    swept = Swept(force)
    swept.change(**changes)

    assert swept.at(600) == 0
    assert swept.records.alerts == {}


def test_it_is_nudged_until_a_person_has_seen_it_and_is_not_opened_again(force: ForceFile) -> None:
    swept = Swept(force)
    swept.at(61)
    swept.clock.advance(minutes=15, seconds=1)
    assert nudge_again(swept.alerts, swept.nudges, force, swept.clock) == 1

    [alert] = swept.alerts.open_alerts()
    now = swept.clock.now()
    item = announcement(alert, AlertEvent.ACKNOWLEDGED, cause="seen", now=now)
    swept.alerts.acknowledge(alert.alert_id, by="Ola", now=now, item=item)

    assert swept.at(600) == 0
    assert swept.alerts.open_alerts() == []
