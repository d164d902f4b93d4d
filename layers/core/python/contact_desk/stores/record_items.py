"""Holds, decisions and the records of disposals as items of the table, and back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from contact_desk.clock import from_rfc3339
from contact_desk.retention import Decision, DisposalRecord, Fate, LegalHold, Why
from contact_desk.stores import keys
from contact_desk.stores.items import Plain


def hold_item(hold: LegalHold) -> Plain:
    """A legal hold as an item, in the desk index by the day on which somebody looks at it again."""
    return {
        **keys.hold(hold.case_id),
        **keys.hold_in_desk_index(hold.case_id, hold.review_on),
        "case_id": hold.case_id,
        "reason": hold.reason,
        "by": hold.by,
        "at": hold.at,
        "review_on": hold.review_on.isoformat(),
    }


def hold_from_item(fields: Plain) -> LegalHold:
    """The hold of an item."""
    return LegalHold(
        case_id=fields["case_id"],
        reason=fields["reason"],
        by=fields["by"],
        at=from_rfc3339(fields["at"]),
        review_on=date.fromisoformat(fields["review_on"]),
    )


def decision_item(case_id: str, decision: Decision) -> Plain:
    """A person's decision on a case as an item: it outlives the case."""
    return {
        **keys.decision(case_id, decision.name),
        "case_id": case_id,
        "fate": decision.fate,
        "reason": decision.reason,
        "by": decision.by,
        "at": decision.at,
        "until": decision.until,
    }


def decision_from_item(fields: Plain) -> Decision:
    """The decision of an item."""
    return Decision(
        fate=Fate(fields["fate"]),
        reason=fields["reason"],
        by=fields["by"],
        at=from_rfc3339(fields["at"]),
        until=from_rfc3339(fields["until"]) if fields.get("until") else None,
    )


def disposal_item(done: DisposalRecord) -> Plain:
    """The record of a disposal as an item: it is never changed."""
    return {
        **keys.disposal(done.case_id),
        **keys.disposal_in_desk_index(done.case_id, done.disposed_at),
        **keys.audit_in_due_of_disposal(done.case_id, done.retention_class, done.disposed_at),
        "case_id": done.case_id,
        "reference": done.reference,
        "retention_class": done.retention_class,
        "closed_at": done.closed_at,
        "disposed_at": done.disposed_at,
        "why": done.why,
        "by": done.by,
        "items": done.items,
        "files": done.files,
        "deliveries": done.deliveries,
    }


def disposal_from_item(fields: Plain) -> DisposalRecord:
    """The record of an item."""
    return DisposalRecord(
        case_id=fields["case_id"],
        reference=fields["reference"],
        retention_class=fields.get("retention_class"),
        closed_at=from_rfc3339(fields["closed_at"]),
        disposed_at=from_rfc3339(fields["disposed_at"]),
        why=Why(fields["why"]),
        by=fields["by"],
        items=fields["items"],
        files=fields["files"],
        deliveries=fields["deliveries"],
    )


def restriction_item(name: str, case_id: str, to: Sequence[str]) -> Plain:
    """That new cases of the person of a name are restricted as the case is, as an item."""
    return {**keys.restriction(name), "case_id": case_id, "restricted_to": list(to)}
