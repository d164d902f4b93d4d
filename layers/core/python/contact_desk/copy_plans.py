"""The outbox items that start a broadcast's copies, and those that end them."""

from __future__ import annotations

from datetime import datetime

from contact_desk.broadcasts import Broadcast, CopyEnd
from contact_desk.copy_orders import CopyAct, CopyCause, CopyOrder
from contact_desk.force_file import ForceFile
from contact_desk.outbox import PUBLIC_FEED, OutboxItem, OutboxKind, Purpose, outbox_id


def feed_item(broadcast: Broadcast, now: datetime) -> OutboxItem:
    """Has the public feed show the broadcast as it stands at this version."""
    return OutboxItem(
        outbox_id=outbox_id(
            f"{broadcast.broadcast_id}#{broadcast.version}", OutboxKind.FEED, Purpose.BROADCAST
        ),
        kind=OutboxKind.FEED,
        purpose=Purpose.BROADCAST,
        channel=PUBLIC_FEED,
        account=PUBLIC_FEED,
        target=broadcast.broadcast_id,
        text="",
        urgent=True,
        created_at=now,
        due_at=now,
    )


def start_items(
    broadcast: Broadcast, corrected: Broadcast | None, force: ForceFile, now: datetime
) -> tuple[OutboxItem, ...]:
    """One item for each copy; where a channel cannot edit, first the one that deletes what is corrected.

    What was scheduled is due since its time: a desk whose table was restored tells by it what it may have done before.
    """
    since = min(now, broadcast.wording.starts_at or now)
    items: list[OutboxItem] = []
    for copy in broadcast.wording.copies:
        act, on, after = CopyAct.PUBLISH, None, None
        if corrected and corrected.wording.copy(copy.channel):
            act, on = force.broadcasts.channels[copy.channel].on_correction, corrected.outbox_id(copy.channel)
            if act is CopyAct.DELETE:
                gone = _end_item(
                    corrected,
                    copy.channel,
                    CopyEnd(act),
                    CopyCause.CORRECTED,
                    force=force,
                    now=now,
                    due_at=since,
                )
                items.append(gone)
                act, on, after = CopyAct.PUBLISH, None, gone.outbox_id
        order = CopyOrder(
            broadcast_id=broadcast.broadcast_id,
            act=act,
            cause=CopyCause.START,
            approved=broadcast.hash,
            start_by=broadcast.start_by,
            on=on,
            after=after,
            picture=copy.picture,
            alt=copy.alt,
        )
        items.append(_item(broadcast, copy.channel, copy.text, order, force=force, now=now, due_at=since))
    return tuple(items)


def end_items(
    broadcast: Broadcast, cause: CopyCause, force: ForceFile, now: datetime
) -> tuple[OutboxItem, ...]:
    """One item for each copy of a broadcast that expired or was cancelled; what expired is due since then."""
    expired_at = broadcast.wording.expires_at if cause is CopyCause.EXPIRED else None
    since = min(now, expired_at or now)
    return tuple(
        _end_item(
            broadcast,
            copy.channel,
            copy.expired if cause is CopyCause.EXPIRED else copy.cancelled,
            cause,
            force=force,
            now=now,
            due_at=since,
        )
        for copy in broadcast.wording.copies
    )


def _end_item(
    broadcast: Broadcast,
    channel: str,
    end: CopyEnd,
    cause: CopyCause,
    *,
    force: ForceFile,
    now: datetime,
    due_at: datetime,
) -> OutboxItem:
    order = CopyOrder(
        broadcast_id=broadcast.broadcast_id,
        act=end.act,
        cause=cause,
        approved=broadcast.hash,
        on=broadcast.outbox_id(channel),
    )
    return _item(broadcast, channel, end.text, order, force=force, now=now, due_at=due_at)


def _item(
    broadcast: Broadcast,
    channel: str,
    text: str,
    order: CopyOrder,
    *,
    force: ForceFile,
    now: datetime,
    due_at: datetime,
) -> OutboxItem:
    known = force.channels.get(channel)
    return OutboxItem(
        outbox_id=broadcast.outbox_id(channel, order.cause),
        kind=OutboxKind.COPY,
        purpose=Purpose.BROADCAST,
        channel=channel,
        account=known.account if known else channel,
        target=broadcast.broadcast_id,
        text=text,
        urgent=False,
        created_at=now,
        due_at=due_at,
        order=order,
    )
