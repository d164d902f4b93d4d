"""The acts on a broadcast: each from the broadcast as it stands to the change that it makes, as the table allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from contact_desk.alerts import Alert, AlertEvent, AlertKind, AlertRank, announcement
from contact_desk.broadcast_desk import BroadcastChange
from contact_desk.broadcasts import (
    APPROVED_WITHIN,
    TRANSITIONS,
    Broadcast,
    BroadcastAct,
    BroadcastState,
    Signature,
    Wording,
    broadcast_reference,
)
from contact_desk.case_desk import Operator
from contact_desk.copy_orders import CopyCause
from contact_desk.copy_plans import end_items, feed_item, start_items
from contact_desk.errors import BroadcastStateError
from contact_desk.force_file import ForceFile


def drafted(
    broadcast_id: str,
    wording: Wording,
    by: Operator,
    *,
    force: ForceFile,
    corrected: Broadcast | None,
    now: datetime,
) -> BroadcastChange:
    """A new draft; a correction is one that names what it corrects."""
    if corrected:
        _after(corrected, BroadcastAct.CORRECT)
    draft = Broadcast(
        broadcast_id=broadcast_id,
        reference=broadcast_reference(force.short_code, broadcast_id),
        state=BroadcastState.DRAFT,
        version=1,
        wording=wording,
        drafted_by=by.name,
        drafted_at=now,
        changed_at=now,
        root=corrected.root if corrected else broadcast_id,
    )
    return BroadcastChange(None, draft)


def edited(broadcast: Broadcast, wording: Wording, now: datetime) -> BroadcastChange:
    """Other words: whatever was submitted or approved holds no more."""
    return _change(
        broadcast, BroadcastAct.EDIT, now, wording=wording, submitted=None, approved=None, urgent=False
    )


def submitted(
    broadcast: Broadcast, by: Operator, *, urgent: bool, force: ForceFile, now: datetime
) -> BroadcastChange:
    """The first of two people; an urgent one pages those on call."""
    signature = Signature(by.subject, by.name, now, broadcast.hash)
    change = _change(broadcast, BroadcastAct.SUBMIT, now, submitted=signature, approved=None, urgent=urgent)
    if not urgent:
        return change
    first_nudge = force.alerts[AlertRank.A2].next_nudge(0)
    alert = Alert(
        alert_id=approval_alert_id(broadcast),
        rank=AlertRank.A2,
        kind=AlertKind.APPROVAL,
        opened_at=now,
        case_reference=broadcast.reference,
        next_nudge_at=now + first_nudge if first_nudge else None,
    )
    cause = f"{alert.alert_id}#{change.after.version}"
    return replace(
        change, alert=alert, announcement=announcement(alert, AlertEvent.OPENED, cause=cause, now=now)
    )


def approved(
    broadcast: Broadcast,
    by: Operator,
    *,
    read: Callable[[str], Broadcast | None],
    force: ForceFile,
    now: datetime,
) -> BroadcastChange:
    """The second of two people: it goes out now, or at its time."""
    signature = Signature(by.subject, by.name, now, broadcast.hash)
    signed = _after(broadcast, BroadcastAct.APPROVE, approved=signature)
    starts_at = broadcast.wording.starts_at
    if starts_at and starts_at > now:
        _corrected_by(signed, read, now)  # what is over by now is not corrected any more
        return replace(_change(signed, BroadcastAct.SCHEDULE, now), before=broadcast, while_publishing=True)
    return replace(started(signed, read=read, force=force, now=now), before=broadcast)


def started(
    broadcast: Broadcast,
    *,
    read: Callable[[str], Broadcast | None],
    force: ForceFile,
    now: datetime,
) -> BroadcastChange:
    """Every copy is ordered, the feed shows it, and what it corrects makes way for it: all at once or nothing."""
    after = _next(broadcast, BroadcastAct.START, now, published_at=now)
    corrected = _corrected_by(after, read, now)
    items = start_items(after, corrected[0] if corrected else None, force, now)
    return BroadcastChange(
        broadcast,
        after,
        corrected=corrected,
        outbox=(*items, feed_item(after, now)),
        while_publishing=True,
    )


def settled_now(broadcast: Broadcast, now: datetime) -> BroadcastChange:
    """Each channel has said what became of its copy.

    Nothing that a person decides upon changes by it, so the version that they have read stays: nobody's cancel is
    refused because the last channel has answered meanwhile. Every act from publishing comes to the same from live.
    """
    return BroadcastChange(broadcast, _after(broadcast, BroadcastAct.SETTLE, changed_at=now))


def lapsed(broadcast: Broadcast, now: datetime) -> BroadcastChange:
    """Nobody approved it in time, or it was not started in time: a draft again, which says who submitted it when."""
    return _change(broadcast, BroadcastAct.LAPSE, now, approved=None)


def expired(broadcast: Broadcast, *, force: ForceFile, now: datetime) -> BroadcastChange:
    """Its time is over, on every channel."""
    after = _next(broadcast, BroadcastAct.EXPIRE, now, ended_at=now)
    return BroadcastChange(
        broadcast,
        after,
        outbox=(*end_items(after, CopyCause.EXPIRED, force, now), feed_item(after, now)),
    )


def cancelled(
    broadcast: Broadcast, by: Operator, *, force: ForceFile, now: datetime, reason: str | None = None
) -> BroadcastChange:
    """One person takes it back, always; what never went out needs no end on any channel."""
    after = _next(broadcast, BroadcastAct.CANCEL, now, ended_at=now, ended_by=by.name, end_reason=reason)
    if not broadcast.on_air:
        return BroadcastChange(broadcast, after)
    return BroadcastChange(
        broadcast,
        after,
        outbox=(*end_items(after, CopyCause.CANCELLED, force, now), feed_item(after, now)),
    )


def told_everybody(broadcast: Broadcast, now: datetime) -> BroadcastChange:
    """Everybody who was answered with it has been told what became of it."""
    return BroadcastChange(broadcast, replace(broadcast, version=broadcast.version + 1, told_at=now))


def approval_alert_id(broadcast: Broadcast) -> str:
    """The name of the alert that calls for its second person."""
    return f"{broadcast.broadcast_id}.{AlertKind.APPROVAL.value}"


def next_due(broadcast: Broadcast) -> datetime | None:
    """When the clock has something to do for it; None where it has nothing to do any more."""
    match broadcast.state:
        case BroadcastState.SUBMITTED if broadcast.submitted:
            return broadcast.submitted.at + APPROVED_WITHIN
        case BroadcastState.SCHEDULED:
            return broadcast.wording.starts_at
        case BroadcastState.PUBLISHING:
            return broadcast.changed_at
        case BroadcastState.LIVE:
            return broadcast.wording.expires_at
        case BroadcastState.CORRECTED | BroadcastState.CANCELLED if broadcast.published_at:
            return None if broadcast.told_at else broadcast.ended_at
        case _:
            return None


def _corrected_by(
    correction: Broadcast, read: Callable[[str], Broadcast | None], now: datetime
) -> tuple[Broadcast, Broadcast] | None:
    """What the correction takes the place of, before and after; raises where that is not on air any more."""
    if correction.wording.corrects is None:
        return None
    before = read(correction.wording.corrects)
    if before is None:
        raise BroadcastStateError(BroadcastAct.CORRECT, "not there")
    after = _next(before, BroadcastAct.CORRECT, now, ended_at=now, corrected_by=correction.broadcast_id)
    return before, after


def _change(broadcast: Broadcast, act: BroadcastAct, now: datetime, **changes: object) -> BroadcastChange:
    return BroadcastChange(broadcast, _next(broadcast, act, now, **changes))


def _next(broadcast: Broadcast, act: BroadcastAct, now: datetime, **changes: object) -> Broadcast:
    return _after(broadcast, act, version=broadcast.version + 1, changed_at=now, **changes)


def _after(broadcast: Broadcast, act: BroadcastAct, **changes: object) -> Broadcast:
    """The broadcast in the state that the table gives; raises BroadcastStateError where it gives none."""
    becomes = TRANSITIONS[broadcast.state].get(act)
    if becomes is None:
        raise BroadcastStateError(act, broadcast.state)
    after: Broadcast = replace(broadcast, state=becomes, **changes)  # type: ignore[arg-type]
    return after
