"""The table as the second reader sees it: one contact, its conversation, and one transaction for what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from contact_desk.alerts import Alert
from contact_desk.cases import CaseState
from contact_desk.clock import from_rfc3339
from contact_desk.contacts import Contact
from contact_desk.conversations import Conversation
from contact_desk.decisions import TriageDecision
from contact_desk.errors import StoreBusyError
from contact_desk.grades import Band, Grade
from contact_desk.second_reads import ContactPointer, SecondRead
from contact_desk.stores import keys
from contact_desk.stores.alert_store import alert_opened
from contact_desk.stores.decision_fields import reasons_field, reasons_from_field
from contact_desk.stores.dynamo import Table, Write, assignments
from contact_desk.stores.items import (
    contact_from_item,
    conversation_from_item,
    conversation_item,
    outbox_item,
    timeline_item,
)
from contact_desk.stores.tombstones import is_tombstone
from functions.triage.second_reads.raising import RaisedCase

CONTACT, ALERT = "contact", "alert"
ALERT_TRIES = 4


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """A contact on the desk with the first reader's decision; `read` says that the second reader is done with it."""

    contact: Contact
    first: TriageDecision
    case_id: str
    admitted_at: datetime
    read: bool


@dataclass(frozen=True, slots=True)
class Recorded:
    """The reading is kept, with all that it raises."""


@dataclass(frozen=True, slots=True)
class ReadBefore:
    """Another worker, or this one before its answer was lost, has kept a reading: nothing was written."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Somebody wrote to the conversation or its case since it was read: read it again and decide anew."""


RecordOutcome = Recorded | ReadBefore | Moved


class SecondReadStore(Protocol):
    """Where contacts are read and readings kept; every method raises StoreBusyError or StoreRefusedError."""

    def contact(self, pointer: ContactPointer) -> StoredDecision | None:
        """The contact or edit (a consistent read); None where there is none."""
        ...

    def conversation(self, key: str) -> Conversation | None:
        """The conversation as it stands now (a consistent read)."""
        ...

    def record(self, pointer: ContactPointer, read: SecondRead, raised: RaisedCase | None) -> RecordOutcome:
        """Keep the reading and all that it raises in one transaction, once for a contact."""
        ...


class DynamoSecondReads:
    """The second reader's side of the desk's table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def contact(self, pointer: ContactPointer) -> StoredDecision | None:
        """The contact or edit; None where there is none."""
        item = self._table.get(_key(pointer))
        if item is None or is_tombstone(item):
            return None
        return StoredDecision(
            contact=contact_from_item(item),
            first=_decision(item["decision"]),
            case_id=item["case_id"],
            admitted_at=from_rfc3339(item["admitted_at"]),
            read="second_read" in item,
        )

    def conversation(self, key: str) -> Conversation | None:
        """The conversation as it stands now."""
        item = self._table.get(keys.conversation(key))
        return conversation_from_item(item) if item else None

    def record(self, pointer: ContactPointer, read: SecondRead, raised: RaisedCase | None) -> RecordOutcome:
        """Keep the reading and all that it raises.

        - contact      there, and not read             else ReadBefore
        - conversation has the revision that was read  else Moved
        - case         there and not closed            else Moved
        - alert        opened, or standing open: the likelier is tried first, then the other
        """
        stands_open = False
        for _ in range(ALERT_TRIES):
            writes = self._writes(pointer, read, raised, alert_stands_open=stands_open)
            names = list(writes)
            refused = {names[position] for position in self._table.transact(list(writes.values()))}
            if not refused:
                return Recorded()
            if CONTACT in refused:
                return ReadBefore()
            if refused != {ALERT}:
                return Moved()
            stands_open = not stands_open
        raise StoreBusyError("the case's alert is opened and acknowledged faster than it can be written")

    def _writes(
        self,
        pointer: ContactPointer,
        read: SecondRead,
        raised: RaisedCase | None,
        *,
        alert_stands_open: bool,
    ) -> Mapping[str, Write]:
        table = self._table
        change, values = assignments({"second_read": _read_field(read), "second_read_due": None})
        writes = {
            CONTACT: table.update(
                _key(pointer),
                change,
                "attribute_exists(#pk) AND attribute_not_exists(#second_read)",
                **values,
            )
        }
        if raised is None:
            return writes
        case_id = raised.current.case_id
        writes["conversation"] = table.put(
            conversation_item(raised.after), "#revision = :read", read=raised.before.revision
        )
        writes["case"] = _case(table, raised, read.at)
        if raised.alert:
            writes[ALERT] = _alert(table, raised.alert, stands_open=alert_stands_open)
        for entry in raised.entries:
            writes[entry.name] = table.put(timeline_item(case_id, entry))
        for item in raised.outbox:
            writes[item.outbox_id] = table.put(outbox_item(item))
        return writes


def _key(pointer: ContactPointer) -> keys.Key:
    if pointer.event_id:
        return keys.contact_event(pointer.contact_key, pointer.event_id)
    return keys.contact(pointer.contact_key)


def _case(table: Table, raised: RaisedCase, at: datetime) -> Write:
    current = raised.current
    change, values = assignments(
        {
            "desk_pk": keys.queue_partition(current.grade),
            "desk_sk": keys.queue_position(current.band, current.answer_by, current.case_id),
            "state": current.state,
            "grade": current.grade,
            "band": current.band,
            "answer_by": current.answer_by,
            "significant": True,
            "changed": keys.changed_at(at),
            "markers": list(current.markers),
            **({"reasons": reasons_field(raised.reasons)} if raised.reasons is not None else {}),
        }
    )
    return table.update(
        keys.case(current.case_id),
        change,
        "attribute_exists(#pk) AND #state <> :closed",
        closed=CaseState.CLOSED,
        **values,
    )


def _alert(table: Table, alert: Alert, *, stands_open: bool) -> Write:
    """One write cannot both leave an open alert alone and open an acknowledged one again."""
    if stands_open:
        condition = "attribute_exists(#pk) AND attribute_not_exists(#acknowledged_at)"
        return table.check(keys.alert(alert.alert_id), condition)
    return alert_opened(table, alert)


def _read_field(read: SecondRead) -> dict[str, Any]:
    finding = read.finding
    return {
        "outcome": read.outcome,
        "at": read.at,
        "model": read.model,
        "prompt_version": read.prompt_version,
        "raised": read.raised,
        "output": read.output,
        "finding": (
            {
                "band": finding.band,
                "grade": finding.grade,
                "reason": finding.reason,
                "markers": list(finding.markers),
            }
            if finding
            else None
        ),
    }


def _decision(field: Mapping[str, Any]) -> TriageDecision:
    return TriageDecision(
        band=Band(field["band"]),
        grade=Grade(field["grade"]),
        category=field.get("category"),
        significant=field["significant"],
        reasons=reasons_from_field(field["reasons"]),
        rules_version=field["rules_version"],
        signpost=field.get("signpost"),
        markers=tuple(field["markers"]),
        language=field.get("language"),
    )
