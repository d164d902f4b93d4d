"""Broadcasts and the switch of publishing in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from contact_desk.broadcast_desk import BroadcastChange, BroadcastPage, BroadcastQuery
from contact_desk.broadcast_life import next_due
from contact_desk.broadcasts import AnsweredWith, Broadcast, PublishingSwitch
from contact_desk.case_desk import ActRecord, AnsweredBefore, CommitOutcome, Committed, Moved
from contact_desk.copy_progress import item_ids
from contact_desk.outbox import OutboxItem
from contact_desk.stores.broadcast_store import page_of, still_shown
from contact_desk.timeline import TimelineEntry
from local.twins.desk_records import DeskRecords


class InMemoryBroadcasts:
    """Broadcasts over records in memory."""

    def __init__(self, records: DeskRecords) -> None:
        self._records = records

    def get(self, broadcast_id: str) -> Broadcast | None:
        """The broadcast as it stands now."""
        return self._records.broadcasts.get(broadcast_id)

    def page(self, query: BroadcastQuery) -> BroadcastPage:
        """A page of broadcasts, newest first."""
        with self._records.lock:
            known = sorted(self._records.broadcasts.items(), reverse=True)
        listed = [
            one
            for name, one in known
            if (not query.states or one.state in query.states)
            and (query.after is None or name < query.after.position)
        ]
        return page_of(listed[: query.limit + 1], query.limit)

    def shown(self, now: datetime) -> Sequence[Broadcast]:
        """All that the public feed must show, oldest first."""
        with self._records.lock:
            known = sorted(self._records.broadcasts.items())
        return [one for _, one in known if still_shown(one, now)]

    def copy_items(self, broadcasts: Sequence[Broadcast]) -> Mapping[str, OutboxItem]:
        """The outbox items that the copies of the broadcasts have so far, by their names."""
        with self._records.lock:
            names = [name for broadcast in broadcasts for name in item_ids(broadcast)]
            return {name: self._records.outbox[name] for name in names if name in self._records.outbox}

    def commit(self, change: BroadcastChange, record: ActRecord | None = None) -> CommitOutcome:
        """Write the change and the record of the act at once, while what was read still holds."""
        records = self._records
        with records.lock:
            request = record.request if record else None
            if request and (answered := records.answered(request.operator, request.key, request.answered_at)):
                return AnsweredBefore(answered)
            pairs = [(change.before, change.after), *([change.corrected] if change.corrected else [])]
            items = [*change.outbox, *([change.announcement] if change.announcement else [])]
            for before, after in pairs:
                stored = records.broadcasts.get(after.broadcast_id)
                if (stored and stored.version) != (before and before.version):
                    return Moved()
            if any(item.outbox_id in records.outbox for item in items):
                return Moved()
            if change.alert and records.stands_open(change.alert.alert_id):
                return Moved()
            if change.while_publishing and not records.switch.on:
                return Moved()
            records.broadcasts |= {after.broadcast_id: after for _, after in pairs}
            records.outbox |= {item.outbox_id: item for item in items}
            if change.alert:
                records.alerts[change.alert.alert_id] = change.alert
            if record:
                records.keep(record)
            return Committed()

    def due(self, before: datetime, limit: int) -> Sequence[str]:
        """Names of broadcasts for which the clock has something to do before the moment, oldest first."""
        with self._records.lock:
            known = [(next_due(one), name) for name, one in self._records.broadcasts.items()]
        due = sorted((at, name) for at, name in known if at and at < before)
        return [name for _, name in due[:limit]]

    def answered_with(self, broadcast_id: str) -> Sequence[AnsweredWith]:
        """The answers to people that carried the broadcast's link, oldest first."""
        with self._records.lock:
            found = [one for one in self._records.answered_with if one.broadcast_id == broadcast_id]
        return sorted(found, key=lambda one: (one.answered_at, one.outbox_id))

    def tell(self, case_id: str, entry: TimelineEntry, item: OutboxItem) -> bool:
        """Record a text to a person about a broadcast, with its entry on their case; False where it is there."""
        with self._records.lock:
            if item.outbox_id in self._records.outbox:
                return False
            self._records.outbox[item.outbox_id] = item
            self._records.add_entry(case_id, entry)
            return True

    def keep_picture(self, sha256: str, content: bytes) -> None:
        """Keep a picture's bytes under their hash."""
        self._records.pictures[sha256] = content

    def picture(self, sha256: str) -> bytes | None:
        """A picture's bytes."""
        return self._records.pictures.get(sha256)


class InMemorySwitch:
    """The switch of publishing over records in memory."""

    def __init__(self, records: DeskRecords) -> None:
        self._records = records

    def get(self) -> PublishingSwitch:
        """The switch as it stands now."""
        return self._records.switch

    def turn(self, before: PublishingSwitch, after: PublishingSwitch, record: ActRecord) -> CommitOutcome:
        """Turn it, with the record of the act, while it still has the version of `before`."""
        records, request = self._records, record.request
        with records.lock:
            if answered := records.answered(request.operator, request.key, request.answered_at):
                return AnsweredBefore(answered)
            if records.switch.version != before.version:
                return Moved()
            records.switch = after
            records.keep(record)
            return Committed()
