"""The resolver with every route, and the OpenAPI 3.1 document that it writes."""

from __future__ import annotations

import json

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer

from functions.operate.problems import problem_of
from functions.operate.routes import alerts, audit, broadcasts, case_acts, cases, me, stats, texts, watch

TITLE = "Contact Desk: the operators' API"
VERSION = "1.0.0"
DESCRIPTION = """Cases, alerts, broadcasts and what is sent, for the people at the desk.

Times are RFC 3339 in UTC. Every POST carries an Idempotency-Key. Errors are problem JSON (RFC 9457), and the desk's own
types begin with `urn:contact-desk:`."""

app = APIGatewayHttpResolver(enable_validation=True)
for routes in (me, watch, cases, case_acts, alerts, audit, broadcasts, texts, stats):
    app.include_router(routes.router)


def answer_with_problem(error: Exception) -> Response[str]:
    """Whatever a route raises becomes a problem: no caller sees a traceback, and no log a person's words."""
    answer = problem_of(error)
    headers = dict(answer["headers"])
    return Response(answer["statusCode"], headers.pop("content-type"), answer["body"], headers)


app.exception_handler(Exception)(answer_with_problem)


def openapi_document() -> str:
    """The OpenAPI document of these routes, as JSON."""
    written = app.get_openapi_json_schema(
        title=TITLE,
        version=VERSION,
        openapi_version="3.1.0",
        description=DESCRIPTION,
        security_schemes={"token": HTTPBearer(bearerFormat="JWT")},
        security=[{"token": []}],
    )
    document = json.loads(written)
    # The resolver's own problems, which no caller ever sees: it tells of them wherever a route has no 422 of ours.
    for operation in (one for verbs in document["paths"].values() for one in verbs.values()):
        if "application/problem+json" not in operation["responses"]["422"]["content"]:
            del operation["responses"]["422"]
    for unused in ("HTTPValidationError", "ResponseValidationError", "ValidationError"):
        del document["components"]["schemas"][unused]
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
