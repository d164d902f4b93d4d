"""The operators' desk on any backend: its ports over the same records, and cases to act on."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from contact_desk.case_desk import (
    ActRecord,
    AnsweredRequest,
    AuditEntry,
    CaseChange,
    CaseQuery,
    Committed,
    Operator,
)
from contact_desk.cases import Case, Claim
from contact_desk.clock import encode_ulid
from contact_desk.contacts import Person
from contact_desk.ports import AlertStore, CaseDesk, Intake, OutboxStore
from contact_desk.stores.alert_store import DynamoAlertStore
from contact_desk.stores.case_desk import DynamoCaseDesk
from contact_desk.stores.intake import DynamoIntake
from contact_desk.stores.outbox_store import DynamoOutboxStore
from local.twins.held_still import NOON
from local.twins.in_memory_alerts import InMemoryAlerts
from local.twins.in_memory_case_desk import InMemoryCaseDesk
from local.twins.in_memory_intake import InMemoryIntake
from local.twins.in_memory_outbox import InMemoryOutbox
from tests.builders import CASE_ID, contact
from tests.contract.conftest import Backend
from tests.desk_staging import admit

CHANGES = itertools.count(1)
ALEX = Operator("sub-alex", "Alex")
SOON = NOON + timedelta(minutes=10)
ALEX_HOLDS = Claim(ALEX.subject, ALEX.name, "token-1", SOON)


@dataclass(frozen=True, slots=True)
class Stage:
    """The ports of one backend, over the same records."""

    desk: CaseDesk
    intake: Intake
    alerts: AlertStore
    outbox: OutboxStore

    def case(self, number: int = 1, **staged: Any) -> Case:
        """A case of a person of its own; cases are as old as their numbers."""
        message = contact(native_id=f"m_{number}", person=Person(f"70{number}", "Ceri Pritchard"))
        admit(self.intake, message, case_id=case_id(number), **staged)
        return self.stored(case_id(number))

    def stored(self, name: str) -> Case:
        case = self.desk.case(name)
        assert case is not None
        return case

    def change(self, before: Case, **changes: Any) -> Case:
        """The case after a change that nothing refuses."""
        record = act_record(key=f"key-of-change-{next(CHANGES)}")
        assert self.desk.commit(CaseChange(before, replace(before, **changes)), record) == Committed()
        return self.stored(before.case_id)


def on(backend: Backend) -> Stage:
    if records := backend.records:
        return Stage(
            InMemoryCaseDesk(records),
            InMemoryIntake(records),
            InMemoryAlerts(records),
            InMemoryOutbox(records),
        )
    table = backend.table
    return Stage(
        DynamoCaseDesk(table), DynamoIntake(table), DynamoAlertStore(table), DynamoOutboxStore(table)
    )


def case_id(number: int) -> str:
    return encode_ulid(NOON, number)


def act_record(*, key: str = "key-1", asked: str = "asked", **changes: Any) -> ActRecord:
    return ActRecord(
        AuditEntry(CASE_ID, NOON, ALEX.subject, "note", f"request-of-{key}"),
        replace(AnsweredRequest(ALEX.subject, key, asked, '{"an":"answer"}', NOON), **changes),
    )


def listed(stage: Stage, **query: Any) -> list[int]:
    """The numbers of the cases that a query lists, page by page."""
    found: list[Case] = []
    asked = CaseQuery(now=NOON, **query)
    while True:
        page = stage.desk.cases(asked)
        assert len(page.cases) <= asked.limit
        found += page.cases
        if page.next_place is None:
            return [number for case in found for number in range(1, 20) if case_id(number) == case.case_id]
        asked = replace(asked, after=page.next_place)
