"""Every kind of item that the desk keeps in its table, with its fields: made by the code that writes it.

Each is written from a record with everything in it, so a field that somebody adds to a record or to its item is here by
itself. Where a store writes an item within a method, the method is called, on a table that only takes down what it is
asked to write.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from cli.data_map.filled import MOMENT, filled
from contact_desk.alerts import Alert
from contact_desk.attachments import ContactAttachments
from contact_desk.audit_disposals import AuditDisposal
from contact_desk.broadcasts import AnsweredWith, Broadcast, PublishingSwitch
from contact_desk.case_desk import AnsweredRequest, AuditEntry
from contact_desk.cases import Case
from contact_desk.contacts import Act, Contact
from contact_desk.conversations import Conversation
from contact_desk.copy_orders import CopyOrder
from contact_desk.data_deletions import DeletionRequest
from contact_desk.intake import Admission
from contact_desk.numbers.counting import HourTotal
from contact_desk.numbers.surveys import Survey
from contact_desk.outbox import OutboxItem, OutboxKind, OutboxState, Purpose
from contact_desk.overrides import Override
from contact_desk.repairs import QuarantinedMessage
from contact_desk.retention import Decision, DisposalRecord, LegalHold
from contact_desk.stores import keys
from contact_desk.stores.act_records import audit_item, request_item
from contact_desk.stores.attachment_store import attachments_item
from contact_desk.stores.audit_disposals import audit_disposal_item
from contact_desk.stores.broadcast_items import answered_with_item, broadcast_item, shown_item, switch_item
from contact_desk.stores.broadcast_store import DynamoBroadcasts
from contact_desk.stores.channel_log import DynamoChannelLog, canary_item
from contact_desk.stores.deletion_requests import deletion_item
from contact_desk.stores.dynamo import Table
from contact_desk.stores.hour_totals import DynamoHourTotals, total_item
from contact_desk.stores.intake import receipt_item, subject_item
from contact_desk.stores.items import (
    Plain,
    alert_item,
    case_item,
    contact_item,
    conversation_item,
    outbox_item,
    timeline_item,
    unmarshal,
)
from contact_desk.stores.outbox_store import DynamoOutboxStore
from contact_desk.stores.override_log import override_item
from contact_desk.stores.record_items import decision_item, disposal_item, hold_item, restriction_item
from contact_desk.stores.records import DynamoRecords
from contact_desk.stores.repairs import DynamoRepairs
from contact_desk.stores.survey_items import survey_item
from contact_desk.stores.tombstones import BLANKED_AT, tombstone
from contact_desk.timeline import TimelineEntry
from functions.notify.pace_store import DynamoPaces
from functions.notify.paces import Pace
from functions.triage.second_reads.allowance import DynamoAllowance

PLACES = frozenset({"pk", "sk", "desk_pk", "desk_sk", "due_pk", "due_sk", "hour", "changed"})
"""Where an item stands, and not what it says."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of item: its name, its keys as patterns, the indexes that show it, whether it expires, its fields."""

    name: str
    pk: str
    sk: str
    indexes: tuple[str, ...]
    expires: bool
    fields: tuple[str, ...]


@dataclass(slots=True)
class Writings:
    """Stands for DynamoDB's client: it takes down what it is asked to write, and answers as if it were done."""

    items: list[Plain] = field(default_factory=list)

    def put_item(self, *, Item: Mapping[str, Any], **_: Any) -> dict[str, Any]:  # noqa: N803 - the SDK's own name
        """Take down an item."""
        self.items.append(unmarshal(Item))
        return {}

    def update_item(
        self,
        *,
        Key: Mapping[str, Any],  # noqa: N803
        UpdateExpression: str,  # noqa: N803
        **_: Any,
    ) -> dict[str, Any]:
        """Take down the fields that an update sets."""
        named = re.findall(r"(?:SET|ADD|,)\s+#(\w+)", UpdateExpression)
        self.items.append({**unmarshal(Key), **dict.fromkeys(named, "0")})
        return {"Attributes": {"failures": {"N": "99"}}}

    def query(self, **_: Any) -> dict[str, Any]:
        """Nothing is there."""
        return {"Items": []}

    def delete_item(self, **_: Any) -> dict[str, Any]:
        """Nothing is written by that."""
        return {}

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        """Take down every part."""
        for part in TransactItems:
            ((act, arguments),) = part.items()
            if act in {"Put", "Update"}:
                (self.put_item if act == "Put" else self.update_item)(**arguments)
        return {}


def written(write: Callable[[Table], object]) -> list[Plain]:
    """What a store writes when it is asked to."""
    client = Writings()
    write(Table(cast("Any", client), "desk"))
    return client.items


def kinds() -> list[Kind]:
    """Every kind of item, by name."""
    made: dict[str, list[Plain]] = {}
    for name, items in _made().items():
        made.setdefault(name, []).extend(items)
    return [_kind(name, items) for name, items in sorted(made.items())]


