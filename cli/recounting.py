"""Recounts: the same figures from the archive and from the records themselves, to hold the hour totals to.

What came in is counted from the archived bytes by the adapters, the rest from each case's own records: neither looks at
the indexes that totals are made from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from contact_desk.alerts import AlertKind, case_alert_id
from contact_desk.archive_keys import contacts_in, hour_of_key, hour_prefixes
from contact_desk.clock import moment_of_ulid
from contact_desk.contacts import Act, Contact
from contact_desk.errors import StoreRefusedError
from contact_desk.force_file import ForceFile
from contact_desk.numbers.counting import Figures, of_case, of_contact
from contact_desk.numbers.definitions import Measure
from contact_desk.numbers.facts import CaseFacts, case_facts, contact_facts
from contact_desk.numbers.surveys import survey_token
from contact_desk.ports import ArchiveReader
from contact_desk.stores import keys
from contact_desk.stores.case_files import case_file
from contact_desk.stores.dynamo import Table
from contact_desk.stores.items import alert_from_item, unmarshal
from contact_desk.stores.override_log import recorded_contacts
from contact_desk.stores.survey_items import survey_from_item
from functions.ingest.replays import contacts_of

INTAKE = frozenset({Measure.CONTACTS, Measure.CONTACT_ORIGINS})
"""The measures that the archive alone can tell; the language is triage's."""
SENT_AGAIN_WITHIN = timedelta(hours=36)
"""For so long platforms repeat a delivery: what came before the period is known from as far back."""


def recount_intake(
    archive: ArchiveReader, force: ForceFile, first: datetime, last: datetime
) -> tuple[Figures, dict[str, set[datetime]]]:
    """The intake figures of the hours from the first moment up to the last, and the hours that each contact came in.

    A contact that was delivered more than once counts where it came first.
    """
    hours: dict[str, set[datetime]] = {}
    figures: Figures = Counter()
    for hour, contact in _archived(archive, force, first - SENT_AGAIN_WITHIN, last):
        known = contact.key in hours
        hours.setdefault(contact.key, set()).add(hour)
        if not known and first <= hour < last:
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
    figures: Figures = Counter()
    for case_id in _case_ids(table):
        opened_at = moment_of_ulid(case_id)
        if opened_at and first <= _hour(opened_at) < last:
            figures.update(of_case(facts_of_case(table, case_id)))
        for recorded in recorded_contacts(table, case_id):
            contact = recorded.contact
            if contact.event_id is None and first <= _hour_of(contact) < last:
                figures.update(of_contact(contact_facts(contact, recorded.language)))
    return Counter({name: number for name, number in figures.items() if name[0] not in INTAKE})


def facts_of_case(table: Table, case_id: str) -> CaseFacts:
    """The facts of one case, from its own records."""
    found = case_file(table, case_id)
    if found is None:
        raise StoreRefusedError("there is no such case")
    alerts = table.get_all([keys.alert(case_alert_id(case_id, kind)) for kind in AlertKind])
    survey = table.get(keys.survey(survey_token(case_id)))
    texts = {one.outbox.outbox_id: one.outbox for one in found.timeline if one.outbox}
    return case_facts(
        found.case,
        entries=[one.entry for one in found.timeline],
        texts=texts.values(),
        alerts=map(alert_from_item, alerts),
        asked=survey is not None,
        answer=survey_from_item(survey).answer if survey else None,
    )


def only(figures: Figures, measures: Iterable[Measure]) -> Figures:
    """The figures of these measures."""
    wanted = set(measures)
    return Counter({name: number for name, number in figures.items() if name[0] in wanted})


def _case_ids(table: Table) -> Iterator[str]:
    pages = table.client.get_paginator("scan").paginate(
        TableName=table.name,
        FilterExpression="sk = :case",
        ProjectionExpression="case_id",
        ExpressionAttributeValues={":case": {"S": "case"}},
    )
    for page in pages:
        yield from (str(unmarshal(item)["case_id"]) for item in page["Items"])


def _hour_of(contact: Contact) -> datetime:
    return hour_of_key(contact.archive_key) or _hour(contact.received_at)


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
