"""The lists of cases that operators see: in what order, which of them, and page by page."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from contact_desk.case_desk import (
    CaseQuery,
)
from contact_desk.cases import CaseState
from contact_desk.grades import Band, Grade
from local.twins.held_still import NOON
from tests.contract.conftest import Backend
from tests.contract.desk_stage import ALEX_HOLDS, Stage, listed, on


@pytest.fixture
def stage(backend: Backend) -> Stage:
    return on(backend)


def test_cases_are_listed_by_grade_then_band_then_how_soon_an_answer_is_due(stage: Stage) -> None:
    stage.case(1, grade=Grade.RESOLVE)
    stage.case(2, grade=Grade.SCHEDULED, answer_by=NOON + timedelta(hours=2))
    stage.case(3, grade=Grade.SCHEDULED, answer_by=NOON + timedelta(hours=1))
    stage.case(4, grade=Grade.SCHEDULED, band=Band.AMBER, answer_by=NOON + timedelta(hours=3))
    stage.case(5, grade=Grade.EMERGENCY, band=Band.RED)

    assert listed(stage) == [5, 4, 3, 2, 1]


def test_cases_due_at_the_same_moment_are_listed_by_age(stage: Stage) -> None:
    for number in (3, 1, 2):
        stage.case(number)

    assert listed(stage) == [1, 2, 3]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
def test_pages_join_without_a_gap_or_a_double(stage: Stage, limit: int) -> None:
    for number in range(1, 8):
        stage.case(number, grade=list(Grade)[number % 4])

    assert listed(stage, limit=limit) == [4, 1, 5, 2, 6, 3, 7]


def test_a_full_last_page_promises_no_other(stage: Stage) -> None:
    stage.case(1)
    stage.case(2)

    assert stage.desk.cases(CaseQuery(now=NOON, limit=2)).next_place is None


def test_a_page_goes_on_where_the_last_one_ended_though_its_last_case_was_closed_since(stage: Stage) -> None:
    for number in range(1, 5):
        stage.case(number)
    page = stage.desk.cases(CaseQuery(now=NOON, limit=2))
    stage.change(page.cases[-1], state=CaseState.CLOSED, closed_at=NOON)

    assert listed(stage, after=page.next_place) == [3, 4]


def test_only_cases_of_the_asked_state_and_grade_are_listed(stage: Stage) -> None:
    stage.case(1, grade=Grade.PRIORITY)
    stage.case(2, grade=Grade.PRIORITY, state=CaseState.ANSWERED)
    stage.case(3, grade=Grade.RESOLVE, state=CaseState.ANSWERED)
    stage.change(stage.case(4), state=CaseState.CLOSED, closed_at=NOON)

    assert listed(stage) == [1, 2, 3]
    assert listed(stage, states=frozenset({CaseState.OPEN})) == [1]
    assert listed(stage, states=frozenset({CaseState.ANSWERED})) == [2, 3]
    assert listed(stage, grade=Grade.PRIORITY) == [1, 2]
    assert listed(stage, states=frozenset({CaseState.ANSWERED}), grade=Grade.RESOLVE) == [3]
    assert listed(stage, states=frozenset({CaseState.CLOSED})) == [4]


@pytest.mark.parametrize("limit", [2, 50])
def test_closed_cases_are_listed_last_closed_first(stage: Stage, limit: int) -> None:
    for number, minutes in ((1, 5), (2, 15), (3, 10)):
        closed_at = NOON + timedelta(minutes=minutes)
        case = stage.case(number, grade=Grade.PRIORITY if number == 2 else Grade.SCHEDULED)
        stage.change(case, state=CaseState.CLOSED, closed_at=closed_at)
    closed = frozenset({CaseState.CLOSED})

    assert listed(stage, states=closed, limit=limit) == [2, 3, 1]
    assert listed(stage, states=closed, limit=limit, grade=Grade.SCHEDULED) == [3, 1]


def test_cases_are_listed_by_who_holds_them_while_the_lease_runs(stage: Stage) -> None:
    stage.change(stage.case(1), claim=ALEX_HOLDS)
    stage.change(stage.case(2), claim=replace(ALEX_HOLDS, holder="sub-bo", name="Bo"))
    stage.change(stage.case(3), claim=replace(ALEX_HOLDS, until=NOON))
    stage.case(4)

    assert listed(stage, holder="sub-alex") == [1]
    assert listed(stage, holder="Bo") == [2]
    assert listed(stage, holder="nobody we know") == []
    assert listed(stage, unheld=True) == [3, 4]
    assert listed(stage, unheld=True, limit=1) == [3, 4]
