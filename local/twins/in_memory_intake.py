"""The table as triage sees it, in memory."""

from __future__ import annotations

from dataclasses import replace

from contact_desk.cases import Case, CaseState
from contact_desk.conversations import Conversation
from contact_desk.intake import (
    Admission,
    AdmissionOutcome,
    Admitted,
    ConversationMoved,
    Duplicate,
    JoinedCase,
    Nudge,
)
from contact_desk.outbox import UNSENT
from contact_desk.reports import is_emergency_now
from contact_desk.subjects import names_of, person_names, seen_by_all
from local.twins.desk_records import DeskRecords, StoredContact


class InMemoryIntake:
    """Triage's side of records in memory."""

    def __init__(self, records: DeskRecords) -> None:
        self._records = records

    def conversation(self, key: str) -> Conversation | None:
        """The conversation as it stands now."""
        with self._records.lock:
            return self._records.conversations.get(key)

    def texts_of(self, contact_key: str) -> frozenset[str]:
        """Every text that the contact was seen to have, its edits' included."""
        with self._records.lock:
            records = self._records
            stored = [records.contacts[contact_key]] if contact_key in records.contacts else []
            stored += [one for (key, _), one in records.events.items() if key == contact_key]
            return frozenset(one.contact.text for one in stored)

    def admit(self, admission: Admission) -> AdmissionOutcome:
        """Write the contact and all that follows from it at once."""
        with self._records.lock:
            stored = self._stored(admission)
            if self._disposed_of(admission):
                self._close_delivery(admission)
                return Duplicate(admission.contact.text, (), emergency_now=True)
            if stored:
                return self._duplicate(admission, stored)
            if not self._holds(admission):
                return ConversationMoved()
            self._write(admission)
            return Admitted()

    def _stored(self, admission: Admission) -> StoredContact | None:
        contact, records = admission.contact, self._records
        if contact.event_id:
            return records.events.get((contact.key, contact.event_id))
        return records.contacts.get(contact.key)

    def _disposed_of(self, admission: Admission) -> bool:
        contact = admission.contact
        gone = self._records.tombstones
        blanked = contact.event_id is None and contact.key in self._records.blanked
        return blanked or any((contact.key, event) in gone for event in (None, contact.event_id))

    def _close_delivery(self, admission: Admission) -> None:
        if admission.contact.last:
            self._records.receipts.setdefault(admission.contact.archive_key, admission.admitted_at)

    def _duplicate(self, admission: Admission, stored: StoredContact) -> Duplicate:
        self._close_delivery(admission)
        items = (self._records.outbox[outbox_id] for outbox_id in stored.outbox_ids)
        unsent = tuple(Nudge(item.outbox_id, item.urgent) for item in items if item.state in UNSENT)
        attached = admission.attachments and self._records.attachments.get(
            admission.attachments.attachments_id
        )
        return Duplicate(
            stored.contact.text,
            unsent,
            emergency_now=is_emergency_now(stored.contact),
            uncopied=attached.attachments_id if attached and attached.due_at else None,
            second_read_due=stored.second_read_due,
        )

    def _holds(self, admission: Admission) -> bool:
        now = self._records.conversations.get(admission.after.key)
        if (now.revision if now else None) != (admission.before.revision if admission.before else None):
            return False
        case = self._records.cases.get(admission.case.case_id)
        if isinstance(admission.case, Case):
            return case is None
        return case is not None and case.state is not CaseState.CLOSED

    def _write(self, admission: Admission) -> None:
        records, contact, alert = self._records, admission.contact, admission.alert
        stored = StoredContact(
            contact=contact,
            decision=admission.decision,
            case_id=admission.case.case_id,
            outbox_ids=tuple(item.outbox_id for item in admission.outbox),
            raw_pointer=admission.raw_pointer,
            second_read_due=admission.second_read_due,
            admitted_at=admission.admitted_at,
        )
        if contact.event_id:
            records.events[(contact.key, contact.event_id)] = stored
        else:
            records.contacts[contact.key] = stored
        records.conversations[admission.after.key] = admission.after
        if isinstance(admission.case, Case):
            marks = [
                records.restrictions[name][1]
                for name in person_names(contact)
                if name in records.restrictions
            ]
            named = seen_by_all(marks) or admission.case.restricted_to
            records.cases[admission.case.case_id] = replace(admission.case, restricted_to=named)
            for name in names_of(contact, admission.case.reference):
                records.subjects[name].append(admission.case.case_id)
        else:
            records.cases[admission.case.case_id] = _joined(
                records.cases[admission.case.case_id], admission.case, admission
            )
        for entry in admission.entries:
            records.add_entry(admission.case.case_id, entry)
        records.outbox |= {item.outbox_id: item for item in admission.outbox}
        if attached := admission.attachments:
            records.attachments[attached.attachments_id] = attached
        if alert and not records.stands_open(alert.alert_id):
            records.alerts[alert.alert_id] = alert
        if contact.last:
            records.receipts[contact.archive_key] = admission.admitted_at


def _joined(case: Case, change: JoinedCase, admission: Admission) -> Case:
    return replace(
        case,
        state=change.state,
        grade=change.grade,
        band=change.band,
        answer_by=change.answer_by,
        preview=case.preview if change.preview is None else change.preview,
        category=change.category or case.category,
        reasons=case.reasons if change.reasons is None else change.reasons,
        significant=case.significant or change.significant,
        markers=change.markers,
        reply_until=change.reply_until or case.reply_until,
        language=change.language or case.language,
        places=change.places or case.places,
        last_contact=admission.cause,
        last_contact_at=admission.admitted_at,
    )
