"""The Lambda behind the survey's page: it shows the question and takes one answer, and can read nothing."""

from __future__ import annotations

import os
from typing import Any

from contact_desk.http_api import Answer, Routes, respond
from contact_desk.observability import logger, metrics
from functions.survey import composition
from functions.survey.question import SurveyPage, show_question, take_answer

ROUTES: Routes[SurveyPage] = {"/survey/*": {"GET": show_question, "POST": take_answer}}


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(event: dict[str, Any], _context: object) -> Answer:
    """One HTTP request."""
    return respond(event, ROUTES, composition.survey_page())


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.survey_page()
