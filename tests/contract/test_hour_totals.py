"""What is counted in an hour, which hours have changed, and the totals that are kept of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contact_desk.alerts import AlertEvent, AlertRank, announcement
from contact_desk.case_desk import CaseChange, Committed
from contact_desk.cases import CaseState, Disposition
from contact_desk.contacts import Act, Person
from contact_desk.grades import Grade
from contact_desk.numbers.counting import HourTotal, total_of
from contact_desk.numbers.definitions import Measure
from contact_desk.numbers.facts import ContactFacts
from contact_desk.numbers.number_ports import HourTotals
from contact_desk.numbers.origins import LearntFrom, Origin
from contact_desk.numbers.surveys import SurveyAnswer
from contact_desk.outbox import Purpose
from contact_desk.stores.hour_totals import DynamoHourTotals
from contact_desk.timeline import EntryKind, TimelineEntry
from local.twins.held_still import NOON
from local.twins.in_memory_hour_totals import InMemoryHourTotals
from tests.builders import alert, contact, outbox_item
from tests.contract.conftest import Backend
from tests.contract.desk_stage import ALEX, Stage, act_record, case_id, on
from tests.desk_staging import admit

THE_HOUR = datetime(2026, 11, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
AN_HOUR = timedelta(hours=1)


@pytest.fixture
def stage(backend: Backend) -> Stage:
    return on(backend)


@pytest.fixture
def totals(backend: Backend) -> HourTotals:
    return InMemoryHourTotals(backend.records) if backend.records else DynamoHourTotals(backend.table)


def test_nothing_counts_on_an_empty_desk(totals: HourTotals) -> None:
    assert total_of(totals.facts(THE_HOUR)) == {}
    assert list(totals.changed_hours(NOON - AN_HOUR, NOON + AN_HOUR)) == []
    assert (totals.totals(NOON - AN_HOUR, NOON + AN_HOUR), totals.counted_until()) == ([], None)


def test_contacts_and_cases_count_in_their_hour_and_edits_do_not(stage: Stage, totals: HourTotals) -> None:
    sent = contact("I live in Canada and I am worried")
    admit(stage.intake, sent, case_id=case_id(1))
    admit(stage.intake, contact("still worried", native_id="m_2"), case_id=case_id(1))
    admit(stage.intake, replace(sent, act=Act.EDITED, event_id="e1"), case_id=case_id(1))

    facts = totals.facts(THE_HOUR)

    canada = ContactFacts("messenger", None, Origin("CA", LearntFrom.TEXT))
    assert sorted(facts.contacts, key=repr) == sorted(
        [canada, ContactFacts("messenger", None, None)], key=repr
    )
    (case,) = facts.cases
    assert (case.case_id, case.state, case.grade, case.significant) == (
        case_id(1),
        CaseState.OPEN,
        Grade.SCHEDULED,
        True,
    )
    assert totals.facts(THE_HOUR + AN_HOUR).cases == ()


def test_what_happens_to_a_case_later_counts_in_the_hour_in_which_it_was_opened(
    stage: Stage, totals: HourTotals
) -> None:
    raised = alert(case_id=case_id(1))
    text = outbox_item(case_id=case_id(1), purpose=Purpose.SIGNPOST, signpost="water", cause="a")
    case = stage.case(1, outbox=(text,), alert=raised)
    at = NOON + 3 * AN_HOUR
    claimed = stage.outbox.claim(text.outbox_id, token="t", now=at, lease_until=at + MINUTE)
    assert claimed
    assert stage.outbox.start(claimed, now=at)
    assert stage.outbox.mark_sent(claimed, platform_id="p", now=at + MINUTE)
    seen = announcement(raised, AlertEvent.ACKNOWLEDGED, cause="seen", now=at)
    stage.alerts.acknowledge(raised.alert_id, by=ALEX.subject, now=at + 2 * MINUTE, item=seen)
    entries = tuple(
        TimelineEntry(at + n * MINUTE, kind, f"e{n}", by=ALEX.name)
        for n, kind in enumerate([EntryKind.CLAIM_EXPIRED, EntryKind.CLAIM, EntryKind.CLOSED])
    )
    closed = replace(
        case,
        state=CaseState.CLOSED,
        disposition=Disposition.ADVICE_GIVEN,
        closed_at=at + 2 * MINUTE,
        survey="101",
        version=case.version + 1,
    )
    assert stage.desk.commit(CaseChange(case, closed, entries), act_record(key="k")) == Committed()

    (facts,) = totals.facts(THE_HOUR).cases

    assert (facts.acknowledged_at, facts.machine_signpost) == (at + MINUTE, "water")
    assert (facts.seen_at, facts.claims_lost) == (at + MINUTE, 1)
    assert (facts.closed_at, facts.disposition) == (at + 2 * MINUTE, Disposition.ADVICE_GIVEN)
    assert facts.survey is SurveyAnswer.RANG_101
    (counted,) = facts.alerts
    assert (counted.rank, counted.acknowledged_at) == (AlertRank.A1, at + 2 * MINUTE)


def test_a_change_is_found_by_its_minute_and_names_the_hour_that_it_counts_in(
    stage: Stage, totals: HourTotals
) -> None:
    case = stage.case(1)
    later = NOON + 5 * AN_HOUR
    assert list(totals.changed_hours(NOON, NOON)) == [THE_HOUR]
    assert list(totals.changed_hours(NOON + MINUTE, later)) == []

    entry = TimelineEntry(later, EntryKind.CLAIM, "claim", by=ALEX.name)
    record = act_record(key="k")
    record = replace(record, audit=replace(record.audit, at=later))
    stage.desk.commit(CaseChange(case, replace(case, version=9), (entry,)), record)

    assert list(totals.changed_hours(NOON + MINUTE, later)) == [THE_HOUR]
    assert list(totals.changed_hours(later + MINUTE, later + AN_HOUR)) == []


def test_each_hour_that_changed_in_a_minute_is_named_once(stage: Stage, totals: HourTotals) -> None:
    hours = [THE_HOUR - n * AN_HOUR for n in range(3)]
    for n, hour in enumerate(hours * 2):
        archived = f"raw/{hour:%Y/%m/%d/%H}/meta/{n:064x}.1"
        message = contact(native_id=f"m_{n}", person=Person(f"{n}"), archive_key=archived)
        admit(stage.intake, message, case_id=case_id(n + 1))
    assert list(totals.changed_hours(NOON, NOON)) == sorted(hours)


def test_a_total_is_written_over_and_found_by_its_hour(totals: HourTotals) -> None:
    months = [datetime(2026, 10, 31, 23, tzinfo=UTC), datetime(2026, 11, 1, 0, tzinfo=UTC), THE_HOUR]
    for n, hour in enumerate(months):
        totals.put(HourTotal(hour, total_of(totals.facts(hour)), NOON))
        totals.put(_total(hour, n + 1))

    assert totals.totals(months[0], THE_HOUR) == [_total(months[0], 1), _total(months[1], 2)]
    assert totals.totals(months[1], THE_HOUR + AN_HOUR) == [_total(months[1], 2), _total(THE_HOUR, 3)]
    assert totals.totals(THE_HOUR, THE_HOUR) == []


def test_how_far_was_counted_is_remembered(totals: HourTotals) -> None:
    totals.note_counted_until(NOON)
    totals.note_counted_until(NOON + MINUTE)
    assert totals.counted_until() == NOON + MINUTE


def _total(hour: datetime, contacts: int) -> HourTotal:
    total = HourTotal(hour, total_of_nothing(), NOON)
    total.figures.update({(Measure.CONTACTS, "messenger"): contacts, (Measure.OPEN,): 1})
    return total


def total_of_nothing() -> Counter[tuple[str, ...]]:
    return Counter()
