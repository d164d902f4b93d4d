"""The Lambda that platforms ask to delete what the desk has of a person: it writes the request down and no more."""

from __future__ import annotations

import os
from typing import Any

from contact_desk.http_api import Answer, Routes, respond
from contact_desk.observability import logger, metrics
from functions.data_deletion import composition
from functions.data_deletion.requests import Deletions, show_status, take_request

ROUTES: Routes[Deletions] = {
    "/data-deletion/meta": {"POST": take_request},
    "/data-deletion/*": {"GET": show_status},
}


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(event: dict[str, Any], _context: object) -> Answer:
    """One HTTP request."""
    return respond(event, ROUTES, composition.deletions())


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.deletions()
