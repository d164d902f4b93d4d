"""Broadcasts and the switch of publishing in the desk's table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice

from contact_desk.broadcast_desk import BroadcastChange, BroadcastPage, BroadcastQuery
from contact_desk.broadcasts import (
    ENDED,
    ON_AIR,
    SHOWN_AFTER_END,
    AnsweredWith,
    Broadcast,
    PublishingSwitch,
)
from contact_desk.case_desk import (
    ActRecord,
    AnsweredBefore,
    CommitOutcome,
    Committed,
    Moved,
    QueuePlace,
)
from contact_desk.clock import to_rfc3339
from contact_desk.copy_progress import item_ids
from contact_desk.outbox import OutboxItem
from contact_desk.stores import keys
from contact_desk.stores.act_records import answered_before, record_writes
from contact_desk.stores.alert_store import alert_opened
from contact_desk.stores.broadcast_items import (
    answered_with_from_item,
    answered_with_item,
    broadcast_from_item,
    broadcast_item,
    shown_item,
    switch_from_item,
    switch_item,
)
from contact_desk.stores.dynamo import Table, Write, expressions
from contact_desk.stores.items import attribute, outbox_from_item, outbox_item, timeline_item
from contact_desk.timeline import TimelineEntry

REQUEST = 1
"""Where an act's transaction puts its request."""


class DynamoBroadcasts:
    """Broadcasts over the desk's table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, broadcast_id: str) -> Broadcast | None:
        """The broadcast as it stands now."""
        fields = self._table.get(keys.broadcast(broadcast_id))
        return broadcast_from_item(fields) if fields else None

    def page(self, query: BroadcastQuery) -> BroadcastPage:
        """A page of broadcasts, newest first."""
        wanted = "#desk_pk = :partition" + (" AND #desk_sk < :position" if query.after else "")
        states = sorted(query.states)
        names = [f":state{number}" for number in range(len(states))]
        kept = f"#state IN ({', '.join(names)})" if states else ""
        filled = expressions(
            "",
            f"{wanted} {kept}",
            {
                "partition": keys.BROADCASTS,
                "position": query.after.position if query.after else None,
                **{name[1:]: state for name, state in zip(names, states, strict=True)},
            },
        )
        found = self._table.query(
            IndexName=keys.DESK_INDEX,
            KeyConditionExpression=wanted,
            ScanIndexForward=False,
            ExpressionAttributeNames=filled["ExpressionAttributeNames"],
            ExpressionAttributeValues=filled["ExpressionAttributeValues"],
            **({"FilterExpression": kept} if kept else {"Limit": query.limit + 1}),
        )
        listed = [broadcast_from_item(fields) for fields in islice(found, query.limit + 1)]
        return page_of(listed, query.limit)

    def shown(self, now: datetime) -> Sequence[Broadcast]:
        """All that the public feed must show, oldest first (consistent reads)."""
        pointers = self._table.query(
            KeyConditionExpression="pk = :shown",
            ExpressionAttributeValues={":shown": attribute(keys.SHOWN)},
            ConsistentRead=True,
        )
        wanted = [keys.broadcast(pointer["broadcast_id"]) for pointer in pointers]
        found = map(broadcast_from_item, self._table.get_all(wanted))
        return sorted((one for one in found if still_shown(one, now)), key=lambda one: one.broadcast_id)

    def copy_items(self, broadcasts: Sequence[Broadcast]) -> Mapping[str, OutboxItem]:
        """The outbox items that the copies of the broadcasts have so far, by their names (consistent reads)."""
        wanted = [keys.outbox(name) for broadcast in broadcasts for name in item_ids(broadcast)]
        items = map(outbox_from_item, self._table.get_all(wanted))
        return {item.outbox_id: item for item in items}

    def commit(self, change: BroadcastChange, record: ActRecord | None = None) -> CommitOutcome:
        """Write the change, and the record of the act if a person did it, in one transaction.

        - each broadcast has the version that was read, a new one is not there: else Moved
        - the request's key was not answered in the last 24 hours: else AnsweredBefore, whatever else is so
        - none of the outbox items is there, the alert does not stand open, the switch is as asked: else Moved
        """
        table = self._table
        pairs = [(change.before, change.after), *([change.corrected] if change.corrected else [])]
        first, *others = [self._write(before, after) for before, after in pairs]
        writes = [first, *(record_writes(table, record) if record else []), *others]
        writes += [table.put(item) for _, after in pairs if (item := shown_item(after))]
        items = [*change.outbox, *([change.announcement] if change.announcement else [])]
        writes += [table.put(outbox_item(item), "attribute_not_exists(#pk)") for item in items]
        if change.alert:
            writes.append(alert_opened(table, change.alert))
        if change.while_publishing:
            writes.append(table.check(keys.publishing(), "attribute_not_exists(#pk) OR #on = :on", on=True))
        refused = table.transact(writes)
        if record and REQUEST in refused:
            return AnsweredBefore(answered_before(refused[REQUEST]))
        return Moved() if refused else Committed()

    def due(self, before: datetime, limit: int) -> Sequence[str]:
        """Names of broadcasts for which the clock has something to do before the moment, oldest first."""
        found = self._table.query(
            IndexName=keys.DUE_INDEX,
            KeyConditionExpression="due_pk = :broadcasts AND due_sk < :before",
            ExpressionAttributeValues={
                ":broadcasts": attribute(keys.BROADCASTS),
                ":before": attribute(to_rfc3339(before)),
            },
            Limit=limit,
        )
        return [keys.broadcast_of_due_index(one["due_sk"]) for one in islice(found, limit)]

    def answered_with(self, broadcast_id: str) -> Sequence[AnsweredWith]:
        """The answers to people that carried the broadcast's link, oldest first."""
        found = self._table.query(
            KeyConditionExpression="pk = :broadcast AND begins_with(sk, :answered)",
            ExpressionAttributeValues={
                ":broadcast": attribute(keys.broadcast(broadcast_id)["pk"]),
                ":answered": attribute(keys.ANSWERED_PREFIX),
            },
            ConsistentRead=True,
        )
        return sorted(map(answered_with_from_item, found), key=lambda one: (one.answered_at, one.outbox_id))

    def tell(self, case_id: str, entry: TimelineEntry, item: OutboxItem) -> bool:
        """Record a text to a person about a broadcast, with its entry on their case; False where it is there."""
        table = self._table
        written = table.put(outbox_item(item), "attribute_not_exists(#pk)")
        return not table.transact([written, table.put(timeline_item(case_id, entry))])

    def keep_picture(self, sha256: str, content: bytes) -> None:
        """Keep a picture's bytes under their hash."""
        self._table.attempt(self._table.put({**keys.picture(sha256), "content": content}))

    def picture(self, sha256: str) -> bytes | None:
        """A picture's bytes."""
        fields = self._table.get(keys.picture(sha256))
        return bytes(fields["content"]) if fields else None

    def _write(self, before: Broadcast | None, after: Broadcast) -> Write:
        if before is None:
            return self._table.put(broadcast_item(after), "attribute_not_exists(#pk)")
        return self._table.put(broadcast_item(after), "#version = :read_version", read_version=before.version)


