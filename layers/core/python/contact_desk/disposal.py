"""Disposing of a case: all that belongs to it, in every store, once, and a record of it.

The order bears a crash at any point: objects first, then what the case points to, then the pointers, and last the case
itself with the record. Until then the case stands in the index of what is due, and the next run goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from contact_desk.case_desk import AuditEntry
from contact_desk.clock import Clock
from contact_desk.ports import RecordFiles, Records
from contact_desk.retention import CaseRecord, DisposalRecord, Why

DISPOSER = "sweep"


class ClassRule(Protocol):
    """What a retention class asks for."""

    @property
    def review(self) -> bool:
        """Whether a person decides before anything is disposed of."""
        ...


class Rules(Protocol):
    """The force's retention rules."""

    @property
    def classes(self) -> Mapping[str, ClassRule]:
        """The classes by name."""
        ...

    @property
    def review_ahead(self) -> timedelta:
        """How long before its date a case is put on the review list."""
        ...


@dataclass(frozen=True, slots=True)
class DisposalRun:
    """What one run did: cases disposed of, held, and waiting for a person's decision."""

    disposed: int
    held: int
    to_review: int


@dataclass(frozen=True, slots=True)
class Disposer:
    """Disposes of cases whose time has come, or whose person asked for it."""

    records: Records
    files: RecordFiles
    clock: Clock

    def run(self, rules: Rules, at_most: int) -> DisposalRun:
        """Dispose of what is due and may go, oldest date first, so many cases at most."""
        now = self.clock.now()
        disposed = held = to_review = 0
        for record in self.records.due(now):
            review = needs_review(record, rules)
            if record.hold:
                held += 1
            elif not record.may_go(now, review=review):
                to_review += 1
            elif disposed < at_most:
                why = Why.REVIEW if review else Why.DATE
                disposed += self.dispose(record, why, DISPOSER, f"disposal-{record.case_id}")
        return DisposalRun(disposed, held, to_review)

    def dispose(self, record: CaseRecord, why: Why, by: str, request_id: str) -> bool:
        """Dispose of a closed case that nothing holds; False where a hold came first or it is not closed."""
        if record.closed_at is None or not self.records.begin(record.case_id, self.clock.now()):
            return False
        belongings = self.records.belongings(record.case_id)
        files = sum(map(self.files.delete_evidence, belongings.evidence))
        deliveries = sum(map(self.files.delete_delivery, belongings.deliveries))
        now = self.clock.now()
        items = self.records.empty(record.case_id, now)
        done = DisposalRecord(
            case_id=record.case_id,
            reference=record.reference,
            retention_class=record.retention_class,
            closed_at=record.closed_at,
            disposed_at=now,
            why=why,
            by=by,
            items=items,
            files=files,
            deliveries=deliveries,
        )
        self.records.end(done, AuditEntry(record.case_id, now, by, f"dispose: {why}", request_id))
        return True


def needs_review(record: CaseRecord, rules: Rules) -> bool:
    """Whether a person decides first; so does what is of no class that the force file still knows."""
    rule = rules.classes.get(record.retention_class or "")
    return rule is None or rule.review


def review_list(records: Iterable[CaseRecord], rules: Rules, now: datetime) -> list[CaseRecord]:
    """The cases that a person should decide on, by date."""
    return [
        one
        for one in records
        if one.waits_for_review(now, review=needs_review(one, rules), ahead=rules.review_ahead)
    ]
