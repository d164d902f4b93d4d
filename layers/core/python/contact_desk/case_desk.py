"""The desk as operators see it: what they list and open, what one of their acts changes, and what is kept of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from contact_desk.alerts import Alert
from contact_desk.attachments import ContactAttachments
from contact_desk.broadcasts import AnsweredWith
from contact_desk.cases import Case, CaseState
from contact_desk.contacts import Contact
from contact_desk.conversations import Conversation
from contact_desk.decisions import Place
from contact_desk.grades import Grade
from contact_desk.outbox import OutboxItem
from contact_desk.overrides import Override
from contact_desk.timeline import TimelineEntry

ON_THE_DESK = frozenset({CaseState.OPEN, CaseState.ANSWERED})
ANSWER_KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Operator:
    """A person at the desk: the subject of their token, and the name that colleagues read."""

    subject: str
    name: str


@dataclass(frozen=True, slots=True)
class QueuePlace:
    """A place in the list of cases: after this position of this partition of the desk index."""

    partition: str
    position: str


@dataclass(frozen=True, slots=True)
class CaseQuery:
    """Which cases to list.

    `holder` keeps those that the person of this subject or name holds at `now`, `unheld` those nobody does. Without a
    `viewer` it is for the desk's own eyes; else what this person may not see is left out.
    """

    now: datetime
    states: frozenset[CaseState] = ON_THE_DESK
    grade: Grade | None = None
    holder: str | None = None
    unheld: bool = False
    after: QueuePlace | None = None
    limit: int = 50
    viewer: str | None = None


@dataclass(frozen=True, slots=True)
class CasePage:
    """Some cases, most urgent first (closed ones: last closed first), and where the next page begins, if any."""

    cases: tuple[Case, ...]
    next_place: QueuePlace | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """An entry of a timeline with what it points to.

    `contact` is the contact as it was first written, None where only an edit or delete of it was seen; `event` the
    edit or delete; `outbox` the item that was sent or is to be; `attachments` what became of the files that came;
    `places` what triage read as places in the words of this entry.
    """

    entry: TimelineEntry
    contact: Contact | None = None
    event: Contact | None = None
    outbox: OutboxItem | None = None
    attachments: ContactAttachments | None = None
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case with its conversation and all that happened, oldest first."""

    case: Case
    conversation: Conversation | None
    timeline: tuple[Happening, ...]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what on a subject (a case, an alert, an outbox item, an operator's list), in which request; never a text.

    `shown` names the cases that a list showed.
    """

    subject: str
    at: datetime
    by: str
    act: str
    request_id: str
    shown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnsweredRequest:
    """An operator's request under its idempotency key: what it asked (a hash), and the answer it was given."""

    operator: str
    key: str
    asked: str
    answer: str = field(repr=False)
    answered_at: datetime

    @property
    def kept_until(self) -> datetime:
        """Until when the same request gets the same answer."""
        return self.answered_at + ANSWER_KEPT


@dataclass(frozen=True, slots=True)
class ActRecord:
    """What is kept of an act besides its effect, in the same transaction.

    `entry` stands on the timeline of the case `case_id`, where the act leaves one on a case that it does not change.
    """

    audit: AuditEntry
    request: AnsweredRequest
    case_id: str | None = None
    entry: TimelineEntry | None = None


@dataclass(frozen=True, slots=True)
class CaseChange:
    """What one act changes on a case: everything in it is written, or nothing is.

    It holds only while the case has the version, the claim, the state and the newest contact of `before`. Where
    `conversation_after` is given, the conversation must still have the revision of `conversation_before`. An `alert`
    is opened with the `announcement` of it, while it does not stand open already. `answered_with` names the broadcasts
    whose link the reply carries: each must still be on air. An `override` is kept for learning.
    """

    before: Case
    after: Case
    entries: tuple[TimelineEntry, ...] = ()
    outbox: OutboxItem | None = None
    alert: Alert | None = None
    announcement: OutboxItem | None = None
    conversation_before: Conversation | None = None
    conversation_after: Conversation | None = None
    answered_with: tuple[AnsweredWith, ...] = ()
    override: Override | None = None


@dataclass(frozen=True, slots=True)
class Committed:
    """The change is made."""


@dataclass(frozen=True, slots=True)
class AnsweredBefore:
    """The same key was answered already: nothing was written again."""

    request: AnsweredRequest


@dataclass(frozen=True, slots=True)
class Moved:
    """Somebody wrote to the case or its conversation since it was read: read it again and decide anew."""


CommitOutcome = Committed | AnsweredBefore | Moved
