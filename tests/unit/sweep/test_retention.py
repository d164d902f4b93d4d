"""Two simulated years of closing cases: each goes on its date, nothing before, and each leaves its record."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from contact_desk.case_desk import AuditEntry
from contact_desk.cases import CaseState, Disposition
from contact_desk.clock import encode_ulid
from contact_desk.contacts import Act, Person
from contact_desk.disposal import DisposalRun, Disposer, review_list
from contact_desk.force_file import ForceFile
from contact_desk.retention import CaseRecord, Decision, Fate, LegalHold, Regime, Why
from contact_desk.retention_rules import Retention, RetentionClass
from functions.sweep.retention import AT_MOST, forget_taken_back
from local.twins.desk_records import DeskRecords
from local.twins.held_still import NOON, FrozenClock
from local.twins.in_memory_intake import InMemoryIntake
from local.twins.in_memory_records import InMemoryRecordFiles, InMemoryRecords
from tests.builders import contact
from tests.desk_staging import admit

DAY = timedelta(days=1)
TWO_YEARS = 731
CASES = 260


def in_class(days: int, *dispositions: Disposition, review: bool = False) -> RetentionClass:
    return RetentionClass(
        dispositions=frozenset(dispositions),
        regime=Regime.GENERAL,
        keep_days=days,
        review=review,
        erasable=True,
    )


def short_classes(force: ForceFile) -> Retention:
    """The force's own classes with times that end within two years, which its own for incidents do not."""
    days = dict(zip(force.retention.classes, (30, 365, 400, 500), strict=True))
    classes = {name: replace_days(rule, days[name]) for name, rule in force.retention.classes.items()}
    return Retention(review_days_ahead=30, classes=classes)


def replace_days(rule: RetentionClass, days: int) -> RetentionClass:
    return in_class(days, *rule.dispositions, review=rule.review)


class Years:
    """A desk over records in memory, day by day."""

    def __init__(self, rules: Retention) -> None:
        self.rules, self.records, self.clock = rules, DeskRecords(), FrozenClock()
        self.manager, self.files = InMemoryRecords(self.records), InMemoryRecordFiles()
        self.disposer = Disposer(self.manager, self.files, self.clock)
        self.intake = InMemoryIntake(self.records)

    def closes(self, number: int, disposition: Disposition) -> str:
        name = encode_ulid(self.clock.now(), number)
        admit(
            self.intake,
            contact(f"words {number}", native_id=f"m_{number}", person=Person(f"p{number}")),
            case_id=name,
            now=self.clock.now(),
        )
        retention_class = self.rules.class_of(disposition)
        self.records.cases[name] = replace(
            self.records.cases[name],
            state=CaseState.CLOSED,
            disposition=disposition,
            closed_at=self.clock.now(),
            retention_class=retention_class,
            dispose_at=self.rules.dispose_at(retention_class, self.clock.now()),
        )
        return name

    def note(self, case_id: str, act: str) -> AuditEntry:
        return AuditEntry(case_id, self.clock.now(), "sub-records", act, f"request-{act}")

    def run(self) -> DisposalRun:
        return self.disposer.run(self.rules, AT_MOST)


def test_two_years_with_every_class(force: ForceFile) -> None:
    years, chance = Years(short_classes(force)), random.Random(7)
    expected: dict[str, datetime] = {}
    held: set[str] = set()
    reviewed: set[str] = set()
    for day in range(TWO_YEARS):
        years.clock.at = NOON + day * DAY
        if len(expected) < CASES and chance.random() < 0.5:
            name = years.closes(len(expected), chance.choice(list(Disposition)))
            expected[name] = years.records.cases[name].dispose_at or NOON
            if chance.random() < 0.1:
                hold = LegalHold(name, "claim", "sub-records", years.clock.now(), date(2030, 1, 1))
                assert years.manager.hold(hold, years.note(name, "hold"))
                held.add(name)
        due = years.manager.due(years.clock.now() + years.rules.review_ahead)
        for record in review_list(due, years.rules, years.clock.now()):
            if record.case_id not in reviewed:
                reviewed.add(record.case_id)
                keeps = chance.random() < 0.3 and record.dispose_at
                until = record.dispose_at + 60 * DAY if keeps and record.dispose_at else None
                fate = Fate.KEEP if keeps else Fate.DISPOSE
                decision = Decision(fate, "looked through", "sub-records", years.clock.now(), until)
                assert years.manager.decide(record.case_id, decision, years.note(record.case_id, "decide"))
                if until:
                    expected[record.case_id] = until
                    reviewed.discard(record.case_id)
        years.clock.advance(minutes=1)
        years.run()

        for name, at in expected.items():
            gone = name in years.records.disposals
            assert gone == (at <= years.clock.now() and name not in held), (day, name)
            assert gone == (name not in years.records.cases)

    done = years.records.disposals
    assert len(done) > CASES / 2
    assert held & done.keys() == set()
    assert {one.retention_class for one in done.values()} == set(years.rules.classes)
    for name, one in done.items():
        assert one.disposed_at.date() == expected[name].date()
        assert one.why is (Why.REVIEW if years.manager.decisions(name) else Why.DATE)
        assert years.records.audit[name][-1].act == f"dispose: {one.why}"
    left = set(expected) - done.keys()
    assert len(years.records.tombstones) == len(done)
    assert len(years.records.contacts) == len(left)
    assert years.records.timelines.keys() & done.keys() == set()


