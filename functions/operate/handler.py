"""The Lambda that serves operators."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from contact_desk.errors import StoreError
from contact_desk.http_api import Answer, Request
from contact_desk.observability import count, logger, metrics
from contact_desk.unusual_reading import REFUSED
from functions.operate import composition
from functions.operate.app import app
from functions.operate.desk import Desk
from functions.operate.gate import admit, template_of
from functions.operate.problems import problem_of
from functions.operate.refusals import ForbiddenError, RefusalError
from functions.operate.routes.visiting import AtHand

HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


def respond(event: Mapping[str, Any], context: LambdaContext, desk: Desk, roles_claim: str) -> Answer:
    """The answer to one call; the log has its template, never its path, which anybody may have typed."""
    try:
        visit = admit(event, roles_claim)
        here = AtHand(desk, visit, context.aws_request_id)
        app.append_context(at_hand=here)  # type: ignore[no-untyped-call]
        answer: Answer = app.resolve(visit.event, context)
    except RefusalError as refusal:
        answer = problem_of(refusal)
        if isinstance(refusal, ForbiddenError):
            answer = (
                note_forbidden(desk, Request.from_event(event), refusal, context.aws_request_id) or answer
            )
    named = {name.lower(): value for name, value in answer["headers"].items()}
    count("DeskRequests")
    request = Request.from_event(event)
    logger.info(
        "answered", status=answer["statusCode"], method=request.method, route=template_of(request.path)
    )
    return {**answer, "headers": {**named, **HEADERS}}


def note_forbidden(desk: Desk, request: Request, refusal: ForbiddenError, request_id: str) -> Answer | None:
    """Who tried what and may not is written down; the answer that says it could not be, where that is so."""
    kind, *named = request.path.removeprefix("/desk/").split("/")
    subject, act = named[0] if named else kind, named[1] if named[1:] else request.method.lower()
    try:
        desk.note_refusal(subject, f"{act}{REFUSED}Forbidden", refusal.by, request_id)
    except StoreError as error:
        return problem_of(error)
    return None


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(event: dict[str, Any], context: LambdaContext) -> Answer:
    """One HTTP request."""
    desk, roles_claim = composition.desk()
    return respond(event, context, desk, roles_claim)


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.desk()
