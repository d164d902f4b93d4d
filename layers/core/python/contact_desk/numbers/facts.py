"""Facts: what is counted of a contact and of a case. No words of anybody's, no names, no addresses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from contact_desk.alerts import Alert, AlertRank
from contact_desk.cases import Case, CaseState, Disposition
from contact_desk.contacts import Contact
from contact_desk.grades import Grade
from contact_desk.numbers.origins import Origin, origin_of
from contact_desk.numbers.surveys import SurveyAnswer
from contact_desk.outbox import OutboxItem, Purpose
from contact_desk.timeline import EntryKind, TimelineEntry

# By these a person has taken a case up; to have only read it leaves its trace in the audit and is not counted.
ACTS_OF_PEOPLE = frozenset(
    {
        EntryKind.CLAIM,
        EntryKind.TAKE_OVER,
        EntryKind.REPLY,
        EntryKind.NOTE,
        EntryKind.GRADE,
        EntryKind.SAFE_CONTACT,
        EntryKind.ACKNOWLEDGED,
        EntryKind.RESOLVED_SEND,
        EntryKind.CLOSED,
    }
)
COUNTED_ENTRIES = ACTS_OF_PEOPLE | {EntryKind.CLAIM_EXPIRED}
AUTOMATIC_TEXTS = frozenset({Purpose.EMERGENCY, Purpose.SIGNPOST, Purpose.ACKNOWLEDGEMENT})
COUNTED_TEXTS = AUTOMATIC_TEXTS | {Purpose.REPLY}


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """What is counted of one contact; `language` is what triage read, `origin` where the person seems to write from."""

    channel: str
    language: str | None
    origin: Origin | None


@dataclass(frozen=True, slots=True)
class CountedEntry:
    """Something that a person did on a case, or that became of their claim."""

    kind: EntryKind
    at: datetime


@dataclass(frozen=True, slots=True)
class CountedText:
    """A text to the person: why, and when it was sent, if it was."""

    purpose: Purpose
    sent_at: datetime | None = None
    signpost: str | None = None


@dataclass(frozen=True, slots=True)
class CountedAlert:
    """An alert of the case: when it was last opened, and acknowledged."""

    rank: AlertRank
    opened_at: datetime
    acknowledged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What is counted of one case; `survey` is what the person answered, to an operator or by the question's link."""

    case_id: str
    opened_at: datetime
    channel: str
    state: CaseState
    grade: Grade
    category: str | None
    language: str | None
    significant: bool
    origin: Origin | None = None
    disposition: Disposition | None = None
    closed_at: datetime | None = None
    previous_case: str | None = None
    asked: bool = False
    survey: SurveyAnswer | None = None
    entries: tuple[CountedEntry, ...] = ()
    texts: tuple[CountedText, ...] = ()
    alerts: tuple[CountedAlert, ...] = ()

    @property
    def acknowledged_at(self) -> datetime | None:
        """When the first automatic text had gone out."""
        sent = (text.sent_at for text in self.texts if text.purpose in AUTOMATIC_TEXTS)
        return min(filter(None, sent), default=None)

    @property
    def seen_at(self) -> datetime | None:
        """When a person first acted on it."""
        return min((entry.at for entry in self.entries if entry.kind in ACTS_OF_PEOPLE), default=None)

    @property
    def replied_at(self) -> datetime | None:
        """When the first reply of a person had gone out."""
        sent = (text.sent_at for text in self.texts if text.purpose is Purpose.REPLY)
        return min(filter(None, sent), default=None)

    @property
    def machine_signpost(self) -> str | None:
        """The signpost that the machine gave, where it gave one."""
        given = sorted(filter(None, (text.signpost for text in self.texts)))
        return given[0] if given else None

    @property
    def replied_to(self) -> bool:
        """Whether a person wrote to the person, sent or not."""
        return any(text.purpose is Purpose.REPLY for text in self.texts)

    @property
    def claims_lost(self) -> int:
        """How many claims on it ran out."""
        return sum(entry.kind is EntryKind.CLAIM_EXPIRED for entry in self.entries)


@dataclass(frozen=True, slots=True)
class HourFacts:
    """All that counts in one hour: the contacts that came in it, and the cases that were opened in it.

    `kept` are the counts of those that were disposed of, of which nothing else is left.
    """

    contacts: tuple[ContactFacts, ...] = ()
    cases: tuple[CaseFacts, ...] = ()
    kept: Counter[tuple[str, ...]] = field(default_factory=Counter, hash=False)


def contact_facts(contact: Contact, language: str | None) -> ContactFacts:
    """The facts of a contact; `language` is what triage read."""
    return ContactFacts(contact.channel, language, origin_of(contact))


def case_facts(
    case: Case,
    *,
    entries: Iterable[TimelineEntry] = (),
    texts: Iterable[OutboxItem] = (),
    alerts: Iterable[Alert] = (),
    asked: bool = False,
    answer: SurveyAnswer | None = None,
) -> CaseFacts:
    """The facts of a case record with all that belongs to it; `answer` came by the question's link."""
    return CaseFacts(
        case_id=case.case_id,
        opened_at=case.opened_at,
        channel=case.channel,
        state=case.state,
        grade=case.grade,
        category=case.category,
        language=case.language,
        significant=case.significant,
        origin=case.origin,
        disposition=case.disposition,
        closed_at=case.closed_at,
        previous_case=case.previous_case,
        asked=asked,
        survey=survey_answer(case.survey, answer),
        entries=tuple(
            CountedEntry(entry.kind, entry.at) for entry in entries if entry.kind in COUNTED_ENTRIES
        ),
        texts=tuple(
            CountedText(item.purpose, item.sent_at, item.signpost)
            for item in texts
            if item.purpose in COUNTED_TEXTS
        ),
        alerts=tuple(CountedAlert(alert.rank, alert.opened_at, alert.acknowledged_at) for alert in alerts),
    )


def survey_answer(to_operator: str | None, by_link: SurveyAnswer | None) -> SurveyAnswer | None:
    """The person's own answer by the link, else what an operator wrote down at the close."""
    return by_link or (SurveyAnswer(to_operator) if to_operator in set(SurveyAnswer) else None)
