"""What is kept of an operator's act: its audit entry and its answered request, as writes of the act's transaction."""

from __future__ import annotations

from datetime import datetime

from contact_desk.case_desk import ActRecord, AnsweredRequest, AuditEntry
from contact_desk.clock import from_rfc3339
from contact_desk.stores import keys
from contact_desk.stores.dynamo import Refused, Table, Write
from contact_desk.stores.items import Plain, timeline_item


def record_writes(table: Table, record: ActRecord) -> list[Write]:
    """The request first, then the audit entry, then the timeline's if there is one: parts of the act's own transaction.

    The request's write is refused where its key was answered in the last 24 hours, by a twin of this request or by an
    earlier sending of this very one: it is the token by which an act whose answer was lost knows itself again.
    """
    request = table.put(
        request_item(record.request),
        "attribute_not_exists(#pk) OR #expires_at <= :now",
        now=int(record.request.answered_at.timestamp()),
    )
    writes = [request, table.put(audit_item(record.audit))]
    if record.case_id and record.entry:
        writes.append(table.put(timeline_item(record.case_id, record.entry)))
    return writes


def request_item(request: AnsweredRequest) -> Plain:
    """An answered request as an item, which the table forgets after 24 hours."""
    return {
        **keys.request(request.operator, request.key),
        "operator": request.operator,
        "key": request.key,
        "asked": request.asked,
        "answer": request.answer,
        "answered_at": request.answered_at,
        "expires_at": int(request.kept_until.timestamp()),
    }


def request_from_item(fields: Plain) -> AnsweredRequest:
    """The answered request of an item."""
    return AnsweredRequest(
        operator=fields["operator"],
        key=fields["key"],
        asked=fields["asked"],
        answer=fields["answer"],
        answered_at=from_rfc3339(fields["answered_at"]),
    )


def answered_before(refused: Refused) -> AnsweredRequest:
    """The request that stood where a record's request was to be put."""
    return request_from_item(refused.old)


def audit_item(entry: AuditEntry) -> Plain:
    """An audit entry as an item: it is never changed and never expires."""
    return {
        **keys.audit(entry.subject, entry.at, entry.request_id),
        **keys.audit_in_due_index(entry.subject, entry.at, entry.request_id),
        "subject": entry.subject,
        "at": entry.at,
        "by": entry.by,
        "act": entry.act,
        "request_id": entry.request_id,
        "shown": list(entry.shown) or None,
    }


def audit_from_item(fields: Plain) -> AuditEntry:
    """The audit entry of an item."""
    return AuditEntry(
        subject=fields["subject"],
        at=from_rfc3339(fields["at"]),
        by=fields["by"],
        act=fields["act"],
        request_id=fields["request_id"],
        shown=tuple(fields.get("shown") or ()),
    )


def answered_request(table: Table, operator: str, key: str, now: datetime) -> AnsweredRequest | None:
    """The answer that an operator's key was given; DynamoDB may be days late in forgetting, so the time is checked."""
    fields = table.get(keys.request(operator, key))
    request = request_from_item(fields) if fields else None
    return request if request and request.kept_until > now else None
