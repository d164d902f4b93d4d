"""What triage commits for one contact, as one transaction, and what may come of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contact_desk.alerts import Alert
from contact_desk.attachments import ContactAttachments, attachments_of
from contact_desk.cases import Case, CaseState
from contact_desk.contacts import Act, Contact
from contact_desk.conversations import Conversation
from contact_desk.decisions import Reason, TriageDecision
from contact_desk.grades import Band, Grade
from contact_desk.outbox import OutboxItem, OutboxKind
from contact_desk.references import digest_id
from contact_desk.timeline import EntryKind, TimelineEntry

ENTRY_KINDS = {Act.EDITED: EntryKind.EDIT, Act.DELETED: EntryKind.DELETED}


@dataclass(frozen=True, slots=True)
class JoinedCase:
    """What a contact changes on the case that it joins.

    `preview`, `category`, `reasons` and `language` are None where the case goes on showing another contact's.
    `significant` is never taken back, `markers` are all that the case has. `places` are none where
    the case keeps those it has.
    """

    case_id: str
    state: CaseState
    grade: Grade
    band: Band
    answer_by: datetime
    preview: str | None
    category: str | None
    reasons: tuple[Reason, ...] | None
    significant: bool
    markers: tuple[str, ...]
    reply_until: datetime | None
    language: str | None = None
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Admission:
    """One contact with all that follows from it: everything in it is written, or nothing is.

    `before` is the conversation as it was read (None where there was none) and the admission holds only while
    it still has that revision; `after` is what it becomes. `case` is a new case, or the change to the one joined.
    `raw_pointer` is the evidence object that holds the event as received where that is too large for an item, and
    `second_read_due` says that the second reader is to read the contact too.
    """

    contact: Contact
    decision: TriageDecision
    before: Conversation | None
    after: Conversation
    case: Case | JoinedCase
    outbox: tuple[OutboxItem, ...]
    alert: Alert | None
    admitted_at: datetime
    raw_pointer: str | None = None
    second_read_due: bool = False

    @property
    def cause(self) -> str:
        """The one name of what is admitted: the contact's key, for an edit or delete of it with the event's id."""
        return cause_of(self.contact)

    @property
    def attachments(self) -> ContactAttachments | None:
        """The record of the files that came with the contact, to be copied; None where there are none."""
        return attachments_of(self.contact, self.cause, self.admitted_at)

    @property
    def entries(self) -> tuple[TimelineEntry, ...]:
        """What the case's timeline gains: the contact at its platform's time, each automatic text at ours."""
        contact, attachments = self.contact, self.attachments
        came = TimelineEntry(
            at=contact.occurred_at,
            kind=ENTRY_KINDS.get(contact.act, EntryKind.CONTACT),
            name=f"contact#{digest_id(self.cause)}",
            contact_key=contact.key,
            event_id=contact.event_id,
            attachments_id=attachments.attachments_id if attachments else None,
        )
        texts = (
            TimelineEntry(
                at=self.admitted_at,
                kind=EntryKind.AUTOMATIC,
                name=f"automatic#{item.outbox_id}",
                outbox_id=item.outbox_id,
            )
            for item in self.outbox
            if item.kind is not OutboxKind.OPERATOR_ALERT
        )
        return came, *texts


def cause_of(contact: Contact) -> str:
    """The one name of a contact, or of an edit or delete of it."""
    return f"{contact.key}#{contact.event_id}" if contact.event_id else contact.key


@dataclass(frozen=True, slots=True)
class Nudge:
    """An outbox item's name and which queue it belongs on."""

    outbox_id: str
    urgent: bool


@dataclass(frozen=True, slots=True)
class Admitted:
    """The contact is on the desk."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The contact was on the desk already: what it says there, and what of it is still to be done.

    `unsent` are its outbox items, `uncopied` is the record of its attachments, while something of them waits;
    `second_read_due` says that the second reader has yet to read it.
    """

    text: str
    unsent: tuple[Nudge, ...]
    emergency_now: bool = False
    uncopied: str | None = None
    second_read_due: bool = False


@dataclass(frozen=True, slots=True)
class ConversationMoved:
    """Somebody wrote to the conversation since it was read: read it again and decide anew."""


AdmissionOutcome = Admitted | Duplicate | ConversationMoved
