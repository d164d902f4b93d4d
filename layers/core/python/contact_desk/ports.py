"""The narrow ports through which the desk meets the world.

Each has a real adapter in `contact_desk.stores` (or with the one function that uses it) and an in-memory twin in
`local.twins`; one contract suite holds both to the same behaviour.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from contact_desk.alerts import Alert
from contact_desk.backlog import UnseenCase, Waiting
from contact_desk.broadcast_ports import Broadcasts, Switch
from contact_desk.canaries import CanarySeen
from contact_desk.case_desk import (
    ActRecord,
    AnsweredRequest,
    AuditEntry,
    CaseChange,
    CaseFile,
    CasePage,
    CaseQuery,
    CommitOutcome,
)
from contact_desk.cases import Case
from contact_desk.catching_up import Cursor
from contact_desk.contacts import Contact
from contact_desk.conversations import Conversation
from contact_desk.grades import Grade
from contact_desk.intake import Admission, AdmissionOutcome, Nudge
from contact_desk.outbox import OutboxItem
from contact_desk.outbox_ports import AttachmentStore, OutboxStore
from contact_desk.record_ports import AuditTrail, DeletionRequests, RecordFiles, Records, SealVault
from contact_desk.repairs import DeadLetter, ExpiredClaim, QuarantinedMessage

# Defined elsewhere, for length alone; the others are handed on by being defined here.
__all__ = [
    "AttachmentStore",
    "AuditTrail",
    "Broadcasts",
    "DeletionRequests",
    "OutboxStore",
    "RecordFiles",
    "Records",
    "SealVault",
    "Switch",
]


class Archive(Protocol):
    """Takes in the bytes of deliveries; what writes here cannot read here."""

    def put(self, key: str, body: bytes) -> None:
        """Keep the body under its key, once: the same key again is no error.

        Raises ArchiveBusyError when the bytes are not provably kept.
        """
        ...


class ArchivedDelivery(Protocol):
    """One archived delivery as a listing shows it."""

    @property
    def key(self) -> str:
        """The object's key."""
        ...

    @property
    def stored_at(self) -> datetime:
        """When the archive took it in."""
        ...


class ArchivedBody(ArchivedDelivery, Protocol):
    """One archived delivery with its bytes."""

    @property
    def body(self) -> bytes:
        """The bytes as they came."""
        ...


class ArchiveReader(Protocol):
    """Reads the bytes of deliveries back; raises ArchiveBusyError when it cannot."""

    def get(self, key: str) -> ArchivedBody | None:
        """The delivery with its body, or None where there is no such object."""
        ...

    def keys(self, prefix: str) -> Iterator[ArchivedDelivery]:
        """The objects whose key starts with the prefix, in the order of their keys."""
        ...


class Secret(Protocol):
    """One secret of the desk, as the JSON object it holds."""

    def versions(self, max_age: timedelta | None = None) -> Sequence[Mapping[str, Any]]:
        """The current version first, then the one before it while that is still there.

        They may be as old as the cache allows, or as `max_age` where that is less. Raises SecretUnavailableError
        when the secret cannot be read and no copy of the last hour is at hand, SecretNotSetError where it was read
        and holds nothing.
        """
        ...


class Parking(Protocol):
    """Keeps deliveries that nobody has verified, apart from the archive, and only so many of them a minute."""

    def park(self, channel: str, parked: bytes, *, at: datetime, slots: int, tries: int) -> bool:
        """Keep one delivery to a webhook; False where the slots tried of this minute's are taken, or S3 is busy."""
        ...


class Holds(Protocol):
    """Which webhooks people have put on hold: what they cannot verify is parked there and answered 200."""

    def on_hold(self, channel: str) -> bool:
        """Whether the webhook (`meta`) is on hold, by a copy of the setting that is seconds old; never raises."""
        ...