def fields_of(items: list[Plain]) -> tuple[str, ...]:
    """The fields of items of one kind, in the order in which they are written."""
    return tuple(dict.fromkeys(name for item in items for name in item if name not in PLACES))


def _kind(name: str, items: list[Plain]) -> Kind:
    shown = {name for item in items for name in item}
    indexes = {"desk_pk": "desk", "due_pk": "due", "hour": "hours"}
    return Kind(
        name=name,
        pk=re.sub(r"#.*", "#…", items[0]["pk"]),
        sk=items[0]["sk"].partition("#")[0],
        indexes=tuple(index for place, index in indexes.items() if place in shown),
        expires="expires_at" in shown,
        fields=fields_of(items),
    )


def _made() -> dict[str, list[Plain]]:
    admission = filled(Admission, contact=filled(Contact, act=Act.CREATED, event_id=None))
    deleted = replace(admission, contact=filled(Contact, act=Act.DELETED))
    announced = filled(OutboxItem, kind=OutboxKind.OPERATOR_ALERT, state=OutboxState.PENDING)
    copied = filled(OutboxItem, order=filled(CopyOrder), purpose=Purpose.ACKNOWLEDGEMENT)
    audit, hold = filled(AuditEntry), filled(LegalHold)
    kept = _of_records(audit)
    return {
        "contact": [contact_item(admission), *_read_again(keys.contact("0"))],
        "contact event": [contact_item(deleted)],
        "tombstone": [tombstone(keys.contact("0"), MOMENT)],
        "conversation": [conversation_item(filled(Conversation))],
        "case": [case_item(filled(Case)), *kept],
        "timeline": [timeline_item("0", filled(TimelineEntry))],
        "outbox": [outbox_item(announced), outbox_item(copied)],
        "echo": written(lambda table: DynamoOutboxStore(table).expect_echo(announced, now=MOMENT)),
        "pace": written(lambda table: DynamoPaces(table).put(filled(Pace), was=0)),
        "alert": [alert_item(filled(Alert, acknowledged_at=None)), alert_item(filled(Alert))],
        "attachments": [attachments_item(filled(ContactAttachments))],
        "receipt": [receipt_item("0", MOMENT)],
        "request": [request_item(filled(AnsweredRequest))],
        "audit": [audit_item(audit), {**audit_item(audit), "expires_at": 0}],
        "audit disposal": [audit_disposal_item(filled(AuditDisposal))],
        "override": [override_item(filled(Override))],
        "quarantine": written(lambda table: DynamoRepairs(table).quarantine(filled(QuarantinedMessage)))
        + written(lambda table: DynamoRepairs(table).release(filled(QuarantinedMessage))),
        "channel": written(lambda table: DynamoChannelLog(table).heard("0", "0", MOMENT)),
        "canary": [canary_item(filled(Contact, act=Act.CREATED), MOMENT)],
        "broadcast": [broadcast_item(filled(Broadcast))],
        "answered with a broadcast": [answered_with_item(filled(AnsweredWith))],
        "shown": [{**(shown_item(filled(Broadcast)) or {}), "expires_at": 0}],
        "picture": written(lambda table: DynamoBroadcasts(table).keep_picture("0", b"0")),
        "publishing": [switch_item(filled(PublishingSwitch))],
        "second reader's allowance": written(_allowance),
        "hold": [hold_item(hold)],
        "retention decision": [decision_item("0", filled(Decision))],
        "disposal": [disposal_item(filled(DisposalRecord))],
        "subject": [subject_item("0", "0")],
        "restriction": [restriction_item("0", "0", ("0",))],
        "deletion request": [
            deletion_item(filled(DeletionRequest, settled_at=None)),
            {"expires_at": 0, "settled_at": 0, **keys.deletion("0")},
        ],
        "survey": [survey_item(filled(Survey))],
        "total": [total_item(filled(HourTotal))],
        "kept figures": [{**keys.kept_figures("0"), "hour": "0", "figures": 0}],
        "counted": written(lambda table: DynamoHourTotals(table).note_counted_until(MOMENT)),
    }


def _of_records(audit: AuditEntry) -> list[Plain]:
    """What disposal and a person's decision write on a case."""
    items = written(lambda table: DynamoRecords(table).begin("0", MOMENT))
    items += written(lambda table: DynamoRecords(table).decide("0", filled(Decision, until=None), audit))
    return [item for item in items if item["pk"] == keys.case("0")["pk"]]


def _allowance(table: Table) -> None:
    allowance = DynamoAllowance(table, 1)
    allowance.enter(MOMENT)
    allowance.failed(MOMENT)


def _read_again(key: keys.Key) -> list[Plain]:
    """What a second reading, and its writer's taking it back, leave on a contact."""
    return [{**key, "second_read": 0, BLANKED_AT: 0}]
