"""A desk with something of everything, and the calls that its own description says may be made to it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import requests
import schemathesis
from hypothesis import strategies
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.result import Err

from contact_desk.cases import CaseState
from contact_desk.clock import to_rfc3339
from contact_desk.contacts import Person
from contact_desk.grades import Grade
from contact_desk.outbox import OutboxState
from functions.operate.gate import RIGHTS
from functions.operate.handler import respond
from functions.operate.principal import Role
from local.addresses import REPOSITORY
from local.twins.held_still import NOON
from tests.builders import LambdaContext, alert, contact, http_event
from tests.desk_staging import admit
from tests.unit.operate.at_the_desk import ROLES, AtTheDesk
from tests.unit.operate.newsroom import drafted, published, submitted

DESCRIBED = schemathesis.openapi.from_dict(json.loads((REPOSITORY / "docs/openapi.json").read_text()))
OPERATIONS = {one.ok().label: one.ok() for one in DESCRIBED.get_all_operations() if not isinstance(one, Err)}
# What an answer is held to. Whether a call should have been taken is for tests that know the desk.
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
DrawnCall = schemathesis.Case[Any]
HELD, FREE, OTHERS, CLOSED, UNSURE = "01HELD", "01FREE", "01OTHERS", "01CLOSED", "outbox-unsure"


def staged_desk() -> tuple[AtTheDesk, dict[str, Sequence[str]]]:
    """The desk, and what may stand in a path for each of its parameters."""
    desk = AtTheDesk()
    for number, case_id in enumerate((HELD, FREE, OTHERS, CLOSED)):
        admit(
            desk.intake,
            contact(native_id=f"m_{number}", person=Person(f"p_{number}", "Ada")),
            case_id=case_id,
            grade=list(Grade)[number],
            reference=f"MP-{number}",
        )
    desk.post(f"/desk/cases/{HELD}/claim")
    desk.post(f"/desk/cases/{HELD}/replies", {"text": "We have it."}, version=_version(desk, HELD))
    desk.post(f"/desk/cases/{OTHERS}/claim", who="Bo")
    records = desk.records
    closed = replace(records.cases[CLOSED], state=CaseState.CLOSED, closed_at=NOON)
    records.cases[CLOSED] = closed
    (sent,) = records.outbox.values()
    records.outbox[UNSURE] = replace(sent, outbox_id=UNSURE, state=OutboxState.NEEDS_HUMAN)
    opened = alert(case_id=HELD)
    records.alerts[opened.alert_id] = opened
    broadcasts = [str(make(desk).fields["broadcast_id"]) for make in (drafted, submitted, published)]
    return desk, {
        "case_id": (HELD, FREE, OTHERS, CLOSED),
        "alert_id": (opened.alert_id,),
        "outbox_id": (UNSURE, sent.outbox_id),
        "broadcast_id": broadcasts,
        "sha256": ("0" * 64,),
    }


def _version(desk: AtTheDesk, case_id: str) -> int:
    return desk.records.cases[case_id].version


@strategies.composite
def calls(draw: strategies.DrawFn, label: str) -> tuple[DrawnCall, AtTheDesk, Role]:
    """A call of an operation, right or wrong, mostly to something that is there, by somebody who mostly may."""
    operation = OPERATIONS[label]
    case = draw(operation.as_strategy(draw(strategies.sampled_from(list(schemathesis.GenerationMode)))))
    mostly = strategies.integers(0, 7).map(bool)
    desk, there = staged_desk()
    for name in case.path_parameters or {}:
        if draw(mostly):
            case.path_parameters[name] = draw(strategies.sampled_from(there[name]))
    if operation.method.upper() != "GET" and draw(mostly):
        version = version_of(desk, case) if draw(mostly) else draw(strategies.integers(0, 3))
        case.headers.update({"idempotency-key": "a-key", "if-match": f'"{version}"'})
    if label == "GET /desk/stats" and draw(mostly):
        first = draw(strategies.dates(date(1999, 1, 1), date(2200, 1, 1)))
        last = first + timedelta(days=draw(strategies.integers(1, 190)))
        case.query = {"from": first.isoformat(), "to": last.isoformat()}
    if isinstance(case.body, dict) and "last_contact_at" in case.body and draw(mostly):
        case.body = {**case.body, "last_contact_at": to_rfc3339(NOON)}
    if isinstance(case.body, dict) and "hash" in case.body and draw(mostly):
        case.body = {**case.body, "hash": _broadcast(desk, case).hash}
    allowed = RIGHTS[operation.path.replace("{", "<").replace("}", ">")][operation.method.upper()]
    return case, desk, draw(strategies.sampled_from(sorted(allowed if draw(mostly) else set(Role))))


def version_of(desk: AtTheDesk, case: DrawnCall) -> int:
    """The version that stands of what a call is about; 0 where it is about nothing that is there."""
    about = (case.path_parameters or {}).values()
    found = [
        one.version
        for records in (desk.records.cases, desk.records.broadcasts)
        for name, one in records.items()
        if name in about
    ]
    return found[0] if found else 0


def _broadcast(desk: AtTheDesk, case: DrawnCall) -> Any:
    known = desk.records.broadcasts
    return known.get((case.path_parameters or {}).get("broadcast_id", ""), next(iter(known.values())))


def held_to_its_description(case: DrawnCall, desk: AtTheDesk, role: Role) -> int:
    """Make the call as the gateway hands it over, hold the answer to the document, and give its status."""
    request = requests.Request(**case.as_transport_kwargs(base_url="https://desk.example")).prepare()
    claims = {"sub": "sub-Alex", "name": "Alex", "token_use": "access", ROLES: f"[{role.value}]"}
    context: Any = LambdaContext()
    answer = respond(gateway_event(request, claims), context, desk.desk, ROLES)
    headers = {name: [value] for name, value in answer["headers"].items()}
    content = str(answer["body"]).encode()
    response = schemathesis.Response(
        answer["statusCode"], headers, content, request, elapsed=0.0, verify=False
    )
    case.validate_response(response, checks=CHECKS)
    return int(answer["statusCode"])


def gateway_event(request: requests.PreparedRequest, claims: Mapping[str, str]) -> dict[str, Any]:
    """What the HTTP API makes of a request: paths decoded, repeated parameters joined by commas, the body in base64."""
    parts = urlsplit(str(request.url))
    query: dict[str, str] = {}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        query[name] = f"{query[name]},{value}" if name in query else value
    sent: Any = request.body
    body = sent.encode() if isinstance(sent, str) else sent
    event = http_event(str(request.method), unquote(parts.path), query=query)
    event["headers"] = {name.lower(): _text(value) for name, value in request.headers.items()}
    event["body"] = base64.b64encode(body).decode() if body else None
    event["isBase64Encoded"] = bool(body)
    event["requestContext"]["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
    return event


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
