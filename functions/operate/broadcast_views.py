"""Broadcasts and the switch as people at the desk read them, as fields ready for JSON."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from contact_desk.broadcast_flags import flags_of
from contact_desk.broadcasts import Broadcast, Copy, CopyEnd, PublishingSwitch
from contact_desk.clock import to_rfc3339
from contact_desk.copy_progress import CopyProgress, progress_of
from contact_desk.outbox import OutboxItem
from contact_desk.send_failures import SendFailure

Fields = dict[str, Any]


def broadcast_fields(
    broadcast: Broadcast, items: Mapping[str, OutboxItem], link: str, typed: Collection[str]
) -> Fields:
    """C11 with everything that an approver has to read.

    `items` are those of its copies; `typed` the channels whose words a person typed.
    """
    words, submitted, approved = broadcast.wording, broadcast.submitted, broadcast.approved
    polygon = words.area.polygon
    return {
        "broadcast_id": broadcast.broadcast_id,
        "reference": broadcast.reference,
        "link": link,
        "state": broadcast.state.value,
        "version": broadcast.version,
        "hash": broadcast.hash,
        "kind": words.kind.value,
        "what": words.what,
        "where": words.where,
        "do": words.do,
        "force_reference": words.force_reference,
        "severity": words.severity.value,
        "area": {
            "names": list(words.area.names),
            "polygon": [[one.longitude, one.latitude] for one in polygon] if polygon is not None else None,
        },
        "language": words.language,
        "versions": [asdict(one) for one in words.versions],
        "pictures": [asdict(one) for one in words.pictures],
        "starts_at": _moment(words.starts_at),
        "expires_at": _moment(words.expires_at),
        "drafted_by": broadcast.drafted_by,
        "submitted_by": submitted.name if submitted else None,
        "submitted_at": _moment(submitted.at if submitted else None),
        "urgent": broadcast.urgent,
        "approved_by": approved.name if approved else None,
        "approved_at": _moment(approved.at if approved else None),
        "published_at": _moment(broadcast.published_at),
        "ended_at": _moment(broadcast.ended_at),
        "ended_by": broadcast.ended_by,
        "end_reason": broadcast.end_reason,
        "root": broadcast.root,
        "corrects": words.corrects,
        "corrected_by": broadcast.corrected_by,
        "flags": [{**asdict(one), "kind": one.kind.value} for one in flags_of(words)],
        "copies": [
            _copy(copy, progress, typed=copy.channel in typed)
            for copy, progress in zip(words.copies, progress_of(broadcast, items), strict=True)
        ],
    }


def switch_fields(switch: PublishingSwitch) -> Fields:
    """Whether anything is published now, and who said so."""
    return {
        "on": switch.on,
        "by": switch.name,
        "at": _moment(switch.at),
        "reason": switch.reason,
        "version": switch.version,
    }


def _copy(copy: Copy, progress: CopyProgress, *, typed: bool) -> Fields:
    failure = progress.failure
    return {
        "channel": copy.channel,
        "text": copy.text,
        "typed": typed,
        "alt": copy.alt,
        "picture": copy.picture,
        "state": progress.state.value,
        "platform_id": progress.platform_id,
        "outbox_id": progress.outbox_id,
        "trouble": SendFailure(failure).told if failure in set(SendFailure) else None,
        "published_at": _moment(progress.published_at),
        "ended_at": _moment(progress.ended_at),
        "expired": _end(copy.expired),
        "cancelled": _end(copy.cancelled),
    }


def _end(end: CopyEnd) -> Fields:
    return {"act": end.act.value, "text": end.text}


def _moment(moment: datetime | None) -> str | None:
    return to_rfc3339(moment) if moment else None
