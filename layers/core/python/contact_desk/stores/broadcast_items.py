"""Broadcasts and the switch of publishing as items of the table, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from contact_desk.broadcast_life import next_due
from contact_desk.broadcasts import (
    ENDED,
    SHOWN_AFTER_END,
    AnsweredWith,
    Area,
    Broadcast,
    BroadcastKind,
    BroadcastState,
    Copy,
    CopyEnd,
    LanguageVersion,
    Picture,
    Point,
    PublishingSwitch,
    Severity,
    Signature,
    Wording,
)
from contact_desk.clock import from_rfc3339
from contact_desk.copy_orders import CopyAct
from contact_desk.stores import keys
from contact_desk.stores.items import Plain

SAME = ("what", "where", "do", "language")


def broadcast_item(broadcast: Broadcast) -> Plain:
    """A broadcast as an item: always in the desk index, in the due index while the clock has to act for it."""
    due_at = next_due(broadcast)
    fields = {name: getattr(broadcast, name) for name in Broadcast.__dataclass_fields__}
    return {
        **fields,
        **keys.broadcast(broadcast.broadcast_id),
        **keys.broadcast_in_desk_index(broadcast.broadcast_id),
        **(keys.broadcast_in_due_index(broadcast.broadcast_id, due_at) if due_at else {}),
        "wording": _wording_fields(broadcast.wording),
        "submitted": asdict(broadcast.submitted) if broadcast.submitted else None,
        "approved": asdict(broadcast.approved) if broadcast.approved else None,
    }


def broadcast_from_item(fields: Plain) -> Broadcast:
    """The broadcast of an item."""
    return Broadcast(
        broadcast_id=fields["broadcast_id"],
        reference=fields["reference"],
        state=BroadcastState(fields["state"]),
        version=fields["version"],
        wording=_wording_from(fields["wording"]),
        drafted_by=fields["drafted_by"],
        drafted_at=from_rfc3339(fields["drafted_at"]),
        changed_at=from_rfc3339(fields["changed_at"]),
        root=fields["root"],
        submitted=_signature_from(fields.get("submitted")),
        approved=_signature_from(fields.get("approved")),
        urgent=fields["urgent"],
        published_at=_moment(fields, "published_at"),
        ended_at=_moment(fields, "ended_at"),
        ended_by=fields.get("ended_by"),
        end_reason=fields.get("end_reason"),
        corrected_by=fields.get("corrected_by"),
        told_at=_moment(fields, "told_at"),
    )


def shown_item(broadcast: Broadcast) -> Plain | None:
    """That the feed shows it, forgotten 30 days after its end; None where the public has never seen it."""
    if broadcast.published_at is None:
        return None
    ended = broadcast.ended_at if broadcast.state in ENDED else None
    return {
        **keys.shown(broadcast.broadcast_id),
        "broadcast_id": broadcast.broadcast_id,
        "expires_at": int((ended + SHOWN_AFTER_END).timestamp()) if ended else None,
    }


def answered_with_item(answered: AnsweredWith) -> Plain:
    """An answer that carried the link, as an item."""
    return {**keys.answered_with(answered.broadcast_id, answered.outbox_id), **asdict(answered)}


def answered_with_from_item(fields: Plain) -> AnsweredWith:
    """The answer of an item."""
    return AnsweredWith(
        fields["broadcast_id"], fields["outbox_id"], fields["case_id"], from_rfc3339(fields["answered_at"])
    )


def switch_item(switch: PublishingSwitch) -> Plain:
    """The switch as an item."""
    return {**keys.publishing(), **asdict(switch)}


def switch_from_item(fields: Plain) -> PublishingSwitch:
    """The switch of an item."""
    return PublishingSwitch(
        on=fields["on"],
        by=fields.get("by"),
        name=fields.get("name"),
        at=_moment(fields, "at"),
        reason=fields.get("reason"),
        version=fields["version"],
    )


def _wording_fields(wording: Wording) -> Plain:
    fields = asdict(wording)
    if wording.area.polygon is not None:
        fields["area"]["polygon"] = [list(corner) for corner in wording.area.polygon]
    return fields


def _wording_from(fields: Mapping[str, Any]) -> Wording:
    polygon = fields["area"].get("polygon")
    return Wording(
        kind=BroadcastKind(fields["kind"]),
        severity=Severity(fields["severity"]),
        area=Area(
            tuple(fields["area"]["names"]),
            tuple(Point(*map(float, corner)) for corner in polygon) if polygon is not None else None,
        ),
        copies=tuple(_copy_from(one) for one in fields["copies"]),
        versions=tuple(LanguageVersion(**one) for one in fields["versions"]),
        pictures=tuple(Picture(**one) for one in fields["pictures"]),
        starts_at=_moment(fields, "starts_at"),
        expires_at=_moment(fields, "expires_at"),
        force_reference=fields.get("force_reference"),
        corrects=fields.get("corrects"),
        **{name: fields[name] for name in SAME},
    )


def _copy_from(fields: Mapping[str, Any]) -> Copy:
    return Copy(
        channel=fields["channel"],
        text=fields["text"],
        expired=_end_from(fields["expired"]),
        cancelled=_end_from(fields["cancelled"]),
        alt=fields.get("alt"),
        picture=fields.get("picture"),
    )


def _end_from(fields: Mapping[str, Any]) -> CopyEnd:
    return CopyEnd(CopyAct(fields["act"]), fields["text"])


def _signature_from(fields: Mapping[str, Any] | None) -> Signature | None:
    if fields is None:
        return None
    return Signature(fields["by"], fields["name"], from_rfc3339(fields["at"]), fields["hash"])


def _moment(fields: Mapping[str, Any], name: str) -> datetime | None:
    return from_rfc3339(fields[name]) if fields.get(name) else None
