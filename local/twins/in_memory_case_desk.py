"""The desk as operators see it, in memory."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from contact_desk.broadcasts import AnsweredWith
from contact_desk.case_desk import (
    ActRecord,
    AnsweredBefore,
    AnsweredRequest,
    AuditEntry,
    CaseChange,
    CaseFile,
    CasePage,
    CaseQuery,
    CommitOutcome,
    Committed,
    Happening,
    Moved,
)
from contact_desk.cases import Case, CaseState
from contact_desk.conversations import Conversation
from contact_desk.stores.case_lists import partitions_listed, place_of
from contact_desk.timeline import TimelineEntry
from local.twins.desk_records import DeskRecords


class InMemoryCaseDesk:
    """The operators' side of records in memory."""

    def __init__(self, records: DeskRecords) -> None:
        self._records = records

    def cases(self, query: CaseQuery) -> CasePage:
        """A page of cases, most urgent first."""
        with self._records.lock:
            cases = list(self._records.cases.values())
        found = []
        for partition in partitions_listed(query):
            shown = [case for case in cases if place_of(case).partition == partition and _kept(case, query)]
            shown.sort(key=lambda case: place_of(case).position, reverse=query.states == {CaseState.CLOSED})
            found += shown
        if len(found) <= query.limit:
            return CasePage(tuple(found))
        return CasePage(tuple(found[: query.limit]), place_of(found[query.limit - 1]))

    def case(self, case_id: str) -> Case | None:
        """The case as it stands now."""
        with self._records.lock:
            return self._records.cases.get(case_id)

    def conversation(self, key: str) -> Conversation | None:
        """The conversation as it stands now."""
        with self._records.lock:
            return self._records.conversations.get(key)

    def case_file(self, case_id: str) -> CaseFile | None:
        """The case with its timeline and all that the timeline points to."""
        with self._records.lock:
            case = self._records.cases.get(case_id)
            if case is None:
                return None
            timeline = self._records.timelines[case_id]
            happenings = tuple(self._happening(timeline[name]) for name in sorted(timeline))
            return CaseFile(case, self._records.conversations.get(case.conversation_key), happenings)

    def _happening(self, entry: TimelineEntry) -> Happening:
        contact = self._records.contacts.get(entry.contact_key or "")
        event = self._records.events.get((entry.contact_key or "", entry.event_id or ""))
        read = event if entry.event_id else contact
        return Happening(
            entry,
            contact.contact if contact else None,
            event.contact if event else None,
            self._records.outbox.get(entry.outbox_id or ""),
            self._records.attachments.get(entry.attachments_id or ""),
            read.decision.places if read else (),
        )

    def versions(self, case_id: str) -> tuple[str, ...]:
        """The versions of rules and models that decided on the case's contacts, each once."""
        with self._records.lock:
            records, told = self._records, self._records.timelines[case_id].values()
            stored = [records.contacts.get(entry.contact_key or "") for entry in told]
            stored += [records.events.get((entry.contact_key or "", entry.event_id or "")) for entry in told]
            decided = sorted(one.decision.rules_version for one in stored if one)
            return tuple(dict.fromkeys(decided))

    def commit(self, change: CaseChange, record: ActRecord) -> CommitOutcome:
        """Write the change and the record of the act at once, while what was read still holds."""
        records, before, after = self._records, change.before, change.after
        with records.lock:
            request = record.request
            if answered := records.answered(request.operator, request.key, request.answered_at):
                return AnsweredBefore(answered)
            stored = records.cases.get(before.case_id)
            if stored is None or _as_read(stored) != _as_read(before):
                return Moved()
            opened_before = change.alert and records.stands_open(change.alert.alert_id)
            if opened_before or not self._on_air(change.answered_with):
                return Moved()
            if change.conversation_before and change.conversation_after:
                key = change.conversation_before.key
                if records.conversations[key].revision != change.conversation_before.revision:
                    return Moved()
                records.conversations[key] = change.conversation_after
            records.answered_with += change.answered_with
            records.cases[after.case_id] = after
            for entry in change.entries:
                records.add_entry(after.case_id, entry)
            if change.alert:
                records.alerts[change.alert.alert_id] = change.alert
            for item in filter(None, (change.outbox, change.announcement)):
                records.outbox[item.outbox_id] = item
            if change.override:
                records.overrides[change.override.override_id] = change.override
            records.keep(record)
            return Committed()

    def _on_air(self, answered_with: Iterable[AnsweredWith]) -> bool:
        known = [self._records.broadcasts.get(one.broadcast_id) for one in answered_with]
        return all(one is not None and one.on_air for one in known)

    def answered(self, operator: str, key: str, now: datetime) -> AnsweredRequest | None:
        """The answer that this operator's key was given in the last 24 hours."""
        with self._records.lock:
            return self._records.answered(operator, key, now)

    def note(self, entry: AuditEntry) -> None:
        """Keep an audit entry of something that changed nothing."""
        with self._records.lock:
            self._records.audit[entry.subject].append(entry)


def _as_read(case: Case) -> tuple[object, ...]:
    return case.version, case.state, case.claim, case.last_contact


def _kept(case: Case, query: CaseQuery) -> bool:
    held = case.claim if case.claim and case.claim.live(query.now) else None
    after = query.after if query.after and query.after.partition == place_of(case).partition else None
    beyond = after is None or (
        place_of(case).position < after.position
        if case.state is CaseState.CLOSED
        else place_of(case).position > after.position
    )
    return (
        beyond
        and case.state in query.states
        and query.grade in {None, case.grade}
        and (query.holder is None or (held is not None and query.holder in {held.holder, held.name}))
        and not (query.unheld and held)
        and (query.viewer is None or case.seen_by(query.viewer))
    )
