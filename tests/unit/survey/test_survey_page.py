"""The page with the one question: four answers, the first is kept, and nothing can be read there."""

from __future__ import annotations

import pytest
from markupsafe import escape

from contact_desk.http_api import Answer, respond
from contact_desk.numbers.surveys import Survey, SurveyAnswer
from functions.survey.handler import ROUTES
from functions.survey.question import SurveyPage
from functions.survey.wording import ENGLISH, WELSH
from local.twins.desk_records import DeskRecords
from local.twins.held_still import NOON, FrozenClock
from local.twins.in_memory_surveys import InMemorySurveyAnswers
from tests.builders import CASE_ID, force, http_event

SURVEY = Survey(CASE_ID, NOON)
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def records() -> DeskRecords:
    records = DeskRecords()
    records.surveys[SURVEY.token] = SURVEY
    return records


def ask(records: DeskRecords, method: str, token: str, body: bytes | None = None) -> Answer:
    page = SurveyPage(force(), InMemorySurveyAnswers(records), FrozenClock(NOON))
    return respond(http_event(method, f"/survey/{token}", body=body, headers=FORM), ROUTES, page)


def test_the_question_is_shown_with_every_answer_and_no_name(records: DeskRecords) -> None:
    shown = ask(records, "GET", SURVEY.token)
    assert shown["statusCode"] == 200
    assert {answer for answer, _ in ENGLISH.answers} == set(SurveyAnswer)
    for answer, words in ENGLISH.answers:
        assert f'value="{answer.value}"' in shown["body"]
        assert words in shown["body"]
    assert CASE_ID not in shown["body"]
    assert "script" not in shown["body"]
    assert shown["headers"]["cache-control"] == "no-store"


def test_a_link_of_another_language_shows_its_page_and_takes_its_answer(records: DeskRecords) -> None:
    link = f"{SURVEY.token}.cy"
    shown = ask(records, "GET", link)["body"]
    assert '<html lang="cy">' in shown
    assert f'action="/survey/{link}"' in shown
    assert dict(WELSH.answers).keys() == dict(ENGLISH.answers).keys()
    for words in (WELSH.question, *dict(WELSH.answers).values()):
        assert escape(words) in shown
    for words in (ENGLISH.question, "In an emergency", "Skip", "Not an"):
        assert words not in shown
    assert WELSH.thanks in ask(records, "POST", link, b"answer=none")["body"]
    assert records.surveys[SURVEY.token].answer is SurveyAnswer.NO_CONTACT
    assert '<html lang="en-GB">' in ask(records, "GET", f"{SURVEY.token}.fr")["body"]


@pytest.mark.parametrize("answer", SurveyAnswer)
def test_the_first_answer_is_kept(records: DeskRecords, answer: SurveyAnswer) -> None:
    assert ask(records, "POST", SURVEY.token, b"answer=" + answer.encode())["statusCode"] == 200
    again = ask(records, "POST", SURVEY.token, b"answer=101")
    assert (again["statusCode"], "Thank you" in again["body"]) == (200, True)
    assert records.surveys[SURVEY.token].answer is answer


@pytest.mark.parametrize("body", [b"", b"answer=", b"answer=102", b"\xff\x00", b"answer=" + b"1" * 5_000])
def test_what_is_no_answer_has_the_question_shown_again(records: DeskRecords, body: bytes) -> None:
    shown = ask(records, "POST", SURVEY.token, body)
    assert (shown["statusCode"], "Choose one" in shown["body"]) == (422, True)
    assert records.surveys[SURVEY.token].answer is None


@pytest.mark.parametrize("token", ["z" * 26, "short", "A" * 26, SURVEY.token + "0"])
def test_an_answer_under_a_link_of_ours_alone(records: DeskRecords, token: str) -> None:
    assert ask(records, "POST", token, b"answer=101")["statusCode"] == 404
