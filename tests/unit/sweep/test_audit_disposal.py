"""Audit entries go on their own date, and the chain holds: only what went lawfully may be missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from contact_desk.audit_chain import HOUR, Break, Proof, Seal, SealedEntry, sealed_entry
from contact_desk.audit_sealing import prove, seal_hour
from contact_desk.case_desk import AuditEntry
from contact_desk.clock import encode_ulid
from contact_desk.force_file import ForceFile
from contact_desk.retention import DisposalRecord, Why
from contact_desk.retention_rules import Retention
from functions.sweep.audit_disposal import dispose, is_of_no_case
from local.twins.desk_records import DeskRecords
from local.twins.held_still import NOON
from local.twins.in_memory_audit import InMemoryAuditTrail, InMemorySeals
from local.twins.in_memory_audit_disposals import InMemoryAuditDisposals

KEY = b"the key of the seals"
DAY = timedelta(days=1)
NOISE, CRIME, STANDING = (encode_ulid(NOON, number) for number in (1, 2, 3))
DISPOSED_AT = NOON + 40 * DAY


class Old:
    """An audit of some hours: two cases that were disposed of, one that stands, and a list; all of it sealed."""

    def __init__(self, rules: Retention) -> None:
        self.records, self.vault = DeskRecords(), InMemorySeals()
        self.trail = InMemoryAuditTrail(self.records)
        self.disposals = InMemoryAuditDisposals(self.records)
        self.rules = rules
        for hour in range(4):
            at = NOON + hour * HOUR + timedelta(minutes=5)
            for number, subject in enumerate((NOISE, CRIME, STANDING, "sub-alex")):
                self.trail.note(AuditEntry(subject, at, "sub-alex", "open", f"request-{hour}-{number}"))
            seal_hour(NOON + hour * HOUR, self.trail, self.vault, KEY)
        for name, of_class in ((NOISE, "noise"), (CRIME, "crime")):
            self.records.disposals[name] = DisposalRecord(
                name, "ref", of_class, NOON, DISPOSED_AT, Why.DATE, "sweep", 1, 0, 0
            )

    def dispose(self, days: int) -> int:
        return dispose(self.trail, self.disposals, self.rules, KEY, DISPOSED_AT + days * DAY)

    def left(self) -> list[str]:
        return sorted(name for name, entries in self.records.audit.items() if entries)

    def proof(self) -> Proof:
        now = NOON + 4 * HOUR + timedelta(minutes=11)
        return prove(self.trail, self.vault, KEY, now, disposals=self.disposals)


@pytest.fixture
def rules(force: ForceFile) -> Retention:
    """Noise's audit a year, crime's two, what is of no case three."""
    classes = dict(force.retention.classes)
    classes["noise"] = classes["noise"].model_copy(update={"audit_days": 365})
    classes["crime"] = classes["crime"].model_copy(update={"audit_days": 730})
    return force.retention.model_copy(update={"classes": classes, "audit_days": 1095})


@pytest.fixture
def old(rules: Retention) -> Old:
    return Old(rules)


def test_the_audit_of_a_case_goes_by_its_class_and_the_chain_holds(old: Old) -> None:
    assert old.dispose(365) == 0
    assert old.dispose(366) == 4
    assert old.left() == sorted([CRIME, STANDING, "sub-alex"])
    assert old.dispose(367) == 0
    assert old.dispose(731) == 4
    assert old.left() == sorted([STANDING, "sub-alex"])
    assert old.proof() == Proof(seals=4, entries=16)


def test_what_is_of_no_case_goes_by_its_own_date_and_what_stands_is_not_touched(old: Old) -> None:
    assert (
        old.dispose(1095 - 40) == 8
    )  # both cases; three years after the entries' own date there is nothing yet
    assert old.dispose(1095 - 39) == 4
    assert old.left() == [STANDING]
    assert old.proof().whole


def test_an_entry_that_went_otherwise_is_a_break_and_so_is_a_record_without_the_key(old: Old) -> None:
    old.dispose(366)
    kept = old.records.audit[CRIME].pop(1)
    broken = Break(NOON + HOUR, "1 sealed entry is gone")
    assert old.proof().first_break == broken

    # Somebody who may write, and knows the seals' names, makes a record of it without the key.
    (name,) = {
        one.name
        for one in seal_names(old, 1)
        if one.name not in {name for each in old.disposals.of(NOON + HOUR) for name in each.names}
        and one.name not in standing_names(old, 1)
    }
    (real,) = old.disposals.of(NOON + HOUR)
    old.records.audit_disposals["forged"] = replace(real, names=(*real.names, name))
    assert old.proof().first_break == broken
    old.records.audit[CRIME].insert(1, kept)
    assert old.proof().whole
    old.records.audit_disposals.clear()
    assert old.proof().first_break == Break(NOON, "1 sealed entry is gone")


def seal_names(old: Old, hour: int) -> tuple[SealedEntry, ...]:
    body = old.vault.seal_of(NOON + hour * HOUR)
    assert body
    return Seal.read(body).entries


def standing_names(old: Old, hour: int) -> set[str]:
    entries = old.trail.between(NOON + hour * HOUR, NOON + (hour + 1) * HOUR)
    return {sealed_entry(one, KEY).name for one in entries}


def test_entries_of_cases_are_told_from_others_by_what_they_speak_of() -> None:
    entry = AuditEntry(NOISE, NOON, "sub", "open", "r")
    assert not is_of_no_case(entry)
    for subject in ("sub-alex", "audit", f"{NOISE}.priority", "reading.x.unusual_reading"):
        assert is_of_no_case(replace(entry, subject=subject))
