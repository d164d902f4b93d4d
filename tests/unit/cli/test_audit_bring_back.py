"""`desk audit bring-back`: the entries of a lost time come back as they were, and once."""

from __future__ import annotations

from datetime import timedelta

from cli.audit import copy_entries
from contact_desk.case_desk import AuditEntry
from local.twins.desk_records import DeskRecords
from local.twins.held_still import NOON
from local.twins.in_memory_audit import InMemoryAuditTrail

A_MINUTE = timedelta(minutes=1)


def test_the_entries_of_the_lost_time_are_copied_and_no_others() -> None:
    before, after = InMemoryAuditTrail(DeskRecords()), InMemoryAuditTrail(DeskRecords())
    entries = [
        AuditEntry(f"case-{n}", NOON + n * A_MINUTE, "sub-1", "case.closed", f"r-{n}", shown=("case-9",))
        for n in range(4)
    ]
    for entry in entries:
        before.note(entry)

    assert copy_entries(before, after, NOON + A_MINUTE, NOON + 3 * A_MINUTE) == 2
    assert list(after.between(NOON, NOON + 9 * A_MINUTE)) == entries[1:3]
