"""The ports of what is kept: the audit and its seals, and what is written down of records on their way out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from contact_desk.case_desk import (
    AuditEntry,
)
from contact_desk.data_deletions import DeletionRequest
from contact_desk.retention import Belongings, CaseRecord, Decision, DisposalRecord, LegalHold, TakenBack


class AuditTrail(Protocol):
    """Who did and saw what, by subject and by time; raises StoreError where it fails."""

    def note(self, entry: AuditEntry) -> None:
        """Keep an entry of something that changed nothing."""
        ...

    def of(self, subject: str) -> Sequence[AuditEntry]:
        """Everything on one subject, oldest first (consistent reads)."""
        ...

    def between(self, first: datetime, last: datetime) -> Iterator[AuditEntry]:
        """Everything from the first moment up to, not including, the last, oldest first.

        What was written seconds ago may not be shown yet.
        """
        ...


class SealVault(Protocol):
    """Keeps the seals of the audit's hours, which nobody can delete or shorten; raises ArchiveBusyError."""

    def keep(self, hour: datetime, seal: bytes) -> None:
        """Keep the hour's seal, once: where there is one already, that stays, and this is no error."""
        ...

    def seal_of(self, hour: datetime) -> bytes | None:
        """The hour's seal as it was first written; None where there is none."""
        ...

    def writings(self, hour: datetime) -> int:
        """How often the hour's seal was written: more than once only by somebody who went around `keep`."""
        ...

    def first(self) -> datetime | None:
        """The first hour that has a seal."""
        ...

    def last(self, before: datetime) -> datetime | None:
        """The last hour up to this one that has a seal; None where there is none."""
        ...


class Records(Protocol):
    """The table as records management sees it; raises StoreError where it fails."""

    def record(self, case_id: str) -> CaseRecord | None:
        """A case's record (consistent reads); None where there is no such case, or no more."""
        ...

    def due(self, before: datetime) -> Iterator[CaseRecord]:
        """Closed cases whose date lies before the moment, earliest date first."""
        ...

    def hold(self, hold: LegalHold, audit: AuditEntry) -> bool:
        """Put a case on hold, or change its hold; False where there is no such case or its disposal has begun."""
        ...

    def lift(self, case_id: str, audit: AuditEntry) -> bool:
        """Take the hold off a case; False where it has none."""
        ...

    def holds(self) -> Sequence[LegalHold]:
        """Every hold, by the date on which somebody looks at it again."""
        ...

    def decide(self, case_id: str, decision: Decision, audit: AuditEntry) -> bool:
        """Record a person's decision on a closed case, and move its date where it says so; False where it cannot be."""
        ...

    def decisions(self, case_id: str) -> Sequence[Decision]:
        """Every decision on a case, oldest first; they outlive it."""
        ...

    def begin(self, case_id: str, at: datetime) -> bool:
        """Begin the disposal of a closed case that nothing holds; True too where it has begun before.

        What the case counts for is kept as counts alone; what its contacts do, as each is emptied.
        """
        ...

    def belongings(self, case_id: str) -> Belongings:
        """What belongs to the case outside the table."""
        ...

    def empty(self, case_id: str, at: datetime) -> int:
        """Remove all that belongs to the case but itself; how many items. Contacts leave a tombstone.

        The tombstone bears the contact's key and the date alone, and no replay brings the contact back.
        """
        ...

    def note(self, audit: AuditEntry) -> None:
        """Keep an audit entry of something that changed nothing."""
        ...

    def cases_of(self, name: str) -> Sequence[str]:
        """The cases of the person of a name (`contact_desk.subjects`), oldest first."""
        ...

    def restrict(self, case_id: str, to: Sequence[str] | None, audit: AuditEntry) -> bool:
        """Let the named people alone see a case and new ones of its person, or everybody again.

        False where there is no such case. Where nobody is named, new ones are like anybody's: somebody must see them.
        """
        ...

    def taken_back(self, before: datetime) -> Iterator[TakenBack]:
        """What its writers took back before the moment and nobody has settled, oldest first."""
        ...

    def keep_taken_back(self, taken: TakenBack) -> None:
        """Settle that the words stay."""
        ...

    def belongings_of_contact(self, contact_key: str) -> Belongings:
        """What belongs to one contact outside the table."""
        ...

    def blank(self, taken: TakenBack, at: datetime) -> None:
        """Take the words out of a contact, its edits and what its case shows of them, for good.

        The contact stays with its hash and the time; no replay brings the words back.
        """
        ...

    def end(self, done: DisposalRecord, audit: AuditEntry) -> None:
        """Remove the case itself and keep the record of its disposal, in one transaction."""
        ...

    def disposed(self, since: datetime) -> Iterator[DisposalRecord]:
        """The records of disposals from the moment on, oldest first."""
        ...


class RecordFiles(Protocol):
    """The buckets as records management sees them; raises ArchiveBusyError where they fail."""

    def delete_evidence(self, key: str) -> int:
        """Remove an object of the evidence with every version of it; 1, or 0 where it was not there."""
        ...

    def delete_delivery(self, key: str) -> int:
        """Remove an archived delivery with every version of it; 1, or 0 where it was not there."""
        ...


class DeletionRequests(Protocol):
    """What platforms ask in a person's name; raises StoreError where it fails."""

    def take(self, request: DeletionRequest) -> None:
        """Keep a request, once for its code: the same one again changes nothing."""
        ...

    def get(self, code: str) -> DeletionRequest | None:
        """The request of a code (a consistent read); None where there is none, or no more."""
        ...

    def due(self, before: datetime) -> Iterator[DeletionRequest]:
        """The requests that the sweep should look at by the moment, oldest first."""
        ...

    def waiting(self) -> Sequence[DeletionRequest]:
        """The requests that nobody has settled, oldest first; a little behind the table."""
        ...

    def look_again(self, code: str, at: datetime | None) -> None:
        """Have the sweep look at it again then, or never by itself."""
        ...

    def match(self, code: str, names: Sequence[str], at: datetime) -> bool:
        """Say who the person is, and have the sweep look then; False where no such request waits."""
        ...

    def settle(self, code: str, at: datetime) -> None:
        """Close it: who the person is goes, what the status page needs stays for half a year."""
        ...
