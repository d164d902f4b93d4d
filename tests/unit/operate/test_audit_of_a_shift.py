"""Three operators over three hundred contacts: the audit is what they did, proves itself, and outlives a disposal."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from cli.audit import everybody
from contact_desk.audit_chain import HOUR
from contact_desk.audit_sealing import hours_to_seal, prove, seal_hour
from contact_desk.cases import CaseState
from contact_desk.clock import encode_ulid
from contact_desk.contacts import Person
from contact_desk.disposal import Disposer
from contact_desk.retention import Why
from local.twins.held_still import NOON
from local.twins.in_memory_audit import InMemoryAuditTrail, InMemorySeals
from local.twins.in_memory_records import InMemoryRecordFiles, InMemoryRecords
from tests.builders import contact
from tests.desk_staging import admit
from tests.unit.operate.at_the_desk import AtTheDesk

CONTACTS, SHIFT = 300, timedelta(hours=8)
OPERATORS = ("Olivia", "Owen", "Sian")
KEY = b"key"
Seen = tuple[datetime, str, str]


class Shift:
    """What the operators did, written down by the test beside the audit."""

    def __init__(self) -> None:
        self.desk, self.chance = AtTheDesk(), random.Random(300)
        self.trail, self.vault = InMemoryAuditTrail(self.desk.records), InMemorySeals()
        self.seen: defaultdict[str, list[Seen]] = defaultdict(list)
        self.shown: set[tuple[int, str, str]] = set()
        seal_hour(NOON - HOUR, self.trail, self.vault, KEY)
        for number in range(CONTACTS):
            self.desk.clock.at = NOON + SHIFT * number / CONTACTS
            case_id = encode_ulid(self.desk.clock.now(), number)
            message = contact(f"words {number}", native_id=f"m_{number}", person=Person(f"p{number}"))
            admit(self.desk.intake, message, case_id=case_id, now=self.desk.clock.now())
            for _ in range(3):
                self.does_something()
        self.desk.clock.at = NOON + SHIFT + 2 * HOUR
        for hour in hours_to_seal(self.vault, self.desk.clock.now()):
            seal_hour(hour, self.trail, self.vault, KEY)

    def does_something(self) -> None:
        who = self.chance.choice(OPERATORS)
        case_id = self.chance.choice(list(self.desk.records.cases)[-25:])
        self.desk.clock.advance(seconds=self.chance.randrange(1, 20))
        match self.chance.choice(["open", "open", "list", "claim", "note", "release"]):
            case "open":
                assert self.desk.get(f"/desk/cases/{case_id}", who=who).status == 200
                self.saw(case_id, who, "open")
            case "list":
                for one in self.desk.get("/desk/cases", who=who).fields["cases"]:
                    first = (self.desk.clock.now().hour, who, one["case_id"])
                    if first not in self.shown:
                        self.shown.add(first)
                        self.saw(one["case_id"], who, "list")
            case "note":
                version = self.desk.records.cases[case_id].version
                done = self.desk.post(
                    f"/desk/cases/{case_id}/notes", {"text": "Seen."}, who=who, version=version
                )
                self.saw(
                    case_id, who, "note" if done.status == 200 else f"note refused: {reason(done.problem)}"
                )
            case act:
                done = self.desk.post(f"/desk/cases/{case_id}/{act}", who=who)
                self.saw(
                    case_id, who, act if done.status == 200 else f"{act} refused: {reason(done.problem)}"
                )

    def saw(self, case_id: str, who: str, act: str) -> None:
        self.seen[case_id].append((self.desk.clock.now(), f"sub-{who}", act))


def reason(problem: str) -> str:
    """A problem's type as the audit calls it."""
    return {"case-held": "CaseHeld", "not-holder": "NotHolder"}[problem]


@pytest.fixture(scope="module")
def shift() -> Shift:
    return Shift()


def test_the_audit_says_who_saw_which_case_when_and_is_what_they_did(shift: Shift) -> None:
    now = shift.desk.clock.now()
    assert len(shift.seen) > CONTACTS * 0.8
    for case_id in shift.desk.records.cases:
        audited = [(one.at, one.by, one.act) for one in everybody(shift.trail, case_id, now)]
        assert sorted(audited) == sorted(shift.seen[case_id]), case_id


def test_it_proves_itself_and_a_change_to_any_entry_is_named(shift: Shift) -> None:
    proof = prove(shift.trail, shift.vault, KEY, shift.desk.clock.now())
    assert proof.whole
    assert proof.entries == sum(map(len, shift.desk.records.audit.values()))

    for subject in random.Random(1).sample(sorted(shift.desk.records.audit), 10):
        entries = shift.desk.records.audit[subject]
        kept = entries[0]
        entries[0] = replace(kept, by="sub-somebody-else")
        broken = prove(shift.trail, shift.vault, KEY, shift.desk.clock.now()).first_break
        entries[0] = kept
        assert broken
        assert (broken.subject, broken.at, broken.what) == (subject, kept.at, "an entry was changed")


def test_disposing_of_a_case_breaks_no_chain_and_who_saw_it_is_still_told(shift: Shift) -> None:
    records, case_id = shift.desk.records, min(shift.seen)
    records.cases[case_id] = replace(records.cases[case_id], state=CaseState.CLOSED, closed_at=NOON)
    manager = InMemoryRecords(records)
    record = manager.record(case_id)
    assert record
    assert Disposer(manager, InMemoryRecordFiles(), shift.desk.clock).dispose(record, Why.DATE, "sweep", "r")

    assert case_id not in records.cases
    assert prove(shift.trail, shift.vault, KEY, shift.desk.clock.now()).whole
    told = [(one.at, one.by, one.act) for one in everybody(shift.trail, case_id, shift.desk.clock.now())]
    assert told.pop()[1:] == ("sweep", "dispose: date")
    assert sorted(told) == sorted(shift.seen[case_id])
