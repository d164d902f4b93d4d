"""What a person may ask for, and what stands against it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from contact_desk.case_desk import AuditEntry
from contact_desk.cases import CaseState
from contact_desk.clock import encode_ulid
from contact_desk.contacts import Person
from contact_desk.disposal import Disposer
from contact_desk.retention import LegalHold, Regime, Why
from contact_desk.subject_rights import SubjectRights
from contact_desk.subjects import Erasure, NotErased, address_name, reference_name
from local.twins.desk_records import DeskRecords
from local.twins.held_still import NOON, FrozenClock
from local.twins.in_memory_intake import InMemoryIntake
from local.twins.in_memory_records import InMemoryRecordFiles, InMemoryRecords
from tests.builders import contact, force
from tests.desk_staging import admit

ADDRESS = "98172635"


class Asked:
    """A person with cases of every sort, and somebody else's."""

    def __init__(self) -> None:
        self.records, clock = DeskRecords(), FrozenClock()
        self.manager = InMemoryRecords(self.records)
        self.intake = InMemoryIntake(self.records)
        disposer = Disposer(self.manager, InMemoryRecordFiles(), clock)
        self.rights = SubjectRights(
            self.manager, disposer, force().retention.classes, clock, "sub-dpo", "request-1"
        )

    def case(self, number: int, retention_class: str | None = None, address: str = ADDRESS) -> str:
        """A case of the person, closed in the class, or open."""
        case_id = encode_ulid(NOON, number)
        message = contact(
            f"canary {number}", native_id=f"m_{number}", person=Person(address), root=f"post-{number}"
        )
        admit(self.intake, replace(message, account=f"page-{number}"), case_id=case_id)
        if retention_class:
            self.records.cases[case_id] = replace(
                self.records.cases[case_id],
                state=CaseState.CLOSED,
                closed_at=NOON,
                retention_class=retention_class,
                dispose_at=NOON + timedelta(days=30),
            )
        return case_id

    def erase(self) -> dict[str, Erasure]:
        return {one.case_id: one for one in self.rights.erase(self.rights.find([NAME]))}

    def acts(self, case_id: str) -> list[str]:
        return [one.act for one in self.records.audit[case_id]]


NAME = address_name("messenger", ADDRESS)


@pytest.fixture
def asked() -> Asked:
    return Asked()


def test_a_persons_cases_are_found_with_what_stands_for_and_against_them(asked: Asked) -> None:
    opened, closed = asked.case(1), asked.case(2, "service")
    asked.case(3, "noise", address="somebody-else")

    found = asked.rights.find([NAME, address_name("x", ADDRESS)])
    assert [(one.case_id, one.state, one.regime, one.erasable) for one in found] == [
        (opened, "open", Regime.LAW_ENFORCEMENT, False),
        (closed, "closed", Regime.GENERAL, True),
    ]
    assert asked.rights.find([reference_name("MP-0000-0000-0")]) == []


def test_erasure_takes_what_it_may_and_says_of_the_rest_why_not(asked: Asked) -> None:
    free, opened, held, needed = (
        asked.case(1, "noise"),
        asked.case(2),
        asked.case(3, "noise"),
        asked.case(4, "crime"),
    )
    other = asked.case(5, "noise", address="somebody-else")
    hold = LegalHold(held, "civil claim", "sub", NOON, date(2027, 5, 1))
    asked.manager.hold(hold, AuditEntry(held, NOON, "sub", "hold", "r"))

    told = asked.erase()

    assert told[free].erased
    assert (told[opened].why_not, told[held].why_not, told[needed].why_not) == (
        NotErased.OPEN,
        NotErased.HELD,
        NotErased.NEEDED,
    )
    assert told[held].reason == "civil claim, until 2027-05-01 at least"
    assert free not in asked.records.cases
    assert {opened, held, needed, other} <= asked.records.cases.keys()
    assert asked.records.disposals[free].why is Why.REQUEST
    assert asked.records.cases[needed].restricted_to == ()
    assert asked.acts(free) == ["dispose: request"]
    assert asked.acts(held)[-1] == "erase refused: held"
    assert asked.acts(needed) == ["restrict", "erase refused: needed"]
    words = repr(asked.records.contacts)
    assert "canary 1" not in words
    assert all(f"canary {number}" in words for number in (2, 3, 4, 5))


def test_erasure_asked_again_goes_on_where_it_can(asked: Asked) -> None:
    held = asked.case(3, "noise")
    hold = LegalHold(held, "civil claim", "sub", NOON, date(2027, 5, 1))
    asked.manager.hold(hold, AuditEntry(held, NOON, "sub", "hold", "r"))
    assert not asked.erase()[held].erased

    asked.manager.lift(held, AuditEntry(held, NOON, "sub", "lift hold", "r"))
    assert asked.erase()[held].erased
    assert asked.erase() == {}


def test_a_case_that_is_restricted_already_keeps_its_named_people(asked: Asked) -> None:
    needed = asked.case(4, "incident")
    asked.rights.restrict(needed, ["sub-alex"])
    asked.erase()

    assert asked.records.cases[needed].restricted_to == ("sub-alex",)
    assert asked.rights.restrict(needed, None)
    assert asked.records.cases[needed].restricted_to is None
    assert asked.acts(needed)[-1] == "lift restriction"


def test_a_case_that_went_meanwhile_is_told_so(asked: Asked) -> None:
    asked.case(1, "noise")
    found = asked.rights.find([NAME])
    asked.erase()

    (told,) = asked.rights.erase(found)
    assert (told.erased, told.why_not) == (False, NotErased.GONE_BEFORE)
