"""How many cases wait, and how many of them too long."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contact_desk.backlog import UnseenCase, Waiting
from contact_desk.cases import CaseState
from contact_desk.grades import Grade
from contact_desk.ports import CaseCounts
from contact_desk.stores.case_counts import DynamoCaseCounts
from local.twins.held_still import NOON
from local.twins.in_memory_case_counts import InMemoryCaseCounts
from tests.contract.conftest import Backend
from tests.contract.desk_stage import Stage, case_id, on


@pytest.fixture
def stage(backend: Backend) -> Stage:
    return on(backend)


@pytest.fixture
def counts(backend: Backend) -> CaseCounts:
    return InMemoryCaseCounts(backend.records) if backend.records else DynamoCaseCounts(backend.table)


def test_an_empty_desk_has_no_backlog(counts: CaseCounts) -> None:
    assert counts.waiting(NOON) == Waiting(0, 0)


def test_open_cases_of_every_grade_wait_and_those_past_their_time_are_overdue(
    stage: Stage, counts: CaseCounts
) -> None:
    for number, grade in enumerate(Grade, start=1):
        stage.case(number, grade=grade, answer_by=NOON + timedelta(hours=number))
    stage.case(5, grade=Grade.PRIORITY, state=CaseState.ANSWERED, answer_by=NOON)
    stage.change(stage.case(6, answer_by=NOON), state=CaseState.CLOSED, closed_at=NOON)

    assert counts.waiting(NOON + timedelta(hours=2)) == Waiting(4, 1)
    assert counts.waiting(NOON + timedelta(hours=2, minutes=1)) == Waiting(4, 2)


def test_only_open_cases_past_their_time_that_nobody_acted_on_are_unseen(
    stage: Stage, counts: CaseCounts
) -> None:
    late, soon = NOON + timedelta(hours=1), NOON + timedelta(hours=2)
    for number in (2, 1):
        stage.case(number, grade=Grade.PRIORITY, answer_by=late)
    stage.case(3, grade=Grade.PRIORITY, answer_by=soon)
    stage.case(4, grade=Grade.SCHEDULED, answer_by=late)
    stage.case(5, grade=Grade.PRIORITY, state=CaseState.ANSWERED, answer_by=late)
    looked_at = stage.case(6, grade=Grade.PRIORITY, answer_by=late)
    stage.change(looked_at, version=looked_at.version + 1)

    unseen = counts.unseen(Grade.PRIORITY, soon, 10)

    one, two = stage.stored(case_id(1)), stage.stored(case_id(2))
    assert unseen == [UnseenCase(one.case_id, one.reference), UnseenCase(two.case_id, two.reference)]
    assert counts.unseen(Grade.PRIORITY, soon, 1) == unseen[:1]
    assert counts.unseen(Grade.PRIORITY, late, 10) == []