@pytest.fixture
def years(force: ForceFile) -> Years:
    return Years(short_classes(force))


def test_what_nobody_reviews_stays(years: Years) -> None:
    name = years.closes(1, Disposition.CRIME_RECORDED)
    years.clock.advance(days=900)

    assert years.run() == DisposalRun(0, 0, 1)
    assert name in years.records.cases


def test_a_run_disposes_of_so_many_and_the_next_goes_on(years: Years) -> None:
    for number in range(AT_MOST + 7):
        years.closes(number, Disposition.SPAM)
    years.clock.advance(days=31)

    assert (years.run().disposed, years.run().disposed, years.run().disposed) == (AT_MOST, 7, 0)


def test_a_case_of_a_class_that_the_force_file_forgot_waits_for_a_person(years: Years) -> None:
    name = years.closes(1, Disposition.SPAM)
    years.records.cases[name] = replace(years.records.cases[name], retention_class="forgotten")
    years.clock.advance(days=31)

    assert years.run() == DisposalRun(0, 0, 1)


def test_the_real_classes_give_every_disposition_a_date(force: ForceFile) -> None:
    dates = {
        one: force.retention.dispose_at(force.retention.class_of(one), NOON) - NOON for one in Disposition
    }

    assert dates[Disposition.SPAM] == 30 * DAY
    assert dates[Disposition.SIGNPOSTED] == 365 * DAY
    assert dates[Disposition.INCIDENT_RECORDED] == 2557 * DAY
    assert dates[Disposition.CRIME_RECORDED] > dates[Disposition.INCIDENT_RECORDED]


@pytest.mark.parametrize(("channel", "blanked"), [("x", 1), ("messenger", 0)])
def test_words_taken_back_go_within_a_day_where_the_channels_terms_ask_for_it(
    force: ForceFile, years: Years, channel: str, blanked: int
) -> None:
    message = contact("words taken back", channel=channel, native_id="m_9")
    admit(years.intake, message)
    admit(years.intake, replace(message, act=Act.DELETED, event_id="gone", text="", raw=None))

    years.clock.advance(hours=11)
    assert forget_taken_back(years.manager, years.files, force, years.clock) == 0
    years.clock.advance(hours=2)
    assert forget_taken_back(years.manager, years.files, force, years.clock) == blanked
    assert ("words taken back" in repr(years.records.contacts)) == (not blanked)
    assert forget_taken_back(years.manager, years.files, force, years.clock) == 0


def test_words_on_hold_stay_until_it_is_lifted(force: ForceFile, years: Years) -> None:
    message = contact("words on hold", channel="x", native_id="m_9")
    case_id = admit(years.intake, message).case_id
    admit(years.intake, replace(message, act=Act.DELETED, event_id="gone", text="", raw=None))
    years.manager.hold(
        LegalHold(case_id, "claim", "sub", NOON, date(2030, 1, 1)), years.note(case_id, "hold")
    )
    years.clock.advance(days=3)

    assert forget_taken_back(years.manager, years.files, force, years.clock) == 0
    assert "words on hold" in repr(years.records.contacts)
    years.manager.lift(case_id, years.note(case_id, "lift"))
    assert forget_taken_back(years.manager, years.files, force, years.clock) == 1
    assert "words on hold" not in repr(years.records.contacts)


def test_a_record_may_go_on_its_date_where_nothing_speaks_against_it() -> None:
    record = CaseRecord("case-1", "ref", NOON, "noise", NOON + DAY)

    assert not record.may_go(NOON, review=False)
    assert record.may_go(NOON + DAY, review=False)
    assert not record.may_go(NOON + DAY, review=True)
    assert replace(record, decided=True).may_go(NOON + DAY, review=True)
    assert record.waits_for_review(NOON, review=True, ahead=DAY)
    assert not record.waits_for_review(NOON, review=True, ahead=DAY / 2)
    assert not replace(record, dispose_at=None).may_go(NOON + DAY, review=False)
