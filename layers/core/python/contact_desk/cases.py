"""A case: a unit of desk work in a conversation, with a grade, an owner and a disposition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from contact_desk.contacts import Surface
from contact_desk.decisions import Reason
from contact_desk.grades import Band, Grade
from contact_desk.numbers.origins import Origin

PREVIEW_CHARACTERS = 140
REPLY_WINDOW_RESERVE = timedelta(minutes=30)
LINKED_AFTER_CLOSE = timedelta(hours=72)
# The version of a case before the first act of an operator.
NEVER_ACTED_ON = 1


class CaseState(StrEnum):
    """Where a case stands; `answered` means that the machine answered and a person has yet to confirm."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class Disposition(StrEnum):
    """How a case ended."""

    EMERGENCY_TRANSFER = "emergency_transfer"
    INCIDENT_RECORDED = "incident_recorded"
    CRIME_RECORDED = "crime_recorded"
    INTELLIGENCE_RECORDED = "intelligence_recorded"
    TRANSFERRED = "transferred"
    ADVICE_GIVEN = "advice_given"
    SIGNPOSTED = "signposted"
    UPDATE_GIVEN = "update_given"
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    REPEAT = "repeat"
    THANKS = "thanks"
    NO_POLICE_MATTER = "no_police_matter"
    SPAM = "spam"


@dataclass(frozen=True, slots=True)
class Claim:
    """Who works a case, until when, and the token that only the server knows."""

    holder: str
    name: str
    token: str
    until: datetime

    def live(self, now: datetime) -> bool:
        """Whether the lease still runs."""
        return self.until > now


@dataclass(frozen=True, slots=True)
class Case:
    """One unit of desk work.

    `version` counts operators' acts, `last_contact` is the key of the newest contact or event: a close holds to
    both. `previous_case` links a case opened within 72 hours of the last one's closing. `survey` is what the person
    said they would have done without the desk: `101`, `999`, `none` or `unknown`. `retention_class` and `dispose_at`
    are given at the closing, by its disposition. Where there is a `restricted_to`, the people of these subjects alone
    see the case, whatever their roles. `origin` is where the first contact
    seems to come from, or an operator says that it does. `places` are names that its contacts likely speak of, by which
    cases about one happening are found.
    """

    case_id: str
    reference: str
    state: CaseState
    grade: Grade
    band: Band
    category: str | None
    reasons: tuple[Reason, ...]
    preview: str
    channel: str
    account: str
    surface: Surface
    conversation_key: str
    opened_at: datetime
    answer_by: datetime
    last_contact: str
    last_contact_at: datetime
    significant: bool
    markers: tuple[str, ...] = ()
    language: str | None = None
    person_name: str | None = None
    reply_until: datetime | None = None
    version: int = NEVER_ACTED_ON
    claim: Claim | None = None
    disposition: Disposition | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    previous_case: str | None = None
    survey: str | None = None
    retention_class: str | None = None
    dispose_at: datetime | None = None
    restricted_to: tuple[str, ...] | None = None
    origin: Origin | None = None
    places: tuple[str, ...] = ()

    def seen_by(self, subject: str) -> bool:
        """Whether the person of the subject may see it at all, as far as the case itself says."""
        return self.restricted_to is None or subject in self.restricted_to

    @property
    def emergency(self) -> bool:
        """Whether the case is graded as an emergency."""
        return self.grade is Grade.EMERGENCY


def preview(text: str) -> str:
    """The newest text as the list shows it: one line of at most 140 characters."""
    line = " ".join(text.split())
    return line if len(line) <= PREVIEW_CHARACTERS else line[: PREVIEW_CHARACTERS - 1] + "…"


def answer_by(graded_at: datetime, target: timedelta, reply_until: datetime | None) -> datetime:
    """The earlier of the grade's target and the reply window's close less 30 minutes."""
    by_grade = graded_at + target
    return by_grade if reply_until is None else min(by_grade, reply_until - REPLY_WINDOW_RESERVE)
