"""What was disposed of goes on counting, once, at every step of its disposal, and names nobody."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

from contact_desk.case_desk import CaseChange, Committed
from contact_desk.cases import CaseState, Disposition
from contact_desk.contacts import Person
from contact_desk.disposal import Disposer
from contact_desk.numbers.counting import total_of
from contact_desk.numbers.definitions import Measure
from contact_desk.numbers.number_ports import HourTotals
from contact_desk.ports import Records
from contact_desk.retention import Why
from contact_desk.stores.hour_totals import DynamoHourTotals
from contact_desk.stores.records import DynamoRecords
from local.twins.held_still import NOON, FrozenClock
from local.twins.in_memory_hour_totals import InMemoryHourTotals
from local.twins.in_memory_records import InMemoryRecordFiles, InMemoryRecords
from tests.builders import contact
from tests.contract.conftest import Backend
from tests.contract.desk_stage import act_record, case_id, on
from tests.desk_staging import admit

LATER = NOON + timedelta(days=30)
THE_HOUR = NOON.replace(minute=0, second=0, microsecond=0)


def numbers(backend: Backend) -> tuple[Records, HourTotals]:
    if backend.records:
        return InMemoryRecords(backend.records), InMemoryHourTotals(backend.records)
    return DynamoRecords(backend.table), DynamoHourTotals(backend.table)


def test_what_was_disposed_of_still_counts_and_counts_once(backend: Backend) -> None:
    stage, (records, totals) = on(backend), numbers(backend)
    case = stage.case(1)
    more = contact("and one more", native_id="m_more", person=Person("701", "Ceri Pritchard"))
    admit(stage.intake, more, case_id=case_id(1))
    stage.case(2)
    now = stage.stored(case_id(1))
    closed = replace(
        now,
        state=CaseState.CLOSED,
        disposition=Disposition.ADVICE_GIVEN,
        closed_at=NOON,
        version=now.version + 1,
    )
    assert stage.desk.commit(CaseChange(now, closed), act_record(key="close")) == Committed()
    counted = total_of(totals.facts(THE_HOUR))
    assert (counted[Measure.CONTACTS, "messenger"], counted[Measure.CASES, "messenger"]) == (3, 2)

    for _ in range(2):
        assert records.begin(case_id(1), LATER)
        assert total_of(totals.facts(THE_HOUR)) == counted
    for _ in range(2):
        records.empty(case_id(1), LATER)
        assert total_of(totals.facts(THE_HOUR)) == counted
    record = records.record(case_id(1))
    assert record
    disposer = Disposer(records, InMemoryRecordFiles(), FrozenClock(LATER))
    assert disposer.dispose(record, Why.DATE, "sweep", "request")

    assert total_of(totals.facts(THE_HOUR)) == counted
    assert list(totals.changed_hours(LATER, LATER)) == [THE_HOUR]
    assert [one.case_id for one in totals.facts(THE_HOUR).cases] == [case_id(2)]
    if not backend.records:
        scanned = backend.table.client.scan(TableName=backend.table_name)["Items"]
        kept = [json.dumps(item) for item in scanned if item["sk"] == {"S": "kept"}]
        assert len(kept) == 1
        assert case.case_id not in kept[0]
        assert case.reference not in kept[0]
