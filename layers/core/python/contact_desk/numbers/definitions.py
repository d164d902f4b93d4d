"""What each figure means: one table, each entry with a version. Whoever changes a meaning counts its version up.

Totals carry the version of the whole table, so that figures of two meanings are never added up unnoticed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from contact_desk.cases import CaseState, Disposition
from contact_desk.clock import moment_of_ulid
from contact_desk.numbers.facts import CaseFacts

VERSION = 1
REPEAT_WITHIN = timedelta(hours=24)
# A record, an assessment, advice or a signpost by a person, an update, a transfer.
SIGNIFICANT_ENDS = frozenset(
    {
        Disposition.EMERGENCY_TRANSFER,
        Disposition.INCIDENT_RECORDED,
        Disposition.CRIME_RECORDED,
        Disposition.INTELLIGENCE_RECORDED,
        Disposition.TRANSFERRED,
        Disposition.ADVICE_GIVEN,
        Disposition.SIGNPOSTED,
        Disposition.UPDATE_GIVEN,
        Disposition.ANSWERED_ELSEWHERE,
    }
)


class Measure(StrEnum):
    """What is counted; the value is its name in a total."""

    CONTACTS = "contacts"
    CONTACT_LANGUAGES = "contact_languages"
    CONTACT_ORIGINS = "contact_origins"
    CASES = "cases"
    SIGNIFICANT = "significant"
    BY_CHANNEL = "significant_by_channel"
    BY_CATEGORY = "significant_by_category"
    BY_GRADE = "significant_by_grade"
    BY_LANGUAGE = "significant_by_language"
    BY_ORIGIN = "significant_by_origin"
    NOT_SIGNIFICANT = "not_significant"
    DISPOSITIONS = "dispositions"
    MACHINE_SIGNPOSTS = "machine_signposts"
    PERSONS_SIGNPOSTS = "persons_signposts"
    TO_ACKNOWLEDGEMENT = "to_acknowledgement"
    TO_EYES = "to_eyes"
    TO_REPLY = "to_reply"
    TO_CLOSE = "to_close"
    OPEN = "open"
    CLAIMS_LOST = "claims_lost"
    ALERTS = "alerts"
    ALERTS_OPEN = "alerts_open"
    TO_ALERT_SEEN = "to_alert_seen"
    SURVEYS_ASKED = "surveys_asked"
    SURVEYS = "surveys"


@dataclass(frozen=True, slots=True)
class Definition:
    """The meaning of one measure, in words that a reader of the report sees, with its version."""

    title: str
    means: str
    version: int = 1


_BY = "Significant contacts, by {}."
_TIMES = "Shown by grade as it stands and by channel, as p50, p90 and p99 (nearest rank, right to within 5 per cent)."
DEFINITIONS: Mapping[Measure, Definition] = {
    Measure.CONTACTS: Definition(
        "Contacts",
        "Messages, comments, mentions and reports taken in, each object of a platform once, whatever was delivered how "
        "often; edits and deletions are no contacts. Counted in the hour of the delivery that brought it to the desk.",
    ),
    Measure.CONTACT_LANGUAGES: Definition("Languages", "Contacts, by the language that triage read in them."),
    Measure.CONTACT_ORIGINS: Definition(
        "Where contacts come from",
        "Contacts that say where they come from, by country and by how it was learnt: the report form's field, the "
        "code of the telephone number, or the person's own words. No country means that nothing said it.",
    ),
    Measure.CASES: Definition(
        "Cases", "Pieces of desk work, each counted in the hour in which its first contact opened it."
    ),
    Measure.SIGNIFICANT: Definition(
        "Significant contacts",
        "Cases that led to a record, an assessment, advice or a signpost by a person, an update or a transfer. Final "
        "when a person has closed the case so; before that provisional, by what triage read. Not counted: repeats "
        "within 24 hours, cases that a signpost by the machine settled, thanks, spam and what is no police matter.",
    ),
    Measure.BY_CHANNEL: Definition("Channels", _BY.format("channel")),
    Measure.BY_CATEGORY: Definition(
        "Categories",
        _BY.format("category as triage read it; withheld where the platform's terms forbid to keep one"),
    ),
    Measure.BY_GRADE: Definition("Grades", _BY.format("the grade the case has now")),
    Measure.BY_LANGUAGE: Definition("Languages of cases", _BY.format("language")),
    Measure.BY_ORIGIN: Definition(
        "Countries",
        _BY.format("the country that the case's first contact came from, and how that was learnt"),
    ),
    Measure.NOT_SIGNIFICANT: Definition(
        "Counted apart",
        "Cases that are no significant contact: settled by a signpost of the machine, a repeat (the same person's case "
        "within 24 hours of opening the last one, or closed as a repeat), or nothing for police.",
    ),
    Measure.DISPOSITIONS: Definition(
        "How cases ended", "Closed cases, by the disposition that a person chose."
    ),
    Measure.MACHINE_SIGNPOSTS: Definition(
        "Signposts by the machine", "Cases in which the machine named the right body, by signpost."
    ),
    Measure.PERSONS_SIGNPOSTS: Definition(
        "Signposts by a person",
        "Cases closed as signposted that the machine's signpost alone did not settle.",
    ),
    Measure.TO_ACKNOWLEDGEMENT: Definition(
        "To acknowledgement",
        "From the opening of a case until the first automatic text to the person had gone out. " + _TIMES,
    ),
    Measure.TO_EYES: Definition(
        "To human eyes",
        "From the opening of a case until a person first acted on it or on its alert: claimed, acknowledged, noted, "
        "graded, replied or closed. " + _TIMES,
    ),
    Measure.TO_REPLY: Definition(
        "To first human reply",
        "From the opening of a case until the first reply that a person wrote had gone out. " + _TIMES,
    ),
    Measure.TO_CLOSE: Definition(
        "To close", "From the opening of a case until a person closed it. " + _TIMES
    ),
    Measure.OPEN: Definition(
        "Open cases", "Cases that nobody has closed; the age of the oldest is right to the hour."
    ),
    Measure.CLAIMS_LOST: Definition("Claims lost", "Claims whose lease ran out without an act."),
    Measure.ALERTS: Definition("Alerts", "Alerts of cases, by rank, in the hour of their case."),
    Measure.ALERTS_OPEN: Definition("Alerts open", "Those of them that nobody has acknowledged, by rank."),
    Measure.TO_ALERT_SEEN: Definition(
        "To alert seen", "From the last opening of a case's alert until a person acknowledged it, by rank."
    ),
    Measure.SURVEYS_ASKED: Definition(
        "Surveys sent", "Closed cases whose person was asked what they would have done without the desk."
    ),
    Measure.SURVEYS: Definition(
        "Survey answers",
        "What people said they would have done without the desk: by the link, else to an operator.",
    ),
}


class Standing(StrEnum):
    """What a case counts as: a significant contact, or why it is none."""

    FINAL = "final"
    PROVISIONAL = "provisional"
    MACHINE = "signposted_by_machine"
    REPEAT = "repeat"
    NOTHING = "nothing_for_police"

    @property
    def significant(self) -> bool:
        """Whether it is a significant contact."""
        return self in {Standing.FINAL, Standing.PROVISIONAL}


def standing(case: CaseFacts) -> Standing:
    """What the case counts as now."""
    closed = case.state is CaseState.CLOSED
    left_to_machine = (
        case.disposition is Disposition.SIGNPOSTED if closed else case.state is CaseState.ANSWERED
    )
    counts = case.disposition in SIGNIFICANT_ENDS if closed else case.significant
    if left_to_machine and case.machine_signpost and not case.replied_to:
        return Standing.MACHINE
    if case.disposition is Disposition.REPEAT or (counts and is_repeat(case)):
        return Standing.REPEAT
    if not counts:
        return Standing.NOTHING
    return Standing.FINAL if closed else Standing.PROVISIONAL


def is_repeat(case: CaseFacts) -> bool:
    """Whether the same person's last case was opened within 24 hours before this one."""
    last = moment_of_ulid(case.previous_case) if case.previous_case else None
    return last is not None and case.opened_at - last < REPEAT_WITHIN
