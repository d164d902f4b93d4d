"""Disposing of audit entries: in memory, on moto, on the emulator."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contact_desk.audit_disposals import AuditDisposals, disposals_of
from contact_desk.case_desk import AuditEntry
from contact_desk.ports import AuditTrail, Records
from contact_desk.retention import DisposalRecord, Why
from contact_desk.stores import keys
from contact_desk.stores.audit_disposals import DynamoAuditDisposals
from contact_desk.stores.audit_trail import DynamoAuditTrail
from contact_desk.stores.records import DynamoRecords
from local.twins.held_still import NOON
from local.twins.in_memory_audit import InMemoryAuditTrail
from local.twins.in_memory_audit_disposals import InMemoryAuditDisposals
from local.twins.in_memory_records import InMemoryRecords
from tests.contract.conftest import Backend
from tests.contract.desk_stage import case_id, on

KEY = b"key"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def ports(backend: Backend) -> tuple[AuditTrail, AuditDisposals, Records]:
    if kept := backend.records:
        return InMemoryAuditTrail(kept), InMemoryAuditDisposals(kept), InMemoryRecords(kept)
    table = backend.table
    return DynamoAuditTrail(table), DynamoAuditDisposals(table), DynamoRecords(table)


def test_entries_are_forgotten_with_a_record_that_holds_and_the_case_is_due_once(
    backend: Backend, ports: tuple[AuditTrail, AuditDisposals, Records]
) -> None:
    trail, disposals, records = ports
    on(backend).case(1)
    if backend.records is None:
        backend.table.attempt(backend.table.update(keys.case(case_id(1)), "SET #disposing = :yes", yes=True))
    entries = [AuditEntry(case_id(1), NOON + n * HOUR / 2, "sub", "open", f"r-{n}") for n in range(4)]
    for entry in entries:
        trail.note(entry)
    done = DisposalRecord(case_id(1), "ref", "noise", NOON, NOON + DAY, Why.DATE, "sweep", 1, 0, 0)
    records.end(done, AuditEntry(case_id(1), NOON + DAY, "sweep", "dispose: date", "r"))

    assert list(disposals.due("noise", NOON + DAY)) == []
    assert list(disposals.due("crime", NOON + 2 * DAY)) == []
    assert list(disposals.due("noise", NOON + 2 * DAY)) == [case_id(1)]
    made = list(disposals_of(trail.of(case_id(1)), NOON + 2 * DAY, KEY, 25))
    assert [len(some) for _, some in made] == [2, 2, 1]
    for disposal, some in made:
        disposals.keep(disposal, some)
    disposals.settled(case_id(1))

    assert list(disposals.due("noise", NOON + 9 * DAY)) == []
    assert list(trail.between(NOON, NOON + 2 * DAY)) == []
    (kept,) = disposals.of(NOON)
    assert kept == made[0][0]
    assert kept.holds(KEY)
    assert not kept.holds(b"another")
    assert list(disposals.of(NOON + 5 * HOUR)) == []
    (record,) = records.disposed(NOON)
    assert record == done
    if backend.records is None:
        item = backend.table.get(keys.audit(case_id(1), NOON, "r-0"))
        assert item
        assert item["expires_at"] == int((NOON + 2 * DAY).timestamp()), "the table itself forgets it"
