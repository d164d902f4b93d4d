"""Totals are written for the hours that changed, minutes are looked at again, whatever their age."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest

from contact_desk.errors import StoreBusyError
from contact_desk.numbers.definitions import Measure
from contact_desk.timeline import EntryKind, TimelineEntry
from functions.sweep.hour_totals import (
    CAUGHT_UP_AT_ONCE,
    LOOKED_AT_AGAIN,
    count_anew,
)
from local.twins.desk_records import DeskRecords
from local.twins.held_still import NOON, FrozenClock
from local.twins.in_memory_hour_totals import InMemoryHourTotals
from local.twins.in_memory_intake import InMemoryIntake
from tests.builders import contact
from tests.contract.desk_stage import case_id
from tests.desk_staging import admit

THE_HOUR = NOON.replace(minute=0)
MINUTE = timedelta(minutes=1)


class Watched(InMemoryHourTotals):
    """Totals over records in memory that remember which minutes were looked through."""

    def __init__(self, records: DeskRecords) -> None:
        super().__init__(records)
        self.looked: list[tuple[datetime, datetime]] = []

    def changed_hours(self, first: datetime, last: datetime) -> Iterable[datetime]:
        self.looked.append((first, last))
        return super().changed_hours(first, last)


def test_a_changed_hour_is_counted_and_counted_again_once_more_comes() -> None:
    records, clock = DeskRecords(), FrozenClock(NOON + MINUTE)
    totals = Watched(records)
    admit(InMemoryIntake(records), contact(), case_id=case_id(1))
    assert count_anew(totals, clock) == [THE_HOUR]
    admit(InMemoryIntake(records), contact(native_id="m_2"), now=NOON + MINUTE)
    clock.advance(minutes=1)
    assert count_anew(totals, clock) == [THE_HOUR]

    [total] = totals.totals(THE_HOUR, THE_HOUR + timedelta(hours=1))
    assert total.figures[Measure.CONTACTS, "messenger"] == 2
    assert total.figures[Measure.CASES, "messenger"] == 1
    assert totals.looked[1] == (NOON + MINUTE - LOOKED_AT_AGAIN, NOON + 2 * MINUTE)


def test_a_quiet_minute_writes_nothing() -> None:
    records, clock = DeskRecords(), FrozenClock()
    assert count_anew(InMemoryHourTotals(records), clock) == []
    assert records.totals == {}


class Unreadable(InMemoryHourTotals):
    """Totals whose minutes cannot be looked through."""

    def changed_hours(self, first: datetime, last: datetime) -> Iterable[datetime]:
        raise StoreBusyError


def test_a_new_desk_whose_first_counts_fail_for_hours_counts_what_came_before_them() -> None:
    records, clock = DeskRecords(), FrozenClock(NOON + MINUTE)
    admit(InMemoryIntake(records), contact(), case_id=case_id(1))
    for _ in range(2):
        with pytest.raises(StoreBusyError):
            count_anew(Unreadable(records), clock)
        clock.advance(hours=2)

    assert count_anew(InMemoryHourTotals(records), clock) == [THE_HOUR]


def test_after_a_pause_the_sweep_catches_up_in_steps() -> None:
    records, clock = DeskRecords(), FrozenClock()
    totals = Watched(records)
    totals.note_counted_until(NOON - timedelta(hours=10))
    count_anew(totals, clock)
    assert totals.counted_until() == NOON - timedelta(hours=10) - LOOKED_AT_AGAIN + CAUGHT_UP_AT_ONCE
    count_anew(totals, clock)
    assert totals.counted_until() == NOON


def test_a_case_that_changes_after_half_a_year_is_counted_anew() -> None:
    records = DeskRecords()
    clock, totals = FrozenClock(NOON), InMemoryHourTotals(records)
    admit(InMemoryIntake(records), contact(), case_id=case_id(1), now=NOON)
    count_anew(totals, clock)
    clock.advance(days=200)
    records.add_entry(case_id(1), TimelineEntry(clock.now(), EntryKind.CLAIM_EXPIRED, "late"))
    totals.note_counted_until(clock.now())
    assert count_anew(totals, clock) == [THE_HOUR]
    [total] = totals.totals(THE_HOUR, THE_HOUR + timedelta(hours=1))
    assert total.figures[Measure.CLAIMS_LOST,] == 1
