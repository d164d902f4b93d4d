"""The Lambda behind the online report form, the look-up of messages, and the question whether the desk is up."""

from __future__ import annotations

import os
from typing import Any

from contact_desk.http_api import Answer, Routes, respond
from contact_desk.observability import logger, metrics
from functions.report import composition
from functions.report.form.journey import begin, look, press
from functions.report.look_up import answer_look_up
from functions.report.reports import Reports, take_in_report, tell_health

ROUTES: Routes[Reports] = {
    "/report": {"GET": begin},
    "/report/*": {"GET": look, "POST": press},
    "/reports": {"POST": take_in_report},
    "/health": {"GET": tell_health},
    "/live/*": {"GET": answer_look_up, "HEAD": answer_look_up},
}


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(event: dict[str, Any], _context: object) -> Answer:
    """One HTTP request."""
    return respond(event, ROUTES, composition.reports())


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.reports()
