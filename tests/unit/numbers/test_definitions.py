"""What counts as what: significant contacts, repeats, the machine's signposts, times, origins."""

from __future__ import annotations

import math
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_desk.alerts import AlertRank
from contact_desk.cases import CaseState, Disposition
from contact_desk.clock import encode_ulid, moment_of_ulid
from contact_desk.contacts import REPORT_FORM, Person
from contact_desk.grades import Grade
from contact_desk.numbers.counting import added, from_named, named, of_case, total_of
from contact_desk.numbers.definitions import DEFINITIONS, Measure, Standing, standing
from contact_desk.numbers.durations import LAST_CLASS, duration_class, percentile
from contact_desk.numbers.facts import (
    CaseFacts,
    ContactFacts,
    CountedAlert,
    CountedEntry,
    CountedText,
    HourFacts,
)
from contact_desk.numbers.origins import LearntFrom, Origin, country_of_number, origin_of
from contact_desk.numbers.surveys import SurveyAnswer
from contact_desk.outbox import Purpose
from contact_desk.timeline import EntryKind
from local.twins.held_still import NOON
from tests.builders import contact

SIGNPOST = CountedText(Purpose.SIGNPOST, NOON + timedelta(seconds=3), "water")
REPLY = CountedText(Purpose.REPLY, NOON + timedelta(minutes=9))
OPEN, ANSWERED, CLOSED = CaseState.OPEN, CaseState.ANSWERED, CaseState.CLOSED


def a_case(**changed: Any) -> CaseFacts:
    fields: dict[str, Any] = {
        "case_id": encode_ulid(NOON, 1),
        "opened_at": NOON,
        "channel": "messenger",
        "state": OPEN,
        "grade": Grade.SCHEDULED,
        "category": "anti_social_behaviour",
        "language": "en",
        "significant": True,
    }
    return CaseFacts(**{**fields, **changed})


def closed(disposition: Disposition, **changed: Any) -> CaseFacts:
    return a_case(state=CLOSED, disposition=disposition, closed_at=NOON + timedelta(hours=1), **changed)


@pytest.mark.parametrize(
    ("case", "counts_as"),
    [
        (a_case(), Standing.PROVISIONAL),
        (a_case(significant=False), Standing.NOTHING),
        (a_case(state=ANSWERED, texts=(SIGNPOST,)), Standing.MACHINE),
        (a_case(state=OPEN, texts=(SIGNPOST,)), Standing.PROVISIONAL),
        (closed(Disposition.SIGNPOSTED, texts=(SIGNPOST,)), Standing.MACHINE),
        (closed(Disposition.SIGNPOSTED, texts=(SIGNPOST, REPLY)), Standing.FINAL),
        (closed(Disposition.SIGNPOSTED), Standing.FINAL),
        (closed(Disposition.ADVICE_GIVEN, significant=False), Standing.FINAL),
        (closed(Disposition.CRIME_RECORDED, texts=(SIGNPOST,)), Standing.FINAL),
        (closed(Disposition.THANKS), Standing.NOTHING),
        (closed(Disposition.SPAM), Standing.NOTHING),
        (closed(Disposition.NO_POLICE_MATTER), Standing.NOTHING),
        (closed(Disposition.REPEAT), Standing.REPEAT),
    ],
)
def test_a_case_counts_provisionally_by_triage_and_finally_by_how_it_ended(
    case: CaseFacts, counts_as: Standing
) -> None:
    assert standing(case) is counts_as


@pytest.mark.parametrize(
    ("since", "counts_as"),
    [(timedelta(hours=24) - timedelta(seconds=1), Standing.REPEAT), (timedelta(hours=24), Standing.FINAL)],
)
def test_the_same_person_within_a_day_is_a_repeat(since: timedelta, counts_as: Standing) -> None:
    last = encode_ulid(NOON - since, 7)
    assert standing(closed(Disposition.ADVICE_GIVEN, previous_case=last)) is counts_as
    assert standing(closed(Disposition.THANKS, previous_case=last)) is Standing.NOTHING


def test_every_measure_has_its_definition() -> None:
    assert set(DEFINITIONS) == set(Measure)
    assert all(one.title and one.means and one.version for one in DEFINITIONS.values())


def test_each_significant_contact_is_counted_once_by_each_of_its_sides() -> None:
    cases = (
        a_case(origin=Origin("AU", LearntFrom.PHONE)),
        closed(Disposition.ADVICE_GIVEN, category=None, survey=SurveyAnswer.RANG_101, asked=True),
        closed(Disposition.SPAM),
    )
    figures = total_of(HourFacts((ContactFacts("x", "pl", Origin("US", LearntFrom.TEXT)),), cases))
    for measure in (Measure.SIGNIFICANT, Measure.BY_CHANNEL, Measure.BY_CATEGORY, Measure.BY_GRADE):
        assert sum(n for name, n in figures.items() if name[0] == measure) == 2
    assert figures[Measure.BY_ORIGIN, "AU", "phone"] == 1
    assert figures[Measure.CONTACT_ORIGINS, "US", "text"] == 1
    assert figures[Measure.OPEN,] == 1
    assert (figures[Measure.SURVEYS_ASKED,], figures[Measure.SURVEYS, "101"]) == (1, 1)


