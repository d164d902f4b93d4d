"""Surveys: asked once for a case, while nobody writes meanwhile; answered once, by whoever has the link."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from contact_desk.contacts import Person
from contact_desk.numbers.number_ports import HourTotals, SurveyAnswers, Surveys
from contact_desk.numbers.surveys import Survey, SurveyAnswer, survey_token
from contact_desk.outbox import Purpose
from contact_desk.stores.hour_totals import DynamoHourTotals
from contact_desk.stores.survey_store import DynamoSurveyAnswers, DynamoSurveys
from contact_desk.timeline import EntryKind, TimelineEntry
from local.twins.held_still import NOON
from local.twins.in_memory_hour_totals import InMemoryHourTotals
from local.twins.in_memory_surveys import InMemorySurveyAnswers, InMemorySurveys
from tests.builders import contact, outbox_item
from tests.contract.conftest import Backend
from tests.contract.desk_stage import Stage, case_id, on
from tests.desk_staging import admit

SURVEY = Survey(case_id(1), NOON + timedelta(hours=2))
ITEM = outbox_item(case_id=case_id(1), purpose=Purpose.SURVEY)
ENTRY = TimelineEntry(SURVEY.asked_at, EntryKind.AUTOMATIC, "automatic", outbox_id=ITEM.outbox_id)


@pytest.fixture
def stage(backend: Backend) -> Stage:
    stage = on(backend)
    stage.case(1)
    return stage


@pytest.fixture
def surveys(backend: Backend) -> Surveys:
    return InMemorySurveys(backend.records) if backend.records else DynamoSurveys(backend.table)


@pytest.fixture
def answers(backend: Backend) -> SurveyAnswers:
    return InMemorySurveyAnswers(backend.records) if backend.records else DynamoSurveyAnswers(backend.table)


@pytest.fixture
def totals(backend: Backend) -> HourTotals:
    return InMemoryHourTotals(backend.records) if backend.records else DynamoHourTotals(backend.table)


def asked(stage: Stage, surveys: Surveys) -> bool:
    conversation = stage.desk.conversation(stage.stored(case_id(1)).conversation_key)
    assert conversation
    return surveys.ask(SURVEY, ITEM, ENTRY, conversation)


def test_a_question_is_asked_once_and_stands_on_the_case(stage: Stage, surveys: Surveys) -> None:
    assert surveys.asked([SURVEY.token]) == frozenset()
    assert asked(stage, surveys)
    assert not asked(stage, surveys)
    assert surveys.asked([SURVEY.token, survey_token("another")]) == {SURVEY.token}
    assert stage.outbox.get(ITEM.outbox_id) == ITEM
    found = stage.desk.case_file(case_id(1))
    assert found
    assert ENTRY in [one.entry for one in found.timeline]


def test_nothing_is_asked_where_the_person_wrote_meanwhile(stage: Stage, surveys: Surveys) -> None:
    conversation = stage.desk.conversation(stage.stored(case_id(1)).conversation_key)
    assert conversation
    admit(stage.intake, contact("one more thing", native_id="m_9", person=Person("701")), case_id=case_id(1))

    assert not surveys.ask(SURVEY, ITEM, ENTRY, conversation)
    assert stage.outbox.get(ITEM.outbox_id) is None


def test_the_first_answer_is_kept_and_counts_with_the_case(
    stage: Stage, surveys: Surveys, answers: SurveyAnswers, totals: HourTotals
) -> None:
    asked(stage, surveys)
    [facts] = totals.facts(NOON.replace(minute=0)).cases
    assert (facts.asked, facts.survey) == (True, None)

    later = SURVEY.asked_at + timedelta(days=1)
    assert answers.take(SURVEY.token, SurveyAnswer.RANG_101, later)
    assert answers.take(SURVEY.token, SurveyAnswer.NO_CONTACT, later + timedelta(days=1))

    [facts] = totals.facts(NOON.replace(minute=0)).cases
    assert facts == replace(facts, asked=True, survey=SurveyAnswer.RANG_101)
    assert list(totals.changed_hours(later, later)) == [NOON.replace(minute=0)]


def test_an_answer_under_a_token_that_nobody_was_given_is_no_answer(
    stage: Stage, answers: SurveyAnswers
) -> None:
    assert not answers.take(survey_token("another"), SurveyAnswer.RANG_101, NOON)
    assert stage.outbox.get(ITEM.outbox_id) is None
