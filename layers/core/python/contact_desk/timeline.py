"""What happened to a case, entry by entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EntryKind(StrEnum):
    """What an entry of a timeline tells."""

    CONTACT = "contact"
    EDIT = "edit"
    DELETED = "deleted"
    AUTOMATIC = "automatic"
    REPLY = "reply"
    NOTE = "note"
    GRADE = "grade"
    CLAIM = "claim"
    RELEASE = "release"
    TAKE_OVER = "take_over"
    CLAIM_EXPIRED = "claim_expired"
    SAFE_CONTACT = "safe_contact"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    RESOLVED_SEND = "resolved_send"
    CLOSED = "closed"
    SECOND_READ = "second_read"
    THRIVE = "thrive"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happened: when, what, by whom.

    A contact's words stay with the contact (`contact_key`, `event_id`), a sent text with its outbox item
    (`outbox_id`), what came of its attachments with their record (`attachments_id`): the entry only points there.
    `text` holds what an operator wrote on the case itself. `name` tells two entries of one moment apart and makes the
    same cause the same entry.
    """

    at: datetime
    kind: EntryKind
    name: str
    by: str | None = None
    text: str | None = None
    contact_key: str | None = None
    event_id: str | None = None
    outbox_id: str | None = None
    attachments_id: str | None = None
