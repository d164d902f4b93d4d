"""The second reader's side of records in memory, and its allowance."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from contact_desk.cases import CaseState
from contact_desk.contacts import Contact
from contact_desk.conversations import Conversation
from contact_desk.second_reads import ContactPointer, SecondRead
from functions.triage.second_reads.allowance import FAILURES_IN_A_ROW, REST, Entered, Entry
from functions.triage.second_reads.raising import RaisedCase
from functions.triage.second_reads.store import (
    Moved,
    ReadBefore,
    Recorded,
    RecordOutcome,
    StoredDecision,
)
from local.twins.desk_records import DeskRecords, StoredContact


class InMemorySecondReads:
    """Contacts to read again, in memory."""

    def __init__(self, records: DeskRecords) -> None:
        self._records = records

    def contact(self, pointer: ContactPointer) -> StoredDecision | None:
        """The contact or edit; None where there is none."""
        with self._records.lock:
            stored = self._stored(pointer)
            if stored is None or stored.admitted_at is None:
                return None
            contact: Contact = stored.contact
            return StoredDecision(
                contact, stored.decision, stored.case_id, stored.admitted_at, stored.second_read is not None
            )

    def conversation(self, key: str) -> Conversation | None:
        """The conversation as it stands now."""
        with self._records.lock:
            return self._records.conversations.get(key)

    def record(self, pointer: ContactPointer, read: SecondRead, raised: RaisedCase | None) -> RecordOutcome:
        """Keep the reading and all that it raises at once."""
        with self._records.lock:
            stored = self._stored(pointer)
            if stored is None or stored.second_read is not None:
                return ReadBefore()
            if raised and not self._holds(raised):
                return Moved()
            self._put(pointer, replace(stored, second_read=read, second_read_due=False))
            if raised:
                self._raise(raised)
            return Recorded()

    def _stored(self, pointer: ContactPointer) -> StoredContact | None:
        if pointer.event_id:
            return self._records.events.get((pointer.contact_key, pointer.event_id))
        return self._records.contacts.get(pointer.contact_key)

    def _put(self, pointer: ContactPointer, stored: StoredContact) -> None:
        if pointer.event_id:
            self._records.events[(pointer.contact_key, pointer.event_id)] = stored
        else:
            self._records.contacts[pointer.contact_key] = stored

    def _holds(self, raised: RaisedCase) -> bool:
        now = self._records.conversations.get(raised.before.key)
        case = self._records.cases.get(raised.current.case_id)
        as_read = now is not None and now.revision == raised.before.revision
        return as_read and case is not None and case.state is not CaseState.CLOSED

    def _raise(self, raised: RaisedCase) -> None:
        records, current = self._records, raised.current
        case = records.cases[current.case_id]
        records.conversations[raised.after.key] = raised.after
        records.cases[current.case_id] = replace(
            case,
            state=current.state,
            grade=current.grade,
            band=current.band,
            answer_by=current.answer_by,
            significant=True,
            markers=current.markers,
            reasons=case.reasons if raised.reasons is None else raised.reasons,
        )
        for entry in raised.entries:
            records.add_entry(current.case_id, entry)
        records.outbox |= {item.outbox_id: item for item in raised.outbox}
        if raised.alert and not records.stands_open(raised.alert.alert_id):
            records.alerts[raised.alert.alert_id] = raised.alert


class InMemoryAllowance:
    """The day's allowance, in memory."""

    def __init__(self, reads_a_day: int) -> None:
        self._reads_a_day = reads_a_day
        self._spent: dict[date, int] = {}
        self._failures: dict[date, int] = {}
        self._rests_until: dict[date, datetime] = {}

    def enter(self, now: datetime) -> Entry:
        """Count one more asking in, or say why not."""
        day = now.date()
        rests_until = self._rests_until.get(day)
        if rests_until is not None and rests_until > now:
            return Entry(Entered.RESTING)
        if self._spent.get(day, 0) >= self._reads_a_day:
            return Entry(Entered.CAPPED)
        self._spent[day] = self._spent.get(day, 0) + 1
        return Entry(Entered.ASK, self._failures.get(day, 0))

    def failed(self, now: datetime) -> None:
        """Note that nobody answered."""
        day = now.date()
        self._failures[day] = self._failures.get(day, 0) + 1
        if self._failures[day] >= FAILURES_IN_A_ROW:
            self._rests_until[day] = now + REST

    def answered(self, entry: Entry, now: datetime) -> None:
        """Forget what failed."""
        if entry.failures:
            self._failures.pop(now.date(), None)
            self._rests_until.pop(now.date(), None)
