"""The job that seals the audit: settled hours, once, and the auditor hears of unusual reading."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contact_desk.alerts import AlertKind, AlertRank
from contact_desk.audit_chain import HOUR
from contact_desk.audit_sealing import prove
from contact_desk.case_desk import AuditEntry
from contact_desk.errors import SecretNotSetError
from contact_desk.force_file import ForceFile
from contact_desk.unusual_reading import OPEN, OWN_NAME
from functions.sweep.audit_seals import Sealed, Watch, seal, sealing_key
from local.twins.desk_records import DeskRecords
from local.twins.held_still import NOON, FrozenClock
from local.twins.in_memory_alerts import InMemoryAlerts
from local.twins.in_memory_audit import InMemoryAuditTrail, InMemorySeals
from local.twins.in_memory_queues import InMemoryNudges
from local.twins.in_memory_secret import InMemorySecret

KEY = b"key"


class Swept:
    """The job over records in memory."""

    def __init__(self, force: ForceFile) -> None:
        self.force, self.records, self.clock = force, DeskRecords(), FrozenClock()
        self.trail, self.vault = InMemoryAuditTrail(self.records), InMemorySeals()
        self.alerts, self.nudges = InMemoryAlerts(self.records), InMemoryNudges()

    def at(self, minutes: float) -> Sealed:
        self.clock.at = NOON + timedelta(minutes=minutes)
        watch = Watch(self.trail, self.alerts, self.nudges, self.clock)
        return seal(self.trail, self.vault, KEY, self.force.unusual_reading, watch)

    def opens(self, minutes: float, case: str, act: str = OPEN) -> None:
        at = NOON + timedelta(minutes=minutes)
        self.trail.note(AuditEntry(case, at, "sub-alex", act, f"request-{minutes}"))


def test_an_hour_is_sealed_ten_minutes_after_its_end_and_missed_ones_later(force: ForceFile) -> None:
    swept = Swept(force)
    swept.opens(30, "case-1")
    assert swept.at(60 + 9).hours == 1  # the hour before noon is where the chain begins
    assert swept.at(60 + 10) == Sealed(1, 1, 0)
    assert swept.at(60 + 25) == Sealed(0, 0, 0)
    assert swept.at(5 * 60 + 20).hours == 4
    assert prove(swept.trail, swept.vault, KEY, swept.clock.now()).whole


def test_the_auditor_is_told_once_and_the_audit_says_of_whom(force: ForceFile) -> None:
    swept = Swept(force)
    swept.at(9)
    swept.opens(30, "case-1", OWN_NAME)
    assert swept.at(70).unusual == 1
    swept.vault.kept.pop(NOON)  # as after a run that died before it sealed
    assert swept.at(85) == Sealed(1, 1, 1)

    (alert,) = swept.alerts.open_alerts()
    assert (alert.rank, alert.kind) == (AlertRank.A3, AlertKind.UNUSUAL_READING)
    assert (alert.case_id, alert.case_reference, alert.next_nudge_at) == (None, None, None)
    (written,) = swept.records.audit[alert.alert_id]
    assert (written.by, written.act) == ("sub-alex", "unusual reading: own name 1")
    assert len(swept.records.outbox) == 1


def test_what_it_writes_of_readers_is_sealed_with_the_next_hour(force: ForceFile) -> None:
    swept = Swept(force)
    swept.at(9)
    swept.opens(30, "case-1", OWN_NAME)
    swept.at(70)

    assert swept.at(130) == Sealed(1, 1, 0)
    assert prove(swept.trail, swept.vault, KEY, NOON + 4 * HOUR - timedelta(minutes=1)).whole


@pytest.mark.parametrize("value", [{}, {"key": ""}, {"key": 7}])
def test_nothing_is_sealed_without_a_key(value: dict[str, object]) -> None:
    with pytest.raises(SecretNotSetError):
        sealing_key(InMemorySecret(**value))
