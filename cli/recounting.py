"""Recounts: the same figures from the archive and from the records themselves, to hold the hour totals to.

What came in is counted from the archived bytes by the adapters, the rest from each case's own records: neither looks at
the indexes that totals are made from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from contact_desk.archive_keys import contacts_in, hour_of_key, hour_prefixes
from contact_desk.clock import moment_of_ulid
from contact_desk.contacts import Act, Contact
from contact_desk.force_file import ForceFile
from contact_desk.numbers.counting import Figures, of_case, of_contact
from contact_desk.numbers.definitions import Measure
from contact_desk.numbers.facts import contact_facts
from contact_desk.ports import ArchiveReader
from contact_desk.stores import keys
from contact_desk.stores.dynamo import Table
from contact_desk.stores.items import Plain, contact_from_item, unmarshal
from contact_desk.stores.kept_figures import facts_of_case, kept_figures
from contact_desk.stores.override_log import recorded_contacts
from contact_desk.stores.tombstones import is_tombstone
from functions.ingest.replays import contacts_of

INTAKE = frozenset({Measure.CONTACTS, Measure.CONTACT_ORIGINS})
"""The measures that the archive alone can tell; the language is triage's."""
SENT_AGAIN_WITHIN = timedelta(hours=36)
"""For so long platforms repeat a delivery: what came before the period is known from as far back."""


def recount_intake(
    archive: ArchiveReader, force: ForceFile, table: Table, first: datetime, last: datetime
) -> tuple[Figures, dict[str, set[datetime]]]:
    """The intake figures of the hours from the first moment up to the last, and the hours that each contact came in.

    A contact that was delivered more than once counts where it came first, one that was disposed of as it is kept. What
    the archive no longer has, because it went with somebody else's case or with age, counts by its own record.
    """
    hours: dict[str, set[datetime]] = {}
    came: dict[str, Contact] = {}
    for hour, contact in _archived(archive, force, first - SENT_AGAIN_WITHIN, last):
        came.setdefault(contact.key, contact)
        hours.setdefault(contact.key, set()).add(hour)
    figures = kept_between(table, first, last)
    for item in _scanned(table, "contact"):
        name = item["pk"].removeprefix("contact#")
        if is_tombstone(item):
            came.pop(name, None)
        elif name not in came and keys.hour_of(first) <= item["hour"] < keys.hour_of(last):
            stored = contact_from_item(item)
            if archive.get(stored.archive_key) is None:
                figures.update(of_contact(contact_facts(stored, None)))
    for name, contact in came.items():
        if first <= min(hours[name]) < last:
            figures.update(of_contact(contact_facts(contact, None)))
    return only(figures, INTAKE), hours


def _archived(
    archive: ArchiveReader, force: ForceFile, first: datetime, last: datetime
) -> Iterator[tuple[datetime, Contact]]:
    for prefix in hour_prefixes(first, last):
        for delivery in archive.keys(prefix):
            hour = hour_of_key(delivery.key)
            stored = archive.get(delivery.key) if contacts_in(delivery.key) else None
            if stored and hour:
                found = contacts_of(stored, force)
                yield from ((hour, each) for each in found if each.act in {Act.CREATED, Act.UNREADABLE})


def recount_cases(table: Table, first: datetime, last: datetime) -> Figures:
    """All other figures of the hours from the first moment up to the last, from each case's records."""
    figures = kept_between(table, first, last)
    for case_id, disposing in _cases(table):
        opened_at = moment_of_ulid(case_id)
        if opened_at and first <= _hour(opened_at) < last and not disposing:
            facts = facts_of_case(table, case_id)
            figures.update(of_case(facts) if facts else ())
        for recorded in recorded_contacts(table, case_id):
            contact = recorded.contact
            if contact.event_id is None and first <= _hour_of(contact) < last:
                figures.update(of_contact(contact_facts(contact, recorded.language)))
    return Counter({name: number for name, number in figures.items() if name[0] not in INTAKE})


def only(figures: Figures, measures: Iterable[Measure]) -> Figures:
    """The figures of these measures."""
    wanted = set(measures)
    return Counter({name: number for name, number in figures.items() if name[0] in wanted})


def kept_between(table: Table, first: datetime, last: datetime) -> Figures:
    """The figures kept of what was disposed of, of the hours from the first moment up to the last."""
    figures: Figures = Counter()
    for item in _scanned(table, "kept"):
        if keys.hour_of(first) <= item["hour"] < keys.hour_of(last):
            figures.update(kept_figures(item))
    return figures


def _cases(table: Table) -> Iterator[tuple[str, bool]]:
    for item in _scanned(table, "case"):
        yield str(item["case_id"]), bool(item.get("disposing"))


def _scanned(table: Table, sort_key: str) -> Iterator[Plain]:
    pages = table.client.get_paginator("scan").paginate(
        TableName=table.name,
        FilterExpression="sk = :name",
        ExpressionAttributeValues={":name": {"S": sort_key}},
    )
    for page in pages:
        yield from map(unmarshal, page["Items"])


def _hour_of(contact: Contact) -> datetime:
    return hour_of_key(contact.archive_key) or _hour(contact.received_at)


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
