"""A simulated desk's records as items of the table, written in bulk, and the totals of its hours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import islice
from typing import Any

from contact_desk.archive_keys import hour_of_key
from contact_desk.clock import moment_of_ulid
from contact_desk.errors import StoreBusyError
from contact_desk.numbers.counting import HourTotal, total_of
from contact_desk.numbers.facts import CaseFacts, ContactFacts, HourFacts, case_facts, contact_facts
from contact_desk.numbers.surveys import survey_token
from contact_desk.stores.act_records import audit_item
from contact_desk.stores.dynamo import Table
from contact_desk.stores.hour_totals import total_item
from contact_desk.stores.items import (
    Plain,
    alert_item,
    case_item,
    conversation_item,
    marshal,
    outbox_item,
    timeline_item,
)
from contact_desk.stores.survey_items import survey_item
from local.twins.desk_records import DeskRecords

A_CALL = 25
WRITERS = 4
TRIES = 8


def totals_of(records: DeskRecords, counted_at: datetime) -> list[HourTotal]:
    """The totals of every hour, by one walk through the records."""
    contacts: defaultdict[datetime, list[ContactFacts]] = defaultdict(list)
    cases: defaultdict[datetime, list[CaseFacts]] = defaultdict(list)
    texts, alerts = defaultdict(list), defaultdict(list)
    for item in records.outbox.values():
        texts[item.case_id].append(item)
    for alert in records.alerts.values():
        alerts[alert.case_id].append(alert)
    for stored in records.contacts.values():
        hour = hour_of_key(stored.contact.archive_key) or _hour(stored.contact.received_at)
        contacts[hour].append(contact_facts(stored.contact, stored.decision.language))
    for name, case in records.cases.items():
        survey = records.surveys.get(survey_token(name))
        facts = case_facts(
            case,
            entries=records.timelines[name].values(),
            texts=texts[name],
            alerts=alerts[name],
            asked=survey is not None,
            answer=survey.answer if survey else None,
        )
        cases[_hour(moment_of_ulid(name) or case.opened_at)].append(facts)
    hours = sorted(contacts.keys() | cases.keys())
    return [
        HourTotal(hour, total_of(HourFacts(tuple(contacts[hour]), tuple(cases[hour]))), counted_at)
        for hour in hours
    ]


def items_of(records: DeskRecords, contacts: Iterable[Plain], totals: Iterable[HourTotal]) -> Iterator[Plain]:
    """Everything that the table would hold; `contacts` are the items of those, as intake made them."""
    yield from contacts
    yield from map(conversation_item, records.conversations.values())
    yield from map(case_item, records.cases.values())
    for name, timeline in records.timelines.items():
        yield from (timeline_item(name, entry) for entry in timeline.values())
    yield from map(outbox_item, records.outbox.values())
    yield from map(alert_item, records.alerts.values())
    yield from map(survey_item, records.surveys.values())
    for entries in records.audit.values():
        yield from map(audit_item, entries)
    yield from map(total_item, totals)


def write_all(table: Table, items: Sequence[Plain], tell: Callable[[int], None] = lambda _: None) -> None:
    """Write the items in bulk, as they are; `tell` hears how many more are there. Raises StoreBusyError.

    For an empty desk on a workstation: nothing is asked about what stands there already.
    """

    def write(chunk: Sequence[Plain]) -> None:
        wanted: Any = {table.name: [{"PutRequest": {"Item": marshal(item)}} for item in chunk]}
        for _ in range(TRIES):
            wanted = table.client.batch_write_item(RequestItems=wanted).get("UnprocessedItems")
            if not wanted:
                tell(len(chunk))
                return
        raise StoreBusyError("the table took only a part of what was written in bulk")

    with ThreadPoolExecutor(WRITERS) as writers:
        for _ in writers.map(write, _chunks(items)):
            pass


def _chunks(items: Sequence[Plain]) -> Iterator[Sequence[Plain]]:
    # Two items of one key may not be in one call, and the simulation makes none.
    left = iter(items)
    while chunk := list(islice(left, A_CALL)):
        yield chunk


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
