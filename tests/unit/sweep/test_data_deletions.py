"""What a platform asked to delete: erased as for anybody who asks, looked at again while it waits, then forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from contact_desk.case_desk import AuditEntry
from contact_desk.cases import CaseState
from contact_desk.clock import encode_ulid
from contact_desk.contacts import Person
from contact_desk.data_deletions import DeletionRequest, names_on
from contact_desk.disposal import Disposer
from contact_desk.retention import LegalHold
from contact_desk.subject_rights import SubjectRights
from functions.sweep.data_deletions import Settled, settle
from local.twins.desk_records import DeskRecords
from local.twins.held_still import NOON, FrozenClock
from local.twins.in_memory_deletions import InMemoryDeletionRequests
from local.twins.in_memory_intake import InMemoryIntake
from local.twins.in_memory_records import InMemoryRecordFiles, InMemoryRecords
from tests.builders import contact, force
from tests.desk_staging import admit

ADDRESS, CODE = "98172635", "0" * 26


class Asked:
    """A desk that was asked to delete what it has of a person."""

    def __init__(self) -> None:
        self.records, self.clock = DeskRecords(), FrozenClock()
        self.manager, self.intake = InMemoryRecords(self.records), InMemoryIntake(self.records)
        self.requests = InMemoryDeletionRequests(self.records)
        disposer = Disposer(self.manager, InMemoryRecordFiles(), self.clock)
        self.rights = SubjectRights(
            self.manager, disposer, force().retention.classes, self.clock, "sweep", "data-deletion"
        )

    def ask(self, *, matched: bool = True) -> None:
        names = names_on(["messenger", "instagram"], [ADDRESS])
        self.requests.take(
            DeletionRequest(CODE, "meta", NOON, matched=matched, person="1", names=names, look_at=NOON)
        )
        self.clock.advance(minutes=1)

    def case(self, number: int, retention_class: str | None) -> str:
        case_id = encode_ulid(NOON, number)
        message = contact(f"canary {number}", native_id=f"m_{number}", person=Person(ADDRESS))
        admit(self.intake, replace(message, account=f"page-{number}"), case_id=case_id)
        if retention_class:
            self.close(case_id, retention_class)
        return case_id

    def close(self, case_id: str, retention_class: str) -> None:
        case = self.records.cases[case_id]
        self.records.cases[case_id] = replace(
            case, state=CaseState.CLOSED, closed_at=NOON, retention_class=retention_class
        )

    def settle(self) -> Settled:
        return settle(self.requests, self.rights, self.clock)


@pytest.fixture
def asked() -> Asked:
    return Asked()


def test_what_may_go_goes_what_is_needed_is_restricted_and_the_request_is_settled(asked: Asked) -> None:
    free, needed = asked.case(1, "noise"), asked.case(2, "crime")
    asked.ask()

    assert asked.settle() == Settled(1, 0, 0)
    assert free not in asked.records.cases
    assert asked.records.cases[needed].restricted_to == ()
    assert [one.by for one in asked.records.audit[free]] == ["platform:meta"]
    request = asked.records.deletions[CODE]
    assert (request.settled_at, request.person, request.names) == (asked.clock.now(), None, ())
    assert asked.settle() == Settled(0, 0, 0)


def test_a_hold_or_an_open_case_has_it_looked_at_again_each_day_until_it_may_go(asked: Asked) -> None:
    held, opened = asked.case(1, "noise"), asked.case(2, None)
    entry = AuditEntry(held, NOON, "sub", "hold", "r")
    asked.manager.hold(LegalHold(held, "civil claim", "sub", NOON, date(2027, 5, 1)), entry)
    asked.ask()

    assert asked.settle() == Settled(0, 1, 0)
    assert asked.settle() == Settled(0, 0, 0)
    asked.close(opened, "noise")
    asked.clock.advance(days=1, minutes=1)
    assert asked.settle() == Settled(0, 1, 0)
    assert opened not in asked.records.cases
    assert held in asked.records.cases
    asked.manager.lift(held, entry)
    asked.clock.advance(days=1, minutes=1)
    assert asked.settle() == Settled(1, 0, 0)
    assert held not in asked.records.cases


def test_one_whom_the_platform_did_not_match_is_left_for_a_person(asked: Asked) -> None:
    asked.ask(matched=False)

    assert asked.settle() == Settled(0, 0, 1)
    asked.clock.advance(days=40)
    assert asked.settle() == Settled(0, 0, 0)
    (waiting,) = asked.requests.waiting()
    assert waiting.code == CODE

    theirs = asked.case(1, "noise")
    assert asked.requests.match(CODE, names_on(["messenger"], [ADDRESS]), asked.clock.now() - timedelta(1))
    assert asked.settle() == Settled(1, 0, 0)
    assert theirs not in asked.records.cases
    assert not asked.requests.match(CODE, [], NOON)
