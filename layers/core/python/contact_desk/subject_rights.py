"""What a person may ask for: their cases, erasure, restriction; each narrowed by what stands against it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from contact_desk.case_desk import AuditEntry
from contact_desk.clock import Clock
from contact_desk.disposal import Disposer
from contact_desk.ports import Records
from contact_desk.retention import CaseRecord, Regime, Why
from contact_desk.subjects import Erasure, NotErased, SubjectCase


class ClassRule(Protocol):
    """What a retention class says of requests."""

    @property
    def regime(self) -> Regime:
        """Under which law its cases are."""
        ...

    @property
    def erasable(self) -> bool:
        """Whether a request alone has a case erased."""
        ...


def regime_of(classes: Mapping[str, ClassRule], retention_class: str | None) -> Regime:
    """Under which law a case of the class is; until it is closed nobody has said what it is: the stricter law holds."""
    rule = classes.get(retention_class or "")
    return rule.regime if rule else Regime.LAW_ENFORCEMENT


@dataclass(frozen=True, slots=True)
class SubjectRights:
    """Answers a person's requests; `by` and `request_id` are what the audit calls whoever answers."""

    records: Records
    disposer: Disposer
    classes: Mapping[str, ClassRule]
    clock: Clock
    by: str
    request_id: str

    def find(self, names: Iterable[str]) -> list[SubjectCase]:
        """The cases of the person of any of the names, oldest first; each look is audited."""
        found = []
        for case_id in sorted({case_id for name in names for case_id in self.records.cases_of(name)}):
            record = self.records.record(case_id)
            if record is not None:
                found.append(self._case(record))
        return found

    def erase(self, cases: Sequence[SubjectCase]) -> list[Erasure]:
        """Erase what may be erased; what is needed as a record is restricted to nobody but those named already."""
        return [self._erase(case) for case in cases]

    def restrict(self, case_id: str, to: Sequence[str] | None) -> bool:
        """Let the named people alone see a case, or everybody again; False where there is no such case."""
        act = "restrict" if to is not None else "lift restriction"
        return self.records.restrict(case_id, to, self._audit(case_id, act))

    def _erase(self, case: SubjectCase) -> Erasure:
        record = self.records.record(case.case_id)
        if record is None:
            return Erasure(case.case_id, case.reference, erased=False, why_not=NotErased.GONE_BEFORE)
        if record.hold:
            return self._kept(
                case, NotErased.HELD, f"{record.hold.reason}, until {record.hold.review_on} at least"
            )
        if record.closed_at is None:
            return self._kept(case, NotErased.OPEN, "the case is open")
        if not case.erasable:
            self.restrict(case.case_id, case.restricted_to or ())
            return self._kept(case, NotErased.NEEDED, f"{case.regime} record: restricted instead")
        if not self.disposer.dispose(record, Why.REQUEST, self.by, self.request_id):
            return self._kept(case, NotErased.HELD, "a hold came first")
        return Erasure(case.case_id, case.reference, erased=True)

    def _kept(self, case: SubjectCase, why_not: NotErased, reason: str) -> Erasure:
        refused = self._audit(case.case_id, f"erase refused: {why_not}")
        # Beside a restriction of the same moment, which is an entry of its own.
        self.records.note(replace(refused, request_id=f"{self.request_id}-refused"))
        return Erasure(case.case_id, case.reference, erased=False, why_not=why_not, reason=reason)

    def _case(self, record: CaseRecord) -> SubjectCase:
        rule = self.classes.get(record.retention_class or "")
        return SubjectCase(
            case_id=record.case_id,
            reference=record.reference,
            channel=record.channel,
            opened_at=record.opened_at or self.clock.now(),
            state="closed" if record.closed_at else "open",
            regime=regime_of(self.classes, record.retention_class),
            erasable=rule.erasable if rule else False,
            held_because=record.hold.reason if record.hold else None,
            restricted_to=record.restricted_to,
        )

    def _audit(self, case_id: str, act: str) -> AuditEntry:
        return AuditEntry(case_id, self.clock.now(), self.by, act, self.request_id)
