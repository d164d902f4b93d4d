"""The table as triage sees it: a contact with all that follows from it, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from contact_desk.alerts import Alert
from contact_desk.cases import Case, CaseState
from contact_desk.contacts import Contact
from contact_desk.conversations import Conversation
from contact_desk.errors import StoreBusyError
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
from contact_desk.stores import keys
from contact_desk.stores.attachment_store import attachments_from_item, attachments_item
from contact_desk.stores.decision_fields import reasons_field
from contact_desk.stores.dynamo import Refused, Table, Write, assignments
from contact_desk.stores.items import (
    Plain,
    alert_item,
    attribute,
    case_item,
    contact_from_item,
    contact_item,
    conversation_from_item,
    conversation_item,
    outbox_from_item,
    outbox_item,
    timeline_item,
)
from contact_desk.stores.tombstones import STANDS, is_blanked, is_tombstone
from contact_desk.subjects import names_of, person_names, seen_by_all

RECEIPT_KEPT = timedelta(days=100)
"""Longer than the archive keeps the delivery, so that a delivery never outlives its receipt."""

ABSENT = "attribute_not_exists(#pk)"
CONTACT, CONVERSATION, CASE, ALERT = "contact", "conversation", "case", "alert"
ATTACHMENTS, ORIGINAL = "attachments", "original"
UNRESTRICTED = "unrestricted "
ALERT_TRIES = 4


class DynamoIntake:
    """Triage's side of the desk's table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def conversation(self, key: str) -> Conversation | None:
        """The conversation as it stands now (a consistent read); None where there is none."""
        item = self._table.get(keys.conversation(key))
        return conversation_from_item(item) if item else None

    def texts_of(self, contact_key: str) -> frozenset[str]:
        """Every text that the contact was seen to have, its edits' included (a consistent read)."""
        items = self._table.query(
            KeyConditionExpression="pk = :contact",
            ProjectionExpression="#text",
            ExpressionAttributeNames={"#text": "text"},
            ExpressionAttributeValues={":contact": attribute(keys.contact(contact_key)["pk"])},
            ConsistentRead=True,
        )
        return frozenset(item["text"] for item in items if "text" in item)

    def admit(self, admission: Admission) -> AdmissionOutcome:
        """Write the contact and all that follows from it in one transaction.

        Each part that has a condition answers for itself, in this order:

        - contact      not there yet                   else Duplicate: nothing is written but the receipt
        - original     of an edit: not disposed of     else Duplicate, the same
        - conversation has the revision that was read  else ConversationMoved: read again, decide anew
        - case         new, or there and not closed    else ConversationMoved
        - restriction  none on the person of a new case  else the same once more, the case restricted alike
        - alert        as expected (see `_alert`)      else the same once more, with the other expectation

        Raises StoreBusyError for conflicts and throttling, StoreRefusedError for anything else.
        """
        stands_open = _alert_stands_open(admission)
        for _ in range(ALERT_TRIES):
            writes = self._writes(admission, alert_stands_open=stands_open)
            refused_at = self._table.transact(list(writes.values()))
            names = list(writes)
            refused = {names[position]: refusal for position, refusal in refused_at.items()}
            if not refused:
                return Admitted()
            if refused.keys() & {CONTACT, ORIGINAL}:
                return self._duplicate(admission, refused.get(ORIGINAL) or refused[CONTACT])
            if CONVERSATION in refused or CASE in refused:
                return ConversationMoved()
            if any(name.startswith(UNRESTRICTED) for name in refused):
                admission = self._restricted(admission)
            if ALERT in refused:
                stands_open = not stands_open
        raise StoreBusyError("the case's alert is opened and acknowledged faster than it can be written")

    def _writes(self, admission: Admission, *, alert_stands_open: bool) -> Mapping[str, Write]:
        table, contact, case_id = self._table, admission.contact, admission.case.case_id
        writes = {
            CONTACT: table.put(contact_item(admission), ABSENT),
            CONVERSATION: _conversation(table, admission),
            CASE: _case(table, admission),
        }
        if contact.event_id:
            writes[ORIGINAL] = table.check(keys.contact(contact.key), STANDS)
        if admission.alert:
            writes[ALERT] = _alert(table, admission.alert, stands_open=alert_stands_open)
        for entry in admission.entries:
            writes[entry.name] = table.put(timeline_item(case_id, entry))
        for item in admission.outbox:
            writes[item.outbox_id] = table.put(outbox_item(item))
        if attachments := admission.attachments:
            writes[ATTACHMENTS] = table.put(attachments_item(attachments))
        if isinstance(admission.case, Case):
            writes |= self._of_person(admission.case, contact)
        if contact.last:
            writes["receipt"] = table.put(receipt_item(contact.archive_key, admission.admitted_at))
        return writes

    def _of_person(self, case: Case, contact: Contact) -> dict[str, Write]:
        """By which names the person of a new case is found, and that none of them is under restriction."""
        table = self._table
        writes = {
            f"subject {name}": table.put(subject_item(name, case.case_id))
            for name in names_of(contact, case.reference)
        }
        if case.restricted_to is None:
            for name in person_names(contact):
                writes[f"{UNRESTRICTED}{name}"] = table.check(keys.restriction(name), ABSENT)
        return writes

    def _restricted(self, admission: Admission) -> Admission:
        """The same with its case restricted as the person is; unchanged where that was lifted meanwhile."""
        marks = self._table.get_all([keys.restriction(name) for name in person_names(admission.contact)])
        named = seen_by_all(one["restricted_to"] for one in marks)
        if not named or not isinstance(admission.case, Case):
            return admission
        return replace(admission, case=replace(admission.case, restricted_to=named))

    def _duplicate(self, admission: Admission, refused: Refused) -> Duplicate:
        # Our own write whose answer was lost looks like a duplicate too: then its items are nudged, which they need.
        contact, stored = admission.contact, refused.old
        if is_tombstone(stored) or is_blanked(stored):
            # It or its words were disposed of: whatever brings it back is no news, and the delivery is closed again.
            self._close_delivery(admission)
            return Duplicate(contact.text, (), emergency_now=True)
        outbox_ids = stored["outbox_ids"]
        attached = admission.attachments
        wanted = [keys.outbox(one) for one in outbox_ids]
        wanted += [keys.attachments(attached.attachments_id)] if attached else []
        found = self._table.get_all(wanted)
        items = [outbox_from_item(item) for item in found if item["sk"] != ATTACHMENTS]
        copies = [attachments_from_item(item) for item in found if item["sk"] == ATTACHMENTS]
        self._close_delivery(admission)
        unsent = [Nudge(item.outbox_id, item.urgent) for item in items if item.state in UNSENT]
        unsent.sort(key=lambda nudge: outbox_ids.index(nudge.outbox_id))
        return Duplicate(
            text=stored["text"],
            unsent=tuple(unsent),
            emergency_now=is_emergency_now(contact_from_item(stored)),
            uncopied=next((one.attachments_id for one in copies if one.due_at), None),
            second_read_due=stored.get("second_read_due", False),
        )

    def _close_delivery(self, admission: Admission) -> None:
        if admission.contact.last:
            receipt = receipt_item(admission.contact.archive_key, admission.admitted_at)
            # Once there a receipt stays as it is, so that a replay of the archive leaves the table unchanged.
            self._table.attempt(self._table.put(receipt, ABSENT))


