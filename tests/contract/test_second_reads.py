"""The second reader's side of the table: one reading a contact, raised with all that follows or not at all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from contact_desk.cases import CaseState
from contact_desk.contacts import Act
from contact_desk.grades import Band, Grade
from contact_desk.intake import Duplicate
from contact_desk.second_reads import ContactPointer, Finding, ReadOutcome, SecondRead
from functions.triage.automatic_texts import OwnTexts
from functions.triage.second_reads.allowance import (
    FAILURES_IN_A_ROW,
    REST,
    Allowance,
    DynamoAllowance,
    Entered,
)
from functions.triage.second_reads.raising import RaisedCase, Raising
from functions.triage.second_reads.store import (
    DynamoSecondReads,
    Moved,
    ReadBefore,
    Recorded,
    SecondReadStore,
)
from local.twins.held_still import NOON
from local.twins.in_memory_second_reads import InMemoryAllowance, InMemorySecondReads
from tests.builders import contact, force
from tests.contract.conftest import Backend
from tests.contract.taking import Taking
from tests.unit.triage.readings import amber, decision

RED = Finding(Band.RED, Grade.EMERGENCY, "Somebody is in danger.", ("child",))
READ = SecondRead(ReadOutcome.READ, NOON, "a-model", "prompt-1", RED, raised=True, output="[{}]")
LATE = SecondRead(ReadOutcome.LATE, NOON, "a-model", "prompt-1")


@dataclass
class Stage:
    taking: Taking
    store: SecondReadStore
    raising: Raising

    def admit(self, **changed: Any) -> ContactPointer:
        admission = self.taking.admit(contact(**changed), decision(), second_read_due=True)
        return ContactPointer(admission.contact.key, admission.contact.event_id)

    def raised(self, pointer: ContactPointer, found: Finding = RED) -> RaisedCase:
        stored = self.store.contact(pointer)
        assert stored is not None
        conversation = self.store.conversation(stored.contact.conversation_key)
        assert conversation is not None
        raised = self.raising.compose(stored.contact, stored.first, found, conversation, NOON)
        assert raised is not None
        return raised


@pytest.fixture
def stage(backend: Backend) -> Stage:
    store: SecondReadStore = (
        InMemorySecondReads(backend.records) if backend.records else DynamoSecondReads(backend.table)
    )
    return Stage(Taking(backend), store, Raising(force(), OwnTexts(force())))


def test_a_contact_comes_back_with_its_first_decision(stage: Stage) -> None:
    stage.taking.admit(contact(), amber(markers=("child",), language="en"), second_read_due=True)
    stored = stage.store.contact(ContactPointer(contact().key))

    assert stored is not None
    assert (stored.contact, stored.first) == (contact(), amber(markers=("child",), language="en"))
    assert (stored.admitted_at, stored.read) == (NOON, False)


def test_nobody_has_what_was_never_admitted(stage: Stage) -> None:
    assert stage.store.contact(ContactPointer("messenger#none")) is None
    assert stage.store.record(ContactPointer("messenger#none"), LATE, None) == ReadBefore()


def test_a_raise_changes_case_conversation_alert_outbox_and_timeline_at_once(stage: Stage) -> None:
    pointer = stage.admit()
    raised = stage.raised(pointer)

    assert stage.store.record(pointer, READ, raised) == Recorded()
    case = stage.taking.rows.case(raised.current.case_id)
    assert (case.band, case.grade, case.markers) == (Band.RED, Grade.EMERGENCY, ("child",))
    assert case.answer_by == raised.current.answer_by
    assert case.reasons == raised.reasons
    assert stage.store.conversation(raised.after.key) == raised.after
    assert raised.alert is not None
    assert stage.taking.rows.alert(raised.alert.alert_id) == raised.alert
    assert [stage.taking.rows.outbox(item.outbox_id) for item in raised.outbox] == list(raised.outbox)
    names = [entry.name for entry in stage.taking.rows.timeline(case.case_id)]
    assert {entry.name for entry in raised.entries} <= set(names)


def test_a_contact_is_read_once(stage: Stage) -> None:
    pointer = stage.admit()
    raised = stage.raised(pointer)
    stage.store.record(pointer, LATE, None)

    assert stage.store.record(pointer, READ, raised) == ReadBefore()
    assert stage.taking.rows.case(raised.current.case_id).band is Band.GREEN
    stored = stage.store.contact(pointer)
    assert stored is not None
    assert stored.read


def test_a_duplicate_says_whether_the_second_reading_is_still_to_come(stage: Stage) -> None:
    pointer = stage.admit()
    due = stage.taking.intake.admit(stage.taking.compose(contact()))
    stage.store.record(pointer, LATE, None)
    done = stage.taking.intake.admit(stage.taking.compose(contact()))

    assert isinstance(due, Duplicate)
    assert isinstance(done, Duplicate)
    assert (due.second_read_due, done.second_read_due) == (True, False)


def test_an_edit_is_read_apart_from_its_original(stage: Stage) -> None:
    stage.admit()
    edit = stage.admit(act=Act.EDITED, event_id="edit-1", text="hes here")

    assert stage.store.record(edit, READ, stage.raised(edit)) == Recorded()
    original = stage.store.contact(ContactPointer(edit.contact_key))
    assert original is not None
    assert not original.read


def test_a_conversation_that_moved_is_read_again(stage: Stage) -> None:
    pointer = stage.admit()
    raised = stage.raised(pointer)
    stage.admit(native_id="m_2")

    assert stage.store.record(pointer, READ, raised) == Moved()
    assert stage.store.record(pointer, READ, stage.raised(pointer)) == Recorded()


def test_a_closed_case_is_not_raised(stage: Stage) -> None:
    pointer = stage.admit()
    raised = stage.raised(pointer)
    case = stage.taking.rows.case(raised.current.case_id)
    stage.taking.rows.put_case(replace(case, state=CaseState.CLOSED))

    assert stage.store.record(pointer, READ, raised) == Moved()


@pytest.mark.parametrize("acknowledged", [False, True])
def test_an_alert_that_stands_open_stays_and_one_that_was_acknowledged_opens_again(
    stage: Stage, *, acknowledged: bool
) -> None:
    first = stage.admit()
    raised = stage.raised(first)
    stage.store.record(first, READ, raised)
    assert raised.alert is not None
    stands = replace(raised.alert, nudge=2)
    if acknowledged:
        stands = replace(stands, acknowledged_at=NOON, acknowledged_by="sub", next_nudge_at=None)
    stage.taking.rows.put_alert(stands)
    second = stage.admit(native_id="m_2")
    again = stage.raised(second)

    assert stage.store.record(second, READ, again) == Recorded()
    assert stage.taking.rows.alert(stands.alert_id) == (again.alert if acknowledged else stands)


@pytest.fixture
def allowance(backend: Backend) -> Allowance:
    return InMemoryAllowance(3) if backend.records else DynamoAllowance(backend.table, 3)


def test_a_days_allowance_is_spent_once_and_begins_anew_with_the_next(allowance: Allowance) -> None:
    entered = [allowance.enter(NOON).entered for _ in range(4)]

    assert entered == [Entered.ASK] * 3 + [Entered.CAPPED]
    assert allowance.enter(NOON + timedelta(days=1)).entered is Entered.ASK


def test_failures_in_a_row_begin_a_rest_and_an_answer_ends_it(allowance: Allowance) -> None:
    for _ in range(FAILURES_IN_A_ROW):
        allowance.failed(NOON)
    assert allowance.enter(NOON).entered is Entered.RESTING
    after = NOON + REST
    entry = allowance.enter(after)
    assert (entry.entered, entry.failures) == (Entered.ASK, FAILURES_IN_A_ROW)
    allowance.failed(after)
    assert allowance.enter(after).entered is Entered.RESTING

    allowance.answered(entry, after)
    assert allowance.enter(after).failures == 0


def test_fewer_failures_begin_none(allowance: Allowance) -> None:
    for _ in range(FAILURES_IN_A_ROW - 1):
        allowance.failed(NOON)
    assert allowance.enter(NOON).entered is Entered.ASK