class Cursors(Protocol):
    """How far each catch-up reader has read; every method raises StoreBusyError or StoreRefusedError where it fails."""

    def get(self, reader: str, account: str) -> Cursor | None:
        """Where the reader of an account stands; None before its first run."""
        ...

    def put(self, reader: str, account: str, cursor: Cursor) -> None:
        """Note where it stands now."""
        ...


class ChannelLog(Protocol):
    """When each channel account last brought something by itself; raises StoreError where it fails."""

    def heard(self, channel: str, account: str, at: datetime) -> None:
        """Note a contact; an earlier one than is known changes nothing."""
        ...

    def last_heard(self, channel: str, account: str) -> datetime | None:
        """The moment of the last one; None where there never was one."""
        ...

    def canary_seen(self, canary: Contact, at: datetime) -> None:
        """Note that triage had the account's canary, and close its delivery."""
        ...

    def last_canary(self, channel: str, account: str) -> CanarySeen | None:
        """The last canary that triage had (a consistent read); None where there never was one."""
        ...


class Evidence(Protocol):
    """Keeps events as received that are too large for the table."""

    def put(self, key: str, body: str) -> None:
        """Keep the text under its key; raises ArchiveBusyError when it is not provably kept."""
        ...


class AttachmentFiles(Protocol):
    """Keeps copies of what people attached; what writes here cannot read here."""

    def keep(self, key: str, content: bytes) -> None:
        """Keep the bytes under their key, once; raises ArchiveBusyError when they are not provably kept."""
        ...


class ContactQueue(Protocol):
    """Carries contacts to triage: private and public ones on queues of their own."""

    def send(self, contacts: Sequence[Contact]) -> None:
        """Queue the contacts in their order, ten to a call, fewer where a call would pass 1 MiB.

        Raises QueueRefusedError when any of them is not provably queued.
        """
        ...


class PointerQueue(Protocol):
    """Carries pointers and small JSON objects (deliveries to replay, attachments to copy, confirmations)."""

    def send(self, bodies: Sequence[str]) -> None:
        """Queue the bodies, ten to a call; raises QueueRefusedError when any is not provably queued."""
        ...


class CaseCounts(Protocol):
    """How much waits at the desk."""

    def unseen(self, grade: Grade, before: datetime, limit: int) -> Sequence[UnseenCase]:
        """Open cases of the grade that no operator has acted on and whose `answer_by` has passed; oldest case first."""
        ...

    def waiting(self, now: datetime) -> Waiting:
        """The open cases, and those of them that should have been answered by now; a little behind the table."""
        ...


class Nudges(Protocol):
    """Tells notify that outbox items wait; the table is the truth, so a lost nudge only costs time."""

    def send(self, nudges: Iterable[Nudge]) -> None:
        """Nudge each item once, ten to a call and a queue; raises QueueRefusedError where a queue refuses."""
        ...


class Intake(Protocol):
    """The table as triage sees it."""

    def conversation(self, key: str) -> Conversation | None:
        """The conversation as it stands now (a consistent read); None where there is none."""
        ...

    def texts_of(self, contact_key: str) -> frozenset[str]:
        """Every text that the contact was seen to have, its edits' included; none where it is not there."""
        ...

    def admit(self, admission: Admission) -> AdmissionOutcome:
        """Write the contact and all that follows from it in one transaction.

        A duplicate records the delivery's receipt and writes nothing else. Raises StoreBusyError for conflicts
        and throttling, StoreRefusedError for anything that another try does not change.
        """
        ...