def subject_item(name: str, case_id: str) -> Plain:
    """That the case is that of the person of the name."""
    return {**keys.subject(name, case_id), "case_id": case_id}


def receipt_item(archive_key: str, at: datetime) -> Plain:
    """The receipt of a delivery whose last contact is on the desk; the table forgets it after 100 days."""
    return {
        **keys.receipt(archive_key),
        "archive_key": archive_key,
        "triaged_at": at,
        "expires_at": int((at + RECEIPT_KEPT).timestamp()),
    }


def _conversation(table: Table, admission: Admission) -> Write:
    """Revision n becomes n + 1, once; the first comes from nothing."""
    item = conversation_item(admission.after)
    if admission.before is None:
        return table.put(item, ABSENT)
    return table.put(item, "#revision = :read", read=admission.before.revision)


def _case(table: Table, admission: Admission) -> Write:
    """A new case, or what the contact changes on one that is still on the desk.

    The conversation's revision already tells a join from a close; the case's own condition holds even if some other
    writer forgot to count it.
    """
    case = admission.case
    if isinstance(case, Case):
        return table.put(case_item(case), ABSENT)
    shown = {
        "desk_pk": keys.queue_partition(case.grade),
        "desk_sk": keys.queue_position(case.band, case.answer_by, case.case_id),
        "state": case.state,
        "grade": case.grade,
        "band": case.band,
        "answer_by": case.answer_by,
        "last_contact": admission.cause,
        "last_contact_at": admission.admitted_at,
        "changed": keys.changed_at(admission.admitted_at),
        "markers": list(case.markers),
        **_given("preview", case.preview),
        **_given("category", case.category),
        **_given("language", case.language),
        **_given("reply_until", case.reply_until),
        **({"significant": True} if case.significant else {}),
        **({"places": list(case.places)} if case.places else {}),
        **({"reasons": reasons_field(case.reasons)} if case.reasons is not None else {}),
    }
    change, values = assignments(shown)
    return table.update(
        keys.case(case.case_id),
        change,
        "attribute_exists(#pk) AND #state <> :closed",
        closed=CaseState.CLOSED,
        **values,
    )


def _given(name: str, value: object) -> Plain:
    return {} if value is None else {name: value}


def _alert_stands_open(admission: Admission) -> bool:
    """The likelier case first: a case that already had this alert's grade has had the alert, often still open."""
    before = admission.before.current if admission.before else None
    joined = isinstance(admission.case, JoinedCase)
    return bool(admission.alert and joined and before and before.grade is admission.alert.grade)


def _alert(table: Table, alert: Alert, *, stands_open: bool) -> Write:
    """Opens the alert, or holds the transaction to its being open: one of the two is tried, then the other."""
    # One write cannot both leave an open alert alone and open an acknowledged one again.
    #
    #   the alert is     opening it            holding that it stands open
    #   not there        created               refused
    #   open             refused               left exactly as it is
    #   acknowledged     open again, nudge 0   refused
    if stands_open:
        return table.check(
            keys.alert(alert.alert_id), "attribute_exists(#pk) AND attribute_not_exists(#acknowledged_at)"
        )
    fields = {"due_pk": None, "due_sk": None, **alert_item(alert)}
    change, values = assignments({name: value for name, value in fields.items() if name not in {"pk", "sk"}})
    return table.update(
        keys.alert(alert.alert_id), change, f"{ABSENT} OR attribute_exists(#acknowledged_at)", **values
    )
