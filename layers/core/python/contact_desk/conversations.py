"""A conversation: where a person's contacts meet, and which case they belong to now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contact_desk.cases import CaseState
from contact_desk.grades import Band, Grade


@dataclass(frozen=True, slots=True)
class SafeContact:
    """How it is safe to reach a person: whether at all, by what way, and when not."""

    ok: bool
    how: str | None = None
    not_when: str | None = None

    @property
    def restricts(self) -> bool:
        """Whether it is a rule at all: "yes, at any time, by any way" is none."""
        return not self.ok or bool(self.how) or bool(self.not_when)


@dataclass(frozen=True, slots=True)
class Shown:
    """The places of the contacts from which a case shows its words, its reasons, its category and its language.

    A place sorts by the platform's time (of reasons and category by urgency first), so that contacts which arrive
    out of order leave the same case; None where nothing has been shown yet.
    """

    words: str | None = None
    reasons: str | None = None
    category: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class CurrentCase:
    """What a conversation remembers of its newest case, so that triage needs one read.

    `named_at` is the place, as in Shown, of the contact that names the case's places.
    """

    case_id: str
    reference: str
    state: CaseState
    grade: Grade
    band: Band
    answer_by: datetime
    closed_at: datetime | None = None
    markers: tuple[str, ...] = ()
    shown: Shown = Shown()
    named_at: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """Words of a contact of the conversation, kept so that others are read with them; `at` is the platform's time."""

    cause: str
    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """The contacts of one person with one channel account on one surface.

    `revision` grows with each write to the conversation or to the state or grade of its current case; a writer
    holds to the revision it read, so that a contact can never join a case that was closed meanwhile. `earlier` holds
    the last words said in the current case, in the platform's order.
    """

    key: str
    revision: int = 0
    current: CurrentCase | None = None
    emergency_text_at: datetime | None = None
    acknowledged_at: datetime | None = None
    reply_until: datetime | None = None
    safe_contact: SafeContact | None = None
    earlier: tuple[Said, ...] = ()
