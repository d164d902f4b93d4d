"""The disposal of audit entries over the desk's records in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from contact_desk.audit_disposals import AuditDisposal
from contact_desk.case_desk import AuditEntry
from local.twins.desk_records import DeskRecords


class InMemoryAuditDisposals:
    """Disposals over records in memory, which forget at once."""

    def __init__(self, records: DeskRecords) -> None:
        self._records = records

    def due(self, retention_class: str | None, before: datetime) -> Iterator[str]:
        """The cases of the class that were disposed of before the moment and whose audit is still there."""
        with self._records.lock:
            dated = sorted(
                (one.disposed_at, name)
                for name, one in self._records.disposals.items()
                if one.retention_class == retention_class and name not in self._records.audit_settled
            )
        return (name for at, name in dated if at < before)

    def keep(self, disposal: AuditDisposal, entries: Iterable[AuditEntry]) -> None:
        """Keep the record and forget the entries."""
        with self._records.lock:
            self._records.audit_disposals[disposal.proof] = disposal
            for entry in entries:
                self._records.audit[entry.subject].remove(entry)

    def settled(self, case_id: str) -> None:
        """Note that the audit of a case is done with."""
        with self._records.lock:
            self._records.audit_settled.add(case_id)

    def of(self, hour: datetime) -> Iterator[AuditDisposal]:
        """The records of an hour."""
        with self._records.lock:
            found = list(self._records.audit_disposals.values())
        return (one for one in found if one.hour == hour)
