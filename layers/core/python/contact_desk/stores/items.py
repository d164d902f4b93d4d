"""Records of the domain as items of the table, and back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any, cast

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer

from contact_desk.alerts import Alert, AlertKind, AlertRank
from contact_desk.cases import Case, CaseState, Claim, Disposition
from contact_desk.clock import from_rfc3339, to_rfc3339
from contact_desk.contact_message import from_fields, to_fields
from contact_desk.contacts import Act, Contact, Surface
from contact_desk.conversations import Conversation, CurrentCase, SafeContact, Said, Shown
from contact_desk.copy_orders import CopyOrder
from contact_desk.grades import Band, Grade
from contact_desk.intake import Admission
from contact_desk.numbers.facts import COUNTED_ENTRIES, COUNTED_TEXTS
from contact_desk.outbox import UNSENT, OutboxItem, OutboxKind, OutboxState, Purpose
from contact_desk.stores import keys
from contact_desk.stores.counted import counted_contact, origin_fields, origin_from_item
from contact_desk.stores.decision_fields import decision_field, reasons_field, reasons_from_field
from contact_desk.timeline import EntryKind, TimelineEntry

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

Plain = dict[str, Any]

RAW_LIMIT_BYTES = 32 * 1024
NEWS_KEPT = timedelta(days=100)
"""How long the table remembers that operators were told of an alert; the alert itself stays."""
OPTIONAL_CONTACT_FIELDS = (
    "language",
    "answers",
    "root",
    "permalink",
    "reply_until",
    "event_id",
    "report",
    "raw",
)

_SERIALIZER = TypeSerializer()
_DESERIALIZER = TypeDeserializer()


def marshal(fields: Mapping[str, Any]) -> dict[str, AttributeValueTypeDef]:
    """Plain fields as DynamoDB attribute values; a field that is None is left out."""
    return {name: attribute(value) for name, value in fields.items() if value is not None}


def attribute(value: Any) -> AttributeValueTypeDef:
    """One plain value (text, whole number, truth, list, mapping, moment, enum) as an attribute value."""
    serialized: AttributeValueTypeDef = _SERIALIZER.serialize(_plain(value))
    return serialized


def unmarshal(item: Mapping[str, Any]) -> Plain:
    """The plain fields of an item; numbers are whole numbers, bytes are bytes."""
    return {name: _whole(_DESERIALIZER.deserialize(value)) for name, value in item.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return _carried_by_utf8(value)
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, datetime):
        return to_rfc3339(value)
    return repr(value) if isinstance(value, float) else value


def _carried_by_utf8(text: str) -> str:
    # A lone surrogate has no UTF-8: the table would refuse the whole item for it.
    return text if text.isascii() else text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _whole(value: Any) -> Any:
    if isinstance(value, list):
        return [_whole(inner) for inner in value]
    if isinstance(value, dict):
        return {name: _whole(inner) for name, inner in value.items()}
    if isinstance(value, bool | str) or value is None:
        return value
    return bytes(cast("Any", value)) if isinstance(value, Binary) else int(value)


def _moment(fields: Plain, name: str) -> datetime | None:
    return from_rfc3339(fields[name]) if fields.get(name) else None


def contact_item(admission: Admission) -> Plain:
    """A contact, or an edit or delete of one, as an item: C1 as it came, what was decided, what followed.

    The event as received stays with it up to 32 KiB; above that `raw_pointer` names the evidence object.
    """
    contact, raw = admission.contact, admission.contact.raw
    kept = raw is not None and len(raw.encode("utf-8", errors="replace")) <= RAW_LIMIT_BYTES
    return {
        **to_fields(contact),
        **(
            keys.contact_event(contact.key, contact.event_id)
            if contact.event_id
            else keys.contact(contact.key)
        ),
        **(
            keys.taken_back_in_due_index(contact.key, admission.admitted_at)
            if contact.act is Act.DELETED
            else {}
        ),
        "raw": raw if kept else None,
        "raw_hash": hashlib.sha256(raw.encode("utf-8", errors="replace")).hexdigest()
        if raw is not None
        else None,
        "raw_pointer": admission.raw_pointer,
        "case_id": admission.case.case_id,
        "decision": decision_field(admission.decision),
        "outbox_ids": [item.outbox_id for item in admission.outbox],
        "admitted_at": admission.admitted_at,
        "second_read_due": admission.second_read_due or None,
        **counted_contact(admission),
    }


def contact_from_item(fields: Plain) -> Contact:
    """The contact, or the edit or delete of one, of an item."""
    person, location = fields.get("person"), fields.get("location")
    return from_fields(
        {
            **dict.fromkeys(OPTIONAL_CONTACT_FIELDS),
            **fields,
            "person": {"name": None, **person} if person else None,
            "location": {"name": None, **location} if location else None,
            "attachments": [{"media_type": None, "ref": None, **one} for one in fields["attachments"]],
        }
    )


def conversation_item(conversation: Conversation) -> Plain:
    """A conversation as an item."""
    current, safe = conversation.current, conversation.safe_contact
    return {
        **keys.conversation(conversation.key),
        "conversation_key": conversation.key,
        "revision": conversation.revision,
        "current": (
            {
                "case_id": current.case_id,
                "reference": current.reference,
                "state": current.state,
                "grade": current.grade,
                "band": current.band,
                "answer_by": current.answer_by,
                "closed_at": current.closed_at,
                "markers": list(current.markers),
                "shown": asdict(current.shown),
                # Beside and not in it: the version before reads `shown` by its own names alone.
                "named_at": current.named_at,
            }
            if current
            else None
        ),
        "emergency_text_at": conversation.emergency_text_at,
        "acknowledged_at": conversation.acknowledged_at,
        "reply_until": conversation.reply_until,
        "safe_contact": {"ok": safe.ok, "how": safe.how, "not_when": safe.not_when} if safe else None,
        "earlier": [asdict(said) for said in conversation.earlier],
    }


def conversation_from_item(fields: Plain) -> Conversation:
    """The conversation of an item."""
    current, safe = fields.get("current"), fields.get("safe_contact")
    return Conversation(
        key=fields["conversation_key"],
        revision=fields["revision"],
        current=(
            CurrentCase(
                case_id=current["case_id"],
                reference=current["reference"],
                state=CaseState(current["state"]),
                grade=Grade(current["grade"]),
                band=Band(current["band"]),
                answer_by=from_rfc3339(current["answer_by"]),
                closed_at=_moment(current, "closed_at"),
                markers=tuple(current.get("markers", ())),
                shown=Shown(**current.get("shown", {})),
                named_at=current.get("named_at"),
            )
            if current
            else None
        ),
        emergency_text_at=_moment(fields, "emergency_text_at"),
        acknowledged_at=_moment(fields, "acknowledged_at"),
        reply_until=_moment(fields, "reply_until"),
        safe_contact=SafeContact(safe["ok"], safe.get("how"), safe.get("not_when")) if safe else None,
        earlier=tuple(Said(**said) for said in fields.get("earlier", [])),
    )


def case_item(case: Case) -> Plain:
    """A case as an item: small, because the desk index carries all of it."""
    claim = case.claim
    return {
        **keys.case(case.case_id),
        **keys.case_in_desk_index(case),
        **(keys.claim_in_due_index(case.case_id, claim.until) if claim else {}),
        **(keys.retention_in_due_index(case.case_id, case.dispose_at) if case.dispose_at else {}),
        **keys.counted_with_case(case.case_id, case.opened_at),
        "case_id": case.case_id,
        "reference": case.reference,
        "state": case.state,
        "grade": case.grade,
        "band": case.band,
        "category": case.category,
        "reasons": reasons_field(case.reasons),
        "preview": case.preview,
        "channel": case.channel,
        "account": case.account,
        "surface": case.surface,
        "conversation_key": case.conversation_key,
        "opened_at": case.opened_at,
        "answer_by": case.answer_by,
        "last_contact": case.last_contact,
        "last_contact_at": case.last_contact_at,
        "significant": case.significant,
        "markers": list(case.markers),
        "language": case.language,
        "person_name": case.person_name,
        "reply_until": case.reply_until,
        "version": case.version,
        "claim": (
            {"holder": claim.holder, "name": claim.name, "token": claim.token, "until": claim.until}
            if claim
            else None
        ),
        "disposition": case.disposition,
        "closed_at": case.closed_at,
        "closed_by": case.closed_by,
        "previous_case": case.previous_case,
        "survey": case.survey,
        "retention_class": case.retention_class,
        "dispose_at": case.dispose_at,
        "restricted_to": list(case.restricted_to) if case.restricted_to is not None else None,
        "places": list(case.places) or None,
        **origin_fields(case.origin),
    }


def case_from_item(fields: Plain) -> Case:
    """The case of an item."""
    claim = fields.get("claim")
    return Case(
        case_id=fields["case_id"],
        reference=fields["reference"],
        state=CaseState(fields["state"]),
        grade=Grade(fields["grade"]),
        band=Band(fields["band"]),
        category=fields.get("category"),
        reasons=reasons_from_field(fields["reasons"]),
        preview=fields["preview"],
        channel=fields["channel"],
        account=fields["account"],
        surface=Surface(fields["surface"]),
        conversation_key=fields["conversation_key"],
        opened_at=from_rfc3339(fields["opened_at"]),
        answer_by=from_rfc3339(fields["answer_by"]),
        last_contact=fields["last_contact"],
        last_contact_at=from_rfc3339(fields["last_contact_at"]),
        significant=fields["significant"],
        markers=tuple(fields.get("markers", ())),
        language=fields.get("language"),
        person_name=fields.get("person_name"),
        reply_until=_moment(fields, "reply_until"),
        version=fields["version"],
        claim=(
            Claim(claim["holder"], claim["name"], claim["token"], from_rfc3339(claim["until"]))
            if claim
            else None
        ),
        disposition=Disposition(fields["disposition"]) if fields.get("disposition") else None,
        closed_at=_moment(fields, "closed_at"),
        closed_by=fields.get("closed_by"),
        previous_case=fields.get("previous_case"),
        survey=fields.get("survey"),
        retention_class=fields.get("retention_class"),
        dispose_at=_moment(fields, "dispose_at"),
        restricted_to=tuple(fields["restricted_to"]) if "restricted_to" in fields else None,
        origin=origin_from_item(fields),
        places=tuple(fields.get("places", ())),
    )


def outbox_item(item: OutboxItem) -> Plain:
    """An outbox item as an item of the table; only an unsent one is in the due index."""
    return {
        **keys.outbox(item.outbox_id),
        **(
            keys.outbox_in_due_index(item.outbox_id, urgent=item.urgent, due_at=item.due_at)
            if item.state in UNSENT
            else {}
        ),
        **(keys.counted_with_case(item.case_id, item.created_at) if item.purpose in COUNTED_TEXTS else {}),
        "outbox_id": item.outbox_id,
        "kind": item.kind,
        "purpose": item.purpose,
        "channel": item.channel,
        "account": item.account,
        "target": item.target,
        "text": item.text,
        "text_hash": item.text_hash,
        "urgent": item.urgent,
        "created_at": item.created_at,
        "due_at": item.due_at,
        "case_id": item.case_id,
        "author": item.author,
        "signpost": item.signpost,
        "state": item.state,
        "attempts": item.attempts,
        "looked_up": item.looked_up,
        "token": item.token,
        "lease_until": item.lease_until,
        "started_at": item.started_at,
        "platform_id": item.platform_id,
        "failure": item.failure,
        "sent_at": item.sent_at,
        "resolved_by": item.resolved_by,
        "reply_until": item.reply_until,
        "order": item.order.fields() if item.order else None,
        "undelivered_because": item.undelivered_because,
        "expires_at": int((item.created_at + NEWS_KEPT).timestamp())
        if item.kind is OutboxKind.OPERATOR_ALERT
        else None,
    }


def outbox_from_item(fields: Plain) -> OutboxItem:
    """The outbox item of an item of the table."""
    return OutboxItem(
        outbox_id=fields["outbox_id"],
        kind=OutboxKind(fields["kind"]),
        purpose=Purpose(fields["purpose"]),
        channel=fields["channel"],
        account=fields["account"],
        target=fields["target"],
        text=fields["text"],
        urgent=fields["urgent"],
        created_at=from_rfc3339(fields["created_at"]),
        due_at=from_rfc3339(fields["due_at"]),
        case_id=fields.get("case_id"),
        author=fields.get("author"),
        signpost=fields.get("signpost"),
        state=OutboxState(fields["state"]),
        attempts=fields["attempts"],
        looked_up=fields["looked_up"],
        token=fields.get("token"),
        lease_until=_moment(fields, "lease_until"),
        started_at=_moment(fields, "started_at"),
        platform_id=fields.get("platform_id"),
        failure=fields.get("failure"),
        sent_at=_moment(fields, "sent_at"),
        resolved_by=fields.get("resolved_by"),
        reply_until=_moment(fields, "reply_until"),
        order=CopyOrder.read(fields["order"]) if "order" in fields else None,
        undelivered_because=fields.get("undelivered_because"),
    )


def alert_item(alert: Alert) -> Plain:
    """An alert as an item: in the desk index while open, in the due index while it has a next nudge."""
    return {
        **keys.alert(alert.alert_id),
        **(keys.alert_in_desk_index(alert) if alert.open else {}),
        **(keys.alert_in_due_index(alert.alert_id, alert.next_nudge_at) if alert.next_nudge_at else {}),
        **keys.counted_with_case(alert.case_id, alert.opened_at),
        "alert_id": alert.alert_id,
        "rank": alert.rank,
        "kind": alert.kind,
        "opened_at": alert.opened_at,
        "case_id": alert.case_id,
        "case_reference": alert.case_reference,
        "grade": alert.grade,
        "nudge": alert.nudge,
        "next_nudge_at": alert.next_nudge_at,
        "acknowledged_at": alert.acknowledged_at,
        "acknowledged_by": alert.acknowledged_by,
    }


def alert_from_item(fields: Plain) -> Alert:
    """The alert of an item."""
    return Alert(
        alert_id=fields["alert_id"],
        rank=AlertRank(fields["rank"]),
        kind=AlertKind(fields["kind"]),
        opened_at=from_rfc3339(fields["opened_at"]),
        case_id=fields.get("case_id"),
        case_reference=fields.get("case_reference"),
        grade=Grade(fields["grade"]) if fields.get("grade") else None,
        nudge=fields["nudge"],
        next_nudge_at=_moment(fields, "next_nudge_at"),
        acknowledged_at=_moment(fields, "acknowledged_at"),
        acknowledged_by=fields.get("acknowledged_by"),
    )


def timeline_item(case_id: str, entry: TimelineEntry) -> Plain:
    """An entry of a case's timeline as an item."""
    return {
        **keys.timeline(case_id, entry.at, entry.name),
        **(keys.counted_with_case(case_id, entry.at) if entry.kind in COUNTED_ENTRIES else {}),
        "at": entry.at,
        "kind": entry.kind,
        "name": entry.name,
        "by": entry.by,
        "text": entry.text,
        "contact_key": entry.contact_key,
        "event_id": entry.event_id,
        "outbox_id": entry.outbox_id,
        "attachments_id": entry.attachments_id,
    }


def timeline_from_item(fields: Plain) -> TimelineEntry:
    """The timeline entry of an item."""
    return TimelineEntry(
        at=from_rfc3339(fields["at"]),
        kind=EntryKind(fields["kind"]),
        name=fields["name"],
        by=fields.get("by"),
        text=fields.get("text"),
        contact_key=fields.get("contact_key"),
        event_id=fields.get("event_id"),
        outbox_id=fields.get("outbox_id"),
        attachments_id=fields.get("attachments_id"),
    )