def test_times_run_from_the_opening_and_acts_of_people_are_their_eyes() -> None:
    case = closed(
        Disposition.ADVICE_GIVEN,
        texts=(SIGNPOST, REPLY, CountedText(Purpose.REPLY)),
        entries=(
            CountedEntry(EntryKind.CLAIM_EXPIRED, NOON + timedelta(minutes=1)),
            CountedEntry(EntryKind.CLAIM, NOON + timedelta(minutes=5)),
        ),
        alerts=(
            CountedAlert(AlertRank.A2, NOON, NOON + timedelta(minutes=2)),
            CountedAlert(AlertRank.A1, NOON),
        ),
    )
    figures = Counter(of_case(case))
    for measure, took in (
        (Measure.TO_ACKNOWLEDGEMENT, timedelta(seconds=3)),
        (Measure.TO_EYES, timedelta(minutes=5)),
        (Measure.TO_REPLY, timedelta(minutes=9)),
        (Measure.TO_CLOSE, timedelta(hours=1)),
    ):
        assert figures[measure, "scheduled", "messenger", str(duration_class(took))] == 1
    assert figures[Measure.CLAIMS_LOST,] == 1
    assert (figures[Measure.ALERTS, "A1"], figures[Measure.ALERTS_OPEN, "A1"]) == (1, 1)
    assert figures[Measure.TO_ALERT_SEEN, "A2", str(duration_class(timedelta(minutes=2)))] == 1


@given(
    st.dictionaries(st.tuples(st.sampled_from(list(Measure)), st.text("ab_1", min_size=1)), st.integers(1))
)
def test_counts_are_stored_and_read_back_alike(figures: dict[tuple[str, ...], int]) -> None:
    assert from_named(named(Counter(figures))) == figures
    assert added([]) == {}


@given(st.lists(st.floats(0.1, 60 * 60 * 24 * 180), min_size=1), st.sampled_from([0.5, 0.9, 0.99]))
def test_a_percentile_of_classes_is_that_of_the_durations_to_five_per_cent(
    seconds: list[float], share: float
) -> None:
    exact = max(1.0, sorted(seconds)[math.ceil(share * len(seconds)) - 1])
    found = percentile(Counter(duration_class(timedelta(seconds=each)) for each in seconds), share)
    assert found is not None
    assert found.total_seconds() == pytest.approx(exact, rel=0.05)


def test_no_duration_is_too_long_for_a_class() -> None:
    assert duration_class(timedelta(days=10_000)) == LAST_CLASS
    assert percentile({}, 0.5) is None


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+447700900101", "GB"),
        ("61412345678", "AU"),
        ("+1 212 555 0100", "US"),
        ("14165550100", "CA"),
        ("+353851234567", "IE"),
        ("+0", None),
        ("", None),
    ],
)
def test_a_telephone_number_tells_its_country(number: str, country: str | None) -> None:
    assert country_of_number(number) == country


@pytest.mark.parametrize(
    ("said", "country"),
    [
        ("I live in Australia, my mum is in Bootle", "AU"),
        ("im in the USA and a friend over there needs help", "US"),
        ("Writing from the Netherlands: who do I ring?", "NL"),
        ("I\u2019m in New Zealand", "NZ"),
        ("I am from Poland", None),
        ("the Canada Boulevard is shut", None),
        ("my holiday in Spain", None),
    ],
)
def test_a_country_is_taken_from_where_people_say_they_are(said: str, country: str | None) -> None:
    expected = Origin(country, LearntFrom.TEXT) if country else None
    assert origin_of(contact(said)) == expected


@pytest.mark.parametrize("given_country", ["CA", "ca", "Canada", " canada "])
def test_the_report_forms_own_field_comes_before_the_words(given_country: str) -> None:
    sent = contact("I live in France", channel=REPORT_FORM, report={"country": given_country})
    assert origin_of(sent) == Origin("CA", LearntFrom.FORM)


def test_the_number_comes_before_the_words_and_only_where_it_is_one() -> None:
    assert origin_of(contact("I live in France", channel="sms", person=Person("+4915112345678"))) == Origin(
        "DE", LearntFrom.PHONE
    )
    assert origin_of(contact("hello", person=Person("4915112345678"))) is None


@given(st.datetimes(min_value=NOON.replace(tzinfo=None), max_value=NOON.replace(tzinfo=None, year=2900)))
def test_a_ulid_tells_its_moment(moment: Any) -> None:
    at = moment.replace(tzinfo=NOON.tzinfo)
    found = moment_of_ulid(encode_ulid(at, 2**80 - 1))
    assert found is not None
    assert abs(found - at) < timedelta(milliseconds=2)


@pytest.mark.parametrize("text", ["", "case-1", "z" * 26, "Z" * 26, "01KBM00000000000000000000I"])
def test_what_is_no_ulid_tells_nothing(text: str) -> None:
    assert moment_of_ulid(text) is None
