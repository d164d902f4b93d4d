"""How long a case is kept, what stops its disposal, and what is written down of each decision.

A case's class follows from how it ended. On its date it is disposed of, with all that belongs to it; a class with
`review` asks a person first, and a legal hold stops everything until a person lifts it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from contact_desk.clock import to_rfc3339


class Regime(StrEnum):
    """Under which law a case is processed, which decides what its person may ask for."""

    LAW_ENFORCEMENT = "law_enforcement"
    """Data Protection Act 2018, Part 3: erasure gives way to restriction where the record is needed as evidence."""
    GENERAL = "general"
    """UK GDPR."""


class Fate(StrEnum):
    """What a person decides in a review, or the desk on a date."""

    KEEP = "keep"
    DISPOSE = "dispose"


class Why(StrEnum):
    """What a disposal was for."""

    DATE = "date"
    """The class's time had passed."""
    REVIEW = "review"
    """Its time had passed, and a person decided."""
    REQUEST = "request"
    """The person asked for erasure."""


@dataclass(frozen=True, slots=True)
class LegalHold:
    """Why a case must not be disposed of, who says so, and when somebody looks at it again."""

    case_id: str
    reason: str
    by: str
    at: datetime
    review_on: date


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's word on a case whose time has passed: keep it until another day, or dispose of it."""

    fate: Fate
    reason: str
    by: str
    at: datetime
    until: datetime | None = None

    @property
    def name(self) -> str:
        """What tells it from the next decision on the same case."""
        return f"{to_rfc3339(self.at)}#{self.fate}"


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A case as records management sees it; the two dates are None while it is open.

    `decided` says that a person wants it disposed of, `begun` that its disposal has begun and only ends.
    """

    case_id: str
    reference: str
    closed_at: datetime | None
    retention_class: str | None
    dispose_at: datetime | None
    hold: LegalHold | None = None
    decided: bool = False
    begun: bool = False
    restricted_to: tuple[str, ...] | None = None
    channel: str = ""
    opened_at: datetime | None = None

    def may_go(self, now: datetime, *, review: bool) -> bool:
        """Whether it is disposed of now: its time has passed, nothing holds it, and whoever must agree has agreed."""
        if self.dispose_at is None or self.dispose_at > now or self.hold:
            return False
        return self.decided or not review

    def waits_for_review(self, now: datetime, *, review: bool, ahead: timedelta) -> bool:
        """Whether a person should decide on it: its time has passed or soon will, and nobody has."""
        return bool(review and not self.decided and self.dispose_at and self.dispose_at <= now + ahead)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A contact that its writer took back, the event that says so, and whether its case is on hold."""

    contact_key: str
    event_id: str
    channel: str
    case_id: str
    held: bool


@dataclass(frozen=True, slots=True)
class Belongings:
    """What belongs to a case outside the table: objects of the evidence, and deliveries whose contacts are all done."""

    evidence: tuple[str, ...]
    deliveries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DisposalRecord:
    """That a case was disposed of: when, why, by whom, and how much of what; nothing of what it said."""

    case_id: str
    reference: str
    retention_class: str | None
    closed_at: datetime
    disposed_at: datetime
    why: Why
    by: str
    items: int
    files: int
    deliveries: int