class CaseDesk(Protocol):
    """The table as operators see it; every method raises StoreBusyError or StoreRefusedError where it fails."""

    def cases(self, query: CaseQuery) -> CasePage:
        """A page of cases; the list may be a second behind the cases themselves."""
        ...

    def case(self, case_id: str) -> Case | None:
        """The case as it stands now (a consistent read)."""
        ...

    def conversation(self, key: str) -> Conversation | None:
        """The conversation as it stands now (a consistent read)."""
        ...

    def case_file(self, case_id: str) -> CaseFile | None:
        """The case with its timeline and all that the timeline points to (consistent reads)."""
        ...

    def versions(self, case_id: str) -> tuple[str, ...]:
        """The versions of rules and models that decided on the case's contacts, each once (consistent reads)."""
        ...

    def commit(self, change: CaseChange, record: ActRecord) -> CommitOutcome:
        """Write the change and the record of the act in one transaction, while what was read still holds."""
        ...

    def answered(self, operator: str, key: str, now: datetime) -> AnsweredRequest | None:
        """The answer that this operator's key was given in the last 24 hours."""
        ...

    def note(self, entry: AuditEntry) -> None:
        """Keep an audit entry of something that changed nothing: a case opened, a list shown."""
        ...


class AlertStore(Protocol):
    """Alerts as notify, operate and sweep see them."""

    def get(self, alert_id: str) -> Alert | None:
        """The alert (a consistent read)."""
        ...

    def open_alerts(self, limit: int = 200) -> Sequence[Alert]:
        """Alerts that no person has acknowledged: worst rank first, then oldest."""
        ...

    def raise_alert(self, alert: Alert, nudge: OutboxItem) -> None:
        """Open the alert, or open it again if it was acknowledged, and record the item that tells operators.

        An open alert stays as it is, as does one whose item is there already: no cause ever opens one twice.
        """
        ...

    def acknowledge(
        self,
        alert_id: str,
        *,
        by: str,
        now: datetime,
        item: OutboxItem,
        record: ActRecord | None = None,
        opened_at: datetime | None = None,
    ) -> Alert | None:
        """Record that a person has seen it, with the act and the item that says so; None where there is no such alert.

        One that is acknowledged, or opened at another time than `opened_at`, is given as it is; nothing is written.
        """
        ...

    def restricted(self, case_ids: Sequence[str]) -> Mapping[str, frozenset[str]]:
        """Those of the cases that only named people may see, with their subjects (consistent reads)."""
        ...

    def due(self, before: datetime, limit: int) -> Sequence[str]:
        """Names of open alerts whose next nudge is due before the moment."""
        ...

    def nudge(self, alert: Alert, *, next_nudge_at: datetime | None, item: OutboxItem) -> bool:
        """Count one more nudge and record its outbox item; False where it was acknowledged or nudged meanwhile."""
        ...


class Repairs(Protocol):
    """The table as sweep repairs it."""

    def without_receipt(self, archive_keys: Sequence[str]) -> Sequence[str]:
        """Those of the deliveries that no triage has closed, in their order."""
        ...

    def expired_claims(self, before: datetime, limit: int) -> Sequence[ExpiredClaim]:
        """Claims whose lease ran out before the moment, oldest first."""
        ...

    def free(self, claim: ExpiredClaim, now: datetime) -> bool:
        """Take an expired claim off its case; False where it was renewed, released or taken over meanwhile."""
        ...

    def quarantine(self, letter: QuarantinedMessage) -> None:
        """Keep a message that no redriving saved, once for its name."""
        ...

    def quarantined(self) -> Sequence[QuarantinedMessage]:
        """The messages in quarantine, oldest first."""
        ...

    def release(self, letter: QuarantinedMessage) -> None:
        """Take a message that was put back on its queue out of quarantine; its record stays."""
        ...


class DeadLetters(Protocol):
    """The dead-letter queue of one work queue."""

    def receive(self, limit: int) -> Sequence[DeadLetter]:
        """Messages that triage, notify or replay could not finish; they stay until `redrive` or `discard`."""
        ...

    def redrive(self, letter: DeadLetter, delay_seconds: int) -> None:
        """Put it back on its work queue, one round older, then take it off the dead-letter queue."""
        ...

    def discard(self, letter: DeadLetter) -> None:
        """Take it off the dead-letter queue."""
        ...
