"""Hour totals in memory, and the facts that they are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from contact_desk.archive_keys import hour_of_key
from contact_desk.cases import Case
from contact_desk.clock import moment_of_ulid
from contact_desk.numbers.counting import HourTotal
from contact_desk.numbers.facts import (
    COUNTED_ENTRIES,
    COUNTED_TEXTS,
    CaseFacts,
    HourFacts,
    case_facts,
    contact_facts,
)
from contact_desk.numbers.surveys import SurveyAnswer, survey_token
from local.twins.desk_records import DeskRecords, StoredContact

A_MINUTE = timedelta(minutes=1)


class InMemoryHourTotals:
    """Hour totals over records in memory: every change that counts has left its time there."""

    def __init__(self, records: DeskRecords) -> None:
        self._records = records

    def changed_hours(self, first: datetime, last: datetime) -> Iterable[datetime]:
        """The hours in which something that is counted changed from the first minute to the last, each once."""
        until = _minute(last) + A_MINUTE
        with self._records.lock:
            return sorted({hour for hour, at in self._changes() if _minute(first) <= at < until})

    def facts(self, hour: datetime) -> HourFacts:
        """All that counts in the hour."""
        with self._records.lock:
            return self._facts(hour)

    def _facts(self, hour: datetime) -> HourFacts:
        records = self._records
        contacts = [
            contact_facts(stored.contact, stored.decision.language)
            for stored in records.contacts.values()
            if hour_of_contact(stored) == hour
        ]
        cases = [
            facts_of_case(records, case)
            for name, case in sorted(records.cases.items())
            if hour_of_case(name) == hour and name not in records.disposing
        ]
        return HourFacts(tuple(contacts), tuple(cases), records.kept_figures[hour].copy())

    def put(self, total: HourTotal) -> None:
        """Write the hour's total in place of the one before."""
        with self._records.lock:
            self._records.totals[total.hour] = total

    def totals(self, first: datetime, last: datetime) -> Sequence[HourTotal]:
        """The totals of the hours from the first moment up to, not including, the last, oldest first."""
        with self._records.lock:
            return [total for hour, total in sorted(self._records.totals.items()) if first <= hour < last]

    def counted_until(self) -> datetime | None:
        """The minute until which changes have been counted; None before the first count."""
        return self._records.counted_until

    def note_counted_until(self, minute: datetime) -> None:
        """Remember it."""
        self._records.counted_until = minute

    def _changes(self) -> Iterator[tuple[datetime, datetime]]:
        records = self._records
        for stored in records.contacts.values():
            yield hour_of_contact(stored), stored.admitted_at or stored.contact.received_at
        yield from records.kept_changed.items()
        for name, at in self._changes_of_cases():
            if hour := hour_of_case(name or ""):
                yield hour, at

    def _changes_of_cases(self) -> Iterator[tuple[str | None, datetime]]:
        records = self._records
        for name, case in records.cases.items():
            yield name, case.opened_at
            yield name, case.last_contact_at
            yield from (
                (name, each.at) for each in records.timelines[name].values() if each.kind in COUNTED_ENTRIES
            )
        for item in records.outbox.values():
            if item.purpose in COUNTED_TEXTS:
                yield item.case_id, item.sent_at or item.created_at
        for survey in records.surveys.values():
            yield survey.case_id, survey.answered_at or survey.asked_at
        for alert in records.alerts.values():
            yield alert.case_id, alert.acknowledged_at or alert.opened_at


def facts_of_case(records: DeskRecords, case: Case) -> CaseFacts:
    """The facts of a case."""
    name = case.case_id
    return case_facts(
        case,
        entries=records.timelines[name].values(),
        texts=[item for item in records.outbox.values() if item.case_id == name],
        alerts=[alert for alert in records.alerts.values() if alert.case_id == name],
        asked=survey_token(name) in records.surveys,
        answer=_answer_of(records, name),
    )


def _answer_of(records: DeskRecords, case_id: str) -> SurveyAnswer | None:
    survey = records.surveys.get(survey_token(case_id))
    return survey.answer if survey else None


def hour_of_contact(stored: StoredContact) -> datetime:
    """The hour that a contact counts in."""
    return hour_of_key(stored.contact.archive_key) or _hour(stored.contact.received_at)


def hour_of_case(name: str) -> datetime | None:
    """The hour that a case counts in, by its ULID."""
    opened_at = moment_of_ulid(name)
    return _hour(opened_at) if opened_at else None


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
