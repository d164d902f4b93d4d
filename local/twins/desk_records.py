"""The desk's records in memory: what the twins of the stores share, as the real stores share one table."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from contact_desk.alerts import Alert
from contact_desk.attachments import ContactAttachments
from contact_desk.audit_disposals import AuditDisposal
from contact_desk.broadcasts import AnsweredWith, Broadcast, PublishingSwitch
from contact_desk.case_desk import ActRecord, AnsweredRequest, AuditEntry
from contact_desk.cases import Case
from contact_desk.contacts import Contact
from contact_desk.conversations import Conversation
from contact_desk.data_deletions import DeletionRequest
from contact_desk.decisions import TriageDecision
from contact_desk.numbers.counting import Figures, HourTotal
from contact_desk.numbers.surveys import Survey
from contact_desk.outbox import ExpectedEcho, OutboxItem
from contact_desk.overrides import Override
from contact_desk.repairs import QuarantinedMessage
from contact_desk.retention import Decision, DisposalRecord, LegalHold
from contact_desk.second_reads import SecondRead
from contact_desk.timeline import TimelineEntry
from functions.notify.paces import Pace


@dataclass(frozen=True, slots=True)
class StoredContact:
    """A contact (or an edit or delete of one) as the table keeps it."""

    contact: Contact
    decision: TriageDecision
    case_id: str
    outbox_ids: tuple[str, ...] = ()
    raw_pointer: str | None = None
    second_read_due: bool = False
    second_read: SecondRead | None = None
    admitted_at: datetime | None = None


@dataclass(slots=True)
class DeskRecords:
    """Everything the table would hold; every writer holds the lock for the whole of its change."""

    contacts: dict[str, StoredContact] = field(default_factory=dict)
    events: dict[tuple[str, str], StoredContact] = field(default_factory=dict)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    timelines: defaultdict[str, dict[tuple[datetime, str], TimelineEntry]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    outbox: dict[str, OutboxItem] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    attachments: dict[str, ContactAttachments] = field(default_factory=dict)
    receipts: dict[str, datetime] = field(default_factory=dict)
    requests: dict[tuple[str, str], AnsweredRequest] = field(default_factory=dict)
    audit: defaultdict[str, list[AuditEntry]] = field(default_factory=lambda: defaultdict(list))
    overrides: dict[str, Override] = field(default_factory=dict)
    quarantine: dict[tuple[str, str], QuarantinedMessage] = field(default_factory=dict)
    echoes: dict[tuple[str, str, str, str], ExpectedEcho] = field(default_factory=dict)
    broadcasts: dict[str, Broadcast] = field(default_factory=dict)
    answered_with: list[AnsweredWith] = field(default_factory=list)
    pictures: dict[str, bytes] = field(default_factory=dict)
    switch: PublishingSwitch = field(default_factory=PublishingSwitch)
    subjects: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    holds: dict[str, LegalHold] = field(default_factory=dict)
    decisions: defaultdict[str, list[Decision]] = field(default_factory=lambda: defaultdict(list))
    decided: set[str] = field(default_factory=set)
    disposing: set[str] = field(default_factory=set)
    disposals: dict[str, DisposalRecord] = field(default_factory=dict)
    settled: set[tuple[str, str | None]] = field(default_factory=set)
    blanked: set[str] = field(default_factory=set)
    tombstones: dict[tuple[str, str | None], datetime] = field(default_factory=dict)
    paces: dict[str, Pace] = field(default_factory=dict)
    totals: dict[datetime, HourTotal] = field(default_factory=dict)
    surveys: dict[str, Survey] = field(default_factory=dict)
    kept_figures: defaultdict[datetime, Figures] = field(default_factory=lambda: defaultdict(Counter))
    kept_changed: dict[datetime, datetime] = field(default_factory=dict)
    audit_disposals: dict[str, AuditDisposal] = field(default_factory=dict)
    audit_settled: set[str] = field(default_factory=set)
    restrictions: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    deletions: dict[str, DeletionRequest] = field(default_factory=dict)
    counted_until: datetime | None = None
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def add_entry(self, case_id: str, entry: TimelineEntry) -> None:
        """Put an entry on a case's timeline; the same name at the same time is the same entry."""
        self.timelines[case_id][(entry.at, entry.name)] = entry

    def stands_open(self, alert_id: str) -> bool:
        """Whether there is such an alert that nobody has acknowledged."""
        alert = self.alerts.get(alert_id)
        return alert is not None and alert.open

    def answered(self, operator: str, key: str, now: datetime) -> AnsweredRequest | None:
        """The answer that an operator's key was given in the last 24 hours."""
        request = self.requests.get((operator, key))
        return request if request and request.kept_until > now else None

    def keep(self, record: ActRecord) -> None:
        """Keep the record of an act beside its effect."""
        self.requests[(record.request.operator, record.request.key)] = record.request
        self.audit[record.audit.subject].append(record.audit)
        if record.case_id and record.entry:
            self.add_entry(record.case_id, record.entry)
