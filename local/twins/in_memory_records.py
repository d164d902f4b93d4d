"""Records management over the desk's records in memory, and the buckets as it sees them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from contact_desk.alerts import AlertKind, case_alert_id
from contact_desk.attachments import attachments_id
from contact_desk.case_desk import AuditEntry
from contact_desk.cases import CaseState, preview
from contact_desk.contacts import Act
from contact_desk.intake import cause_of
from contact_desk.numbers.counting import Figure, of_case, of_contact
from contact_desk.numbers.facts import contact_facts
from contact_desk.numbers.surveys import survey_token
from contact_desk.retention import (
    Belongings,
    CaseRecord,
    Decision,
    DisposalRecord,
    Fate,
    LegalHold,
    TakenBack,
)
from contact_desk.subjects import person_names
from local.twins.desk_records import DeskRecords, StoredContact
from local.twins.in_memory_hour_totals import facts_of_case, hour_of_case, hour_of_contact


class InMemoryRecords:
    """The records manager's side of records in memory."""

    def __init__(self, records: DeskRecords) -> None:
        self._records = records

    def record(self, case_id: str) -> CaseRecord | None:
        """A case's record; None where there is no such case, or no more."""
        records = self._records
        with records.lock:
            case = records.cases.get(case_id)
            return (
                None
                if case is None
                else CaseRecord(
                    case_id=case_id,
                    reference=case.reference,
                    closed_at=case.closed_at,
                    retention_class=case.retention_class,
                    dispose_at=case.dispose_at,
                    hold=records.holds.get(case_id),
                    decided=case_id in records.decided,
                    begun=case_id in records.disposing,
                    restricted_to=case.restricted_to,
                    channel=case.channel,
                    opened_at=case.opened_at,
                )
            )

    def due(self, before: datetime) -> Iterator[CaseRecord]:
        """Closed cases whose date lies before the moment, earliest date first."""
        with self._records.lock:
            dated = [(case.dispose_at, name) for name, case in self._records.cases.items() if case.dispose_at]
        for at, name in sorted(dated):
            if at < before and (record := self.record(name)):
                yield record

    def hold(self, hold: LegalHold, audit: AuditEntry) -> bool:
        """Put a case on hold, or change its hold."""
        records = self._records
        with records.lock:
            if hold.case_id not in records.cases or hold.case_id in records.disposing:
                return False
            records.holds[hold.case_id] = hold
            records.audit[audit.subject].append(audit)
            return True

    def lift(self, case_id: str, audit: AuditEntry) -> bool:
        """Take the hold off a case; False where it has none."""
        records = self._records
        with records.lock:
            if records.holds.pop(case_id, None) is None:
                return False
            records.audit[audit.subject].append(audit)
            return True

    def holds(self) -> Sequence[LegalHold]:
        """Every hold, by the date on which somebody looks at it again."""
        with self._records.lock:
            return sorted(self._records.holds.values(), key=lambda hold: (hold.review_on, hold.case_id))

    def decide(self, case_id: str, decision: Decision, audit: AuditEntry) -> bool:
        """Record a person's decision on a closed case, and move its date where it says so."""
        records = self._records
        with records.lock:
            case = records.cases.get(case_id)
            if case is None or case.state is not CaseState.CLOSED or case_id in records.disposing:
                return False
            if decision.fate is Fate.KEEP and decision.until:
                records.cases[case_id] = replace(case, dispose_at=decision.until)
                records.decided.discard(case_id)
            else:
                records.decided.add(case_id)
            records.decisions[case_id].append(decision)
            records.audit[audit.subject].append(audit)
            return True

    def decisions(self, case_id: str) -> Sequence[Decision]:
        """Every decision on a case, oldest first."""
        with self._records.lock:
            return list(self._records.decisions.get(case_id, ()))

    def begin(self, case_id: str, at: datetime) -> bool:
        """Begin the disposal of a closed case that nothing holds; True too where it has begun before."""
        records = self._records
        with records.lock:
            case = records.cases.get(case_id)
            if case is None or case.state is not CaseState.CLOSED or case_id in records.holds:
                return False
            if case_id not in records.disposing:
                records.disposing.add(case_id)
                self._keep(hour_of_case(case_id), of_case(facts_of_case(records, case)), at)
            return True

    def _keep(self, hour: datetime | None, figures: Iterable[Figure], at: datetime) -> None:
        if hour:
            self._records.kept_figures[hour].update(figures)
            self._records.kept_changed[hour] = at

    def belongings(self, case_id: str) -> Belongings:
        """What belongs to the case outside the table."""
        records = self._records
        with records.lock:
            return self._belongings([one for _, one in self._contacts(case_id)])

    def _belongings(self, stored: Sequence[StoredContact]) -> Belongings:
        records = self._records
        with records.lock:
            named = [attachments_id(cause_of(one.contact)) for one in stored]
            attached = [records.attachments[one] for one in named if one in records.attachments]
            files = {copy.key for one in attached for copy in one.copies if copy.key}
            files |= {one.raw_pointer for one in stored if one.raw_pointer}
            deliveries = {one.contact.archive_key for one in stored} & records.receipts.keys()
            return Belongings(tuple(sorted(files)), tuple(sorted(deliveries)))

    def empty(self, case_id: str, at: datetime) -> int:
        """Remove all that belongs to the case but itself; how many items. Contacts leave a tombstone."""
        records = self._records
        with records.lock:
            timeline = records.timelines.pop(case_id, {})
            contacts = self._contacts(
                case_id, list({one.contact_key for one in timeline.values() if one.contact_key})
            )
            outbox = {one.outbox_id for one in timeline.values() if one.outbox_id}
            outbox |= {name for _, one in contacts for name in one.outbox_ids}
            removed = sum(records.outbox.pop(name, None) is not None for name in outbox)
            for entry in timeline.values():
                removed += records.attachments.pop(entry.attachments_id or "", None) is not None
            for kind in AlertKind:
                removed += records.alerts.pop(case_alert_id(case_id, kind), None) is not None
            removed += records.surveys.pop(survey_token(case_id), None) is not None
            for name in [name for name, one in records.overrides.items() if one.case_id == case_id]:
                removed += records.overrides.pop(name, None) is not None
            for named in records.subjects.values():
                if case_id in named:
                    named.remove(case_id)
                    removed += 1
            for name in [name for name, (of, _) in records.restrictions.items() if of == case_id]:
                del records.restrictions[name]
                removed += 1
            for (key, event), one in contacts:
                if event is None:
                    facts = contact_facts(one.contact, one.decision.language)
                    self._keep(hour_of_contact(one), of_contact(facts), at)
                    del records.contacts[key]
                else:
                    del records.events[key, event]
                records.tombstones[key, event] = at
            conversation_key = records.cases[case_id].conversation_key
            conversation = records.conversations.get(conversation_key)
            if conversation and conversation.current and conversation.current.case_id == case_id:
                del records.conversations[conversation_key]
            return len(contacts) + len(timeline) + removed

    def note(self, audit: AuditEntry) -> None:
        """Keep an audit entry of something that changed nothing."""
        with self._records.lock:
            self._records.audit[audit.subject].append(audit)

    def cases_of(self, name: str) -> Sequence[str]:
        """The cases of the person of a name, oldest first."""
        with self._records.lock:
            return sorted(self._records.subjects.get(name, ()))

    def restrict(self, case_id: str, to: Sequence[str] | None, audit: AuditEntry) -> bool:
        """Let the named people alone see a case and new ones of its person, or everybody again."""
        records = self._records
        with records.lock:
            if case_id not in records.cases:
                return False
            named = None if to is None else tuple(to)
            records.cases[case_id] = replace(records.cases[case_id], restricted_to=named)
            for name in {name for _, one in self._contacts(case_id) for name in person_names(one.contact)}:
                standing = [(case_id, named)] if named else self._restricted(name, besides=case_id)[-1:]
                if standing and standing[0][1]:
                    records.restrictions[name] = (standing[0][0], standing[0][1])
                else:
                    records.restrictions.pop(name, None)
            records.audit[audit.subject].append(audit)
            return True

    def _restricted(self, name: str, besides: str) -> list[tuple[str, tuple[str, ...] | None]]:
        others = [one for one in sorted(self._records.subjects.get(name, ())) if one != besides]
        cases = [
            (one, self._records.cases[one].restricted_to) for one in others if one in self._records.cases
        ]
        return [one for one in cases if one[1]]

    def taken_back(self, before: datetime) -> Iterator[TakenBack]:
        """What its writers took back before the moment and nobody has settled, oldest first."""
        records = self._records
        with records.lock:
            dated = [
                (one.admitted_at, key, event, one)
                for (key, event), one in records.events.items()
                if one.contact.act is Act.DELETED and (key, event) not in records.settled and one.admitted_at
            ]
        for at, key, event, one in sorted(dated, key=lambda each: each[:3]):
            if at < before:
                yield TakenBack(key, event, one.contact.channel, one.case_id, one.case_id in records.holds)

    def keep_taken_back(self, taken: TakenBack) -> None:
        """Settle that the words stay."""
        with self._records.lock:
            self._records.settled.add((taken.contact_key, taken.event_id))

    def belongings_of_contact(self, contact_key: str) -> Belongings:
        """What belongs to one contact outside the table."""
        with self._records.lock:
            return self._belongings([one for _, one in self._standing(contact_key)])

    def blank(self, taken: TakenBack, at: datetime) -> None:
        """Take the words out of a contact, its edits and what its case shows of them, for good."""
        records, key = self._records, taken.contact_key
        with records.lock:
            standing = self._standing(key)
            shown = {preview(one.contact.text) for _, one in standing if one.contact.text}
            for case_id in {one.case_id for _, one in standing}:
                case = records.cases.get(case_id)
                if case:
                    gone = case.preview in shown
                    records.cases[case_id] = replace(case, preview="" if gone else case.preview, places=())
            for event, one in standing:
                records.attachments.pop(attachments_id(cause_of(one.contact)), None)
                if event is None:
                    records.contacts[key] = _blanked(one)
                else:
                    records.events[key, event] = _blanked(one)
            if key in records.contacts:
                records.blanked.add(key)
            else:
                records.tombstones[key, None] = at
            records.settled.add((key, taken.event_id))

    def _standing(self, contact_key: str) -> list[tuple[str | None, StoredContact]]:
        records = self._records
        found: list[tuple[str | None, StoredContact]] = [
            (None, one) for key, one in records.contacts.items() if key == contact_key
        ]
        return found + [(event, one) for (key, event), one in records.events.items() if key == contact_key]

    def end(self, done: DisposalRecord, audit: AuditEntry) -> None:
        """Remove the case itself and keep the record of its disposal."""
        with self._records.lock:
            if self._records.cases.pop(done.case_id, None):
                self._records.disposals[done.case_id] = done
                self._records.audit[audit.subject].append(audit)

    def disposed(self, since: datetime) -> Iterator[DisposalRecord]:
        """The records of disposals from the moment on, oldest first."""
        with self._records.lock:
            done = sorted(self._records.disposals.values(), key=lambda one: (one.disposed_at, one.case_id))
        return (one for one in done if one.disposed_at >= since)

    def _contacts(
        self, case_id: str, named: Sequence[str] | None = None
    ) -> list[tuple[tuple[str, str | None], StoredContact]]:
        records = self._records
        if named is None:
            entries = records.timelines.get(case_id, {}).values()
            named = [one.contact_key for one in entries if one.contact_key]
        found: list[tuple[tuple[str, str | None], StoredContact]] = [
            ((key, None), one)
            for key, one in records.contacts.items()
            if key in named and one.case_id == case_id
        ]
        found += [
            ((key, event), one)
            for (key, event), one in records.events.items()
            if key in named and one.case_id == case_id
        ]
        return found


def _blanked(stored: StoredContact) -> StoredContact:
    decision = stored.decision
    reasons = tuple(replace(reason, words=()) for reason in decision.reasons)
    contact = replace(
        stored.contact, text="", raw=None, report=None, location=None, permalink=None, attachments=()
    )
    return replace(
        stored,
        contact=contact,
        decision=replace(decision, reasons=reasons, places=()),
        raw_pointer=None,
        second_read=None,
    )


class InMemoryRecordFiles:
    """Both buckets in memory: the keys of what is in them."""

    def __init__(self) -> None:
        self.evidence: dict[str, bytes] = {}
        self.deliveries: dict[str, bytes] = {}

    def delete_evidence(self, key: str) -> int:
        """Remove an object of the evidence; 1, or 0 where it was not there."""
        return int(self.evidence.pop(key, None) is not None)

    def delete_delivery(self, key: str) -> int:
        """Remove an archived delivery; 1, or 0 where it was not there."""
        return int(self.deliveries.pop(key, None) is not None)
