"""A case file: the case and its timeline from one query, and all that the timeline points to from batch reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from contact_desk.attachments import ContactAttachments
from contact_desk.case_desk import CaseFile, Happening
from contact_desk.contacts import Contact
from contact_desk.decisions import Place
from contact_desk.outbox import OutboxItem
from contact_desk.stores import keys
from contact_desk.stores.attachment_store import attachments_from_item
from contact_desk.stores.decision_fields import places_from_field
from contact_desk.stores.dynamo import Table
from contact_desk.stores.items import (
    Plain,
    attribute,
    case_from_item,
    contact_from_item,
    conversation_from_item,
    outbox_from_item,
    timeline_from_item,
)
from contact_desk.stores.keys import Key
from contact_desk.timeline import TimelineEntry

Found = Mapping[tuple[str, str], Plain]


def case_file(table: Table, case_id: str) -> CaseFile | None:
    """The case with its conversation and all that happened (consistent reads); None where there is no such case."""
    items = list(
        table.query(
            KeyConditionExpression="pk = :case",
            ExpressionAttributeValues={":case": attribute(keys.case(case_id)["pk"])},
            ConsistentRead=True,
        )
    )
    case = next((case_from_item(item) for item in items if item["sk"] == keys.case(case_id)["sk"]), None)
    if case is None:
        return None
    entries = [timeline_from_item(item) for item in items if item["sk"].startswith(keys.TIMELINE_PREFIX)]
    conversation_key = keys.conversation(case.conversation_key)
    wanted = {_name(key): key for key in [conversation_key, *_pointed_to(entries)]}
    found = {_name(item): item for item in table.get_all(list(wanted.values()))}
    conversation = found.get(_name(conversation_key))
    return CaseFile(
        case=case,
        conversation=conversation_from_item(conversation) if conversation else None,
        timeline=tuple(_happening(entry, found) for entry in entries),
    )


def _pointed_to(entries: Iterable[TimelineEntry]) -> list[Key]:
    wanted = []
    for entry in entries:
        if entry.contact_key:
            wanted.append(keys.contact(entry.contact_key))
        if entry.contact_key and entry.event_id:
            wanted.append(keys.contact_event(entry.contact_key, entry.event_id))
        if entry.outbox_id:
            wanted.append(keys.outbox(entry.outbox_id))
        if entry.attachments_id:
            wanted.append(keys.attachments(entry.attachments_id))
    return wanted


def _happening(entry: TimelineEntry, found: Found) -> Happening:
    contact: Contact | None = None
    event: Contact | None = None
    outbox: OutboxItem | None = None
    attachments: ContactAttachments | None = None
    places: tuple[Place, ...] = ()
    if entry.contact_key and (item := found.get(_name(keys.contact(entry.contact_key)))):
        contact, places = contact_from_item(item), _places(item)
    if entry.contact_key and entry.event_id:
        key = keys.contact_event(entry.contact_key, entry.event_id)
        event = contact_from_item(found[_name(key)]) if _name(key) in found else None
        places = _places(found.get(_name(key), {}))
    if entry.outbox_id and (item := found.get(_name(keys.outbox(entry.outbox_id)))):
        outbox = outbox_from_item(item)
    if entry.attachments_id and (item := found.get(_name(keys.attachments(entry.attachments_id)))):
        attachments = attachments_from_item(item)
    return Happening(entry, contact, event, outbox, attachments, places)


def _places(item: Plain) -> tuple[Place, ...]:
    return places_from_field(item.get("decision", {}).get("places", []))


def _name(key: Mapping[str, str]) -> tuple[str, str]:
    return key["pk"], key["sk"]
