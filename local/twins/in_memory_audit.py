"""The audit in memory, and the vault of its seals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from contact_desk.case_desk import AuditEntry
from local.twins.desk_records import DeskRecords


class InMemoryAuditTrail:
    """The audit of records in memory."""

    def __init__(self, records: DeskRecords) -> None:
        self._records = records

    def note(self, entry: AuditEntry) -> None:
        """Keep an entry of something that changed nothing."""
        with self._records.lock:
            self._records.audit[entry.subject].append(entry)

    def of(self, subject: str) -> Sequence[AuditEntry]:
        """Everything on one subject, oldest first."""
        with self._records.lock:
            found = list(self._records.audit.get(subject, ()))
        return sorted(found, key=lambda entry: (entry.at, entry.request_id))

    def between(self, first: datetime, last: datetime) -> Iterator[AuditEntry]:
        """Everything from the first moment up to, not including, the last, oldest first."""
        with self._records.lock:
            found = [entry for entries in self._records.audit.values() for entry in entries]
        wanted = [entry for entry in found if first <= entry.at < last]
        yield from sorted(wanted, key=lambda entry: (entry.at, entry.subject, entry.request_id))


class InMemorySeals:
    """A vault in memory; a test may go around `keep` and write an hour's seal over."""

    def __init__(self) -> None:
        self.kept: dict[datetime, list[bytes]] = {}

    def keep(self, hour: datetime, seal: bytes) -> None:
        """Keep the hour's seal, once."""
        self.kept.setdefault(hour, [seal])

    def seal_of(self, hour: datetime) -> bytes | None:
        """The hour's seal as it was first written."""
        return self.kept[hour][0] if hour in self.kept else None

    def writings(self, hour: datetime) -> int:
        """How often the hour's seal was written."""
        return len(self.kept.get(hour, ()))

    def first(self) -> datetime | None:
        """The first hour that has a seal."""
        return min(self.kept, default=None)

    def last(self, before: datetime) -> datetime | None:
        """The last hour up to this one that has a seal."""
        return max((hour for hour in self.kept if hour <= before), default=None)
