"""Overrides in the desk's table, and the decisions that they speak of, as they were recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from contact_desk.clock import from_rfc3339, to_rfc3339
from contact_desk.contacts import Contact
from contact_desk.grades import Band, Grade
from contact_desk.overrides import OverriddenField, Override
from contact_desk.stores import keys
from contact_desk.stores.decision_fields import reasons_from_field
from contact_desk.stores.dynamo import Table
from contact_desk.stores.items import Plain, contact_from_item


@dataclass(frozen=True, slots=True)
class RecordedContact:
    """A contact, or an edit of one, with what was decided about it; `second_reader` is what read it again, if so."""

    contact: Contact
    band: Band
    grade: Grade
    category: str | None
    rules: tuple[str, ...]
    rules_version: str
    language: str | None
    admitted_at: datetime
    second_reader: str | None


def override_item(override: Override) -> Plain:
    """An override as an item: it is never changed and never expires."""
    return {
        **keys.override(override.at, override.override_id),
        "override_id": override.override_id,
        "at": override.at,
        "case_id": override.case_id,
        "by": override.by,
        "field": override.field,
        "before": override.before,
        "after": override.after,
        "band": override.band,
        "why": override.why,
        "versions": list(override.versions),
    }


def override_from_item(fields: Plain) -> Override:
    """The override of an item."""
    return Override(
        override_id=fields["override_id"],
        at=from_rfc3339(fields["at"]),
        case_id=fields["case_id"],
        by=fields["by"],
        field=OverriddenField(fields["field"]),
        before=fields["before"],
        after=fields["after"],
        band=Band(fields["band"]),
        why=fields["why"],
        versions=tuple(fields["versions"]),
    )


def overrides_between(table: Table, first: datetime, last: datetime) -> Iterator[Override]:
    """The overrides from the first moment up to the last, oldest first."""
    for partition in _months(first, last):
        found = table.query(
            KeyConditionExpression="pk = :month AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues={
                ":month": {"S": partition},
                ":first": {"S": to_rfc3339(first)},
                ":last": {"S": f"{to_rfc3339(last)}~"},
            },
        )
        yield from map(override_from_item, found)


def recorded_contacts(table: Table, case_id: str) -> list[RecordedContact]:
    """The case's contacts and edits with their decisions, in the order in which they came to the desk."""
    entries = table.query(
        KeyConditionExpression="pk = :case AND begins_with(sk, :timeline)",
        ExpressionAttributeValues={
            ":case": {"S": keys.case(case_id)["pk"]},
            ":timeline": {"S": keys.TIMELINE_PREFIX},
        },
        ConsistentRead=True,
    )
    wanted = [
        keys.contact_event(entry["contact_key"], entry["event_id"])
        if entry.get("event_id")
        else keys.contact(entry["contact_key"])
        for entry in entries
        if entry.get("contact_key")
    ]
    once = {(key["pk"], key["sk"]): key for key in wanted}
    found = [_recorded(item) for item in table.get_all(list(once.values())) if "decision" in item]
    return sorted(found, key=lambda one: one.admitted_at)


def versions_in(contacts: Iterable[RecordedContact]) -> tuple[str, ...]:
    """The versions of rules, models and prompts that decided, each once."""
    named = [version for one in contacts for version in (one.rules_version, one.second_reader) if version]
    return tuple(dict.fromkeys(sorted(named)))


def _recorded(item: Plain) -> RecordedContact:
    decision, read = item["decision"], item.get("second_read") or {}
    asked = f"{read['model']} {read['prompt_version']}" if read.get("outcome") == "read" else None
    return RecordedContact(
        contact=contact_from_item(item),
        band=Band(decision["band"]),
        grade=Grade(decision["grade"]),
        category=decision.get("category"),
        rules=tuple(reason.rule for reason in reasons_from_field(decision["reasons"])),
        rules_version=decision["rules_version"],
        language=decision.get("language"),
        admitted_at=from_rfc3339(item["admitted_at"]),
        second_reader=asked,
    )


def _months(first: datetime, last: datetime) -> Sequence[str]:
    months, at = [], first.replace(day=1)
    while at <= last:
        months.append(keys.override_partition(at))
        at = at.replace(year=at.year + at.month // 12, month=at.month % 12 + 1)
    return list(dict.fromkeys([*months, keys.override_partition(last)]))
