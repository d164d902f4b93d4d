"""The desk as operators see it, over its one table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

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
    Moved,
)
from contact_desk.cases import Case
from contact_desk.conversations import Conversation
from contact_desk.stores import keys
from contact_desk.stores.act_records import answered_before, answered_request, audit_item, record_writes
from contact_desk.stores.alert_store import alert_opened
from contact_desk.stores.broadcast_store import answered_with_writes
from contact_desk.stores.case_files import case_file
from contact_desk.stores.case_lists import listing, partitions_listed, place_of
from contact_desk.stores.dynamo import Table, Write, assignments
from contact_desk.stores.items import (
    Plain,
    case_from_item,
    case_item,
    conversation_from_item,
    conversation_item,
    outbox_item,
    timeline_item,
)
from contact_desk.stores.override_log import override_item, recorded_contacts, versions_in

REQUEST = 1
"""Where an act's transaction puts its request."""


class DynamoCaseDesk:
    """The operators' side of the desk's table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def cases(self, query: CaseQuery) -> CasePage:
        """A page of cases, most urgent first: one index partition after the other, each in its own order."""
        found: list[Case] = []
        for partition in partitions_listed(query):
            wanted = query.limit + 1 - len(found)
            found += islice(self._partition(query, partition), wanted)
            if len(found) > query.limit:
                shown = tuple(found[: query.limit])
                return CasePage(shown, place_of(shown[-1]))
        return CasePage(tuple(found))

    def _partition(self, query: CaseQuery, partition: str) -> Iterator[Case]:
        found = map(case_from_item, self._table.query(**listing(query, partition)))
        return (case for case in found if query.viewer is None or case.seen_by(query.viewer))

    def case(self, case_id: str) -> Case | None:
        """The case as it stands now."""
        item = self._table.get(keys.case(case_id))
        return case_from_item(item) if item else None

    def conversation(self, key: str) -> Conversation | None:
        """The conversation as it stands now."""
        item = self._table.get(keys.conversation(key))
        return conversation_from_item(item) if item else None

    def case_file(self, case_id: str) -> CaseFile | None:
        """The case with its timeline and all that the timeline points to."""
        return case_file(self._table, case_id)

    def versions(self, case_id: str) -> tuple[str, ...]:
        """The versions of rules and models that decided on the case's contacts, each once."""
        return versions_in(recorded_contacts(self._table, case_id))

    def commit(self, change: CaseChange, record: ActRecord) -> CommitOutcome:
        """Write the change and the record of the act in one transaction, while what was read still holds.

        - the case has the version, state, claim and newest contact that were read: else Moved
        - the request's key was not answered in the last 24 hours: else AnsweredBefore, whatever else is so
        - the conversation, where it is written, has the revision that was read: else Moved
        - the alert, where one is opened, does not stand open: else Moved
        - the broadcasts whose link is sent are on air: else Moved
        """
        table = self._table
        writes = [_case_write(table, change, record.audit.at), *record_writes(table, record)]
        writes += [table.put(timeline_item(change.after.case_id, entry)) for entry in change.entries]
        writes += [table.put(outbox_item(item)) for item in (change.outbox, change.announcement) if item]
        if change.alert:
            writes.append(alert_opened(table, change.alert))
        if change.override:
            writes.append(table.put(override_item(change.override)))
        if change.conversation_before and change.conversation_after:
            writes.append(_conversation_write(table, change.conversation_before, change.conversation_after))
        for one in change.answered_with:
            writes += answered_with_writes(table, one)
        refused = table.transact(writes)
        if REQUEST in refused:
            return AnsweredBefore(answered_before(refused[REQUEST]))
        return Moved() if refused else Committed()

    def answered(self, operator: str, key: str, now: datetime) -> AnsweredRequest | None:
        """The answer that this operator's key was given in the last 24 hours."""
        return answered_request(self._table, operator, key, now)

    def note(self, entry: AuditEntry) -> None:
        """Keep an audit entry of something that changed nothing."""
        self._table.attempt(self._table.put(audit_item(entry)))


def _case_write(table: Table, change: CaseChange, at: datetime) -> Write:
    """The case's changed fields; the condition alone where nothing changes, as in a lease renewed at once."""
    before = change.before
    as_read = "#version = :read_version AND #state = :read_state AND #last_contact = :read_last_contact"
    claim_as_read = "#claim = :read_claim" if before.claim else "attribute_not_exists(#claim)"
    condition = f"{as_read} AND {claim_as_read}"
    read = {
        "read_version": before.version,
        "read_state": before.state,
        "read_last_contact": before.last_contact,
        "read_claim": case_item(before)["claim"],
    }
    changes = changed_fields(case_item(before), case_item(change.after))
    if not changes:
        return table.check(keys.case(before.case_id), condition, **read)
    expression, values = assignments({**changes, "changed": keys.changed_at(at)})
    return table.update(keys.case(before.case_id), expression, condition, **values, **read)


def _conversation_write(table: Table, before: Conversation, after: Conversation) -> Write:
    expression, values = assignments(changed_fields(conversation_item(before), conversation_item(after)))
    return table.update(
        keys.conversation(before.key),
        expression,
        "#revision = :read_revision",
        **values,
        read_revision=before.revision,
    )


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> Plain:
    """The fields that differ, as they are to be; None for those that are to go. What the desk does not know stays."""
    names = sorted(before.keys() | after.keys())
    return {name: after.get(name) for name in names if before.get(name) != after.get(name)}