class DynamoSwitch:
    """The switch of publishing over the desk's table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self) -> PublishingSwitch:
        """The switch as it stands now."""
        fields = self._table.get(keys.publishing())
        return switch_from_item(fields) if fields else PublishingSwitch()

    def turn(self, before: PublishingSwitch, after: PublishingSwitch, record: ActRecord) -> CommitOutcome:
        """Turn it, with the record of the act, while it still has the version of `before`."""
        condition = "#version = :read_version" if before.version else "attribute_not_exists(#pk)"
        turned = self._table.put(switch_item(after), condition, read_version=before.version)
        refused = self._table.transact([turned, *record_writes(self._table, record)])
        if REQUEST in refused:
            return AnsweredBefore(answered_before(refused[REQUEST]))
        return Moved() if refused else Committed()


def answered_with_writes(table: Table, answered: AnsweredWith) -> list[Write]:
    """Remembers an answer that carries the link, while the broadcast is on air: nobody is told what is over."""
    live, publishing = sorted(ON_AIR)
    return [
        table.check(
            keys.broadcast(answered.broadcast_id),
            "#state = :publishing OR #state = :live",
            publishing=publishing,
            live=live,
        ),
        table.put(answered_with_item(answered)),
    ]


def page_of(listed: Sequence[Broadcast], limit: int) -> BroadcastPage:
    """The page of a list that was read one further than the page goes."""
    if len(listed) <= limit:
        return BroadcastPage(tuple(listed))
    return BroadcastPage(tuple(listed[:limit]), QueuePlace(keys.BROADCASTS, listed[limit - 1].broadcast_id))


def still_shown(broadcast: Broadcast, now: datetime) -> bool:
    """Whether the feed shows it: it is on air, or it was and has not been over for 30 days."""
    if broadcast.state not in ENDED:
        return broadcast.on_air
    over = broadcast.ended_at is not None and broadcast.ended_at + SHOWN_AFTER_END <= now
    return broadcast.published_at is not None and not over
