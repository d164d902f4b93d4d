"""One question, four answers: the link's token says which case it is about, and nobody else knows that."""

from __future__ import annotations

import re
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs

from jinja2 import Template

from contact_desk.clock import Clock
from contact_desk.force_file import ForceFile
from contact_desk.http_api import Answer, Request, answer
from contact_desk.numbers.number_ports import SurveyAnswers
from contact_desk.numbers.surveys import SurveyAnswer
from contact_desk.observability import count
from contact_desk.web_pages import PAGE_HEADERS, PAGE_TYPE, page_templates
from functions.survey.wording import ENGLISH, WORDINGS

TEMPLATES = Path(__file__).with_name("templates")
LINK = re.compile(r"/survey/([0-9a-z]{26})(?:\.([a-z]{2}))?", re.ASCII)
LONGEST_FORM = 200


class SurveyPage(NamedTuple):
    """What the page works with."""

    force: ForceFile
    answers: SurveyAnswers
    clock: Clock


def show_question(request: Request, survey: SurveyPage) -> Answer:
    """The question; whether anybody was asked under the link shows when it is answered, for nothing is read here."""
    if LINK.fullmatch(request.path) is None:
        return _page(survey, request, HTTPStatus.NOT_FOUND, "unknown")
    return _page(survey, request, HTTPStatus.OK, "question")


def take_answer(request: Request, survey: SurveyPage) -> Answer:
    """Keep the answer, the first one for ever; an answer that is none has the question shown again."""
    link = LINK.fullmatch(request.path)
    chosen = _chosen(request.body)
    if link and chosen is None:
        return _page(survey, request, HTTPStatus.UNPROCESSABLE_ENTITY, "question", missing=True)
    if link is None or chosen is None or not survey.answers.take(link[1], chosen, survey.clock.now()):
        return _page(survey, request, HTTPStatus.NOT_FOUND, "unknown")
    count("SurveysAnswered")
    return _page(survey, request, HTTPStatus.OK, "thanks")


def _chosen(body: bytes) -> SurveyAnswer | None:
    fields = parse_qs(body[:LONGEST_FORM].decode("ascii", errors="replace"))
    [given] = fields.get("answer", [""])[:1]
    return SurveyAnswer(given) if given in set(SurveyAnswer) else None


def _page(
    survey: SurveyPage, request: Request, status: HTTPStatus, part: str, *, missing: bool = False
) -> Answer:
    force, link = survey.force, LINK.fullmatch(request.path)
    body = _template().render(
        action=request.path if link else "",
        force=force.name,
        from_abroad=force.phones.from_abroad,
        missing=missing,
        non_emergency=force.phones.non_emergency,
        part=part,
        trial=False,
        words=WORDINGS.get(link and link[2], ENGLISH),
    )
    shown = answer(status, body, PAGE_TYPE)
    shown["headers"] |= {"cache-control": "no-store", **PAGE_HEADERS}
    return shown


@lru_cache(maxsize=1)
def _template() -> Template:
    return page_templates(TEMPLATES).get_template("survey.html")
