"""Before a route runs: who calls, what is served there, whether the caller may, and whether the body can be read.

Every path that operators have is in `RIGHTS`, with its verbs and whom they are for; what is not there does not exist.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contact_desk.errors import UnreadableJsonError
from contact_desk.http_api import Request
from contact_desk.untrusted_json import load_json
from functions.operate.principal import Principal, Role, principal_of
from functions.operate.refusals import (
    ForbiddenError,
    InvalidFieldsError,
    NoSuchPathError,
    NoSuchVerbError,
    UnknownMediaTypeError,
    UnreadableBodyError,
)

DESK = frozenset({Role.OPERATOR, Role.SUPERVISOR})
SUPERVISORS = frozenset({Role.SUPERVISOR})
WRITERS = DESK | {Role.PUBLISHER}
APPROVERS = frozenset({Role.SUPERVISOR, Role.PUBLISHER})
AUDITORS = frozenset({Role.AUDITOR})
EVERYBODY = frozenset(Role)

RIGHTS: Mapping[str, Mapping[str, frozenset[Role]]] = {
    "/desk/me": {"GET": EVERYBODY},
    "/desk/watch": {"GET": DESK},
    "/desk/cases": {"GET": DESK},
    "/desk/cases/<case_id>": {"GET": DESK},
    "/desk/cases/<case_id>/attachments/<sha256>": {"GET": DESK},
    "/desk/cases/<case_id>/claim": {"POST": DESK},
    "/desk/cases/<case_id>/release": {"POST": DESK},
    "/desk/cases/<case_id>/take-over": {"POST": SUPERVISORS},
    "/desk/cases/<case_id>/replies": {"POST": DESK},
    "/desk/cases/<case_id>/notes": {"POST": DESK},
    "/desk/cases/<case_id>/grade": {"POST": DESK},
    "/desk/cases/<case_id>/thrive": {"POST": DESK},
    "/desk/cases/<case_id>/transfer": {"POST": DESK},
    "/desk/cases/<case_id>/safe-contact": {"POST": DESK},
    "/desk/cases/<case_id>/close": {"POST": DESK},
    "/desk/stats": {"GET": DESK | AUDITORS},
    "/desk/alerts": {"GET": DESK | AUDITORS},
    "/desk/alerts/<alert_id>/acknowledge": {"POST": DESK | AUDITORS},
    "/desk/audit": {"GET": AUDITORS},
    "/desk/outbox/<outbox_id>/resolve": {"POST": DESK},
    "/desk/texts": {"GET": DESK},
    "/desk/texts/check": {"POST": WRITERS},
    "/desk/broadcasts": {"GET": WRITERS, "POST": WRITERS},
    "/desk/broadcasts/<broadcast_id>": {"GET": WRITERS, "PUT": WRITERS},
    "/desk/broadcasts/<broadcast_id>/submit": {"POST": WRITERS},
    "/desk/broadcasts/<broadcast_id>/approve": {"POST": APPROVERS},
    "/desk/broadcasts/<broadcast_id>/correct": {"POST": APPROVERS},
    "/desk/broadcasts/<broadcast_id>/cancel": {"POST": APPROVERS},
    "/desk/publishing": {"GET": WRITERS, "PUT": WRITERS},
}
NAME_IN_A_PATH = r"[A-Za-z0-9._:~-]{1,128}"
"""What a case, an alert or an outbox item may be called in a path; nothing else is there."""

PATTERNS = {
    template: re.compile(re.sub(r"<(\w+)>", NAME_IN_A_PATH, template), re.ASCII) for template in RIGHTS
}


@dataclass(frozen=True, slots=True)
class Visit:
    """An admitted call: who, with the event for the resolver and the hash of what it asks."""

    principal: Principal
    event: dict[str, Any] = field(repr=False)
    asked: str


def admit(event: Mapping[str, Any], roles_claim: str) -> Visit:
    """Let a call in; raises the RefusalError that says why not, nobody's first of all.

    The resolver is given the body as JSON written anew, so that nothing in it can break the resolver's own reading.
    """
    principal = principal_of(event, roles_claim)
    request = Request.from_event(event)
    template = template_of(request.path)
    if template is None:
        raise NoSuchPathError("Nothing is served there.")
    verbs = RIGHTS[template]
    if request.method not in verbs:
        raise NoSuchVerbError(verbs)
    if not principal.roles & verbs[request.method]:
        raise ForbiddenError("Your roles do not allow this.", by=principal.operator.subject)
    body = json.dumps(_body(request), sort_keys=True) if request.method != "GET" else None
    asked = hashlib.sha256(f"{request.method} {request.path}\n{body}".encode()).hexdigest()
    headers = {**request.headers, "content-type": "application/json"}
    # The resolver cuts a stage's name off the path; here the whole path is the route, whatever the stage is called.
    context = {**event["requestContext"], "stage": "$default"}
    query = event.get("queryStringParameters")
    # `?state=&grade=` is a form with nothing chosen.
    chosen = (
        {name: value for name, value in query.items() if value != ""} if isinstance(query, dict) else query
    )
    safe = {
        **event,
        "queryStringParameters": chosen,
        "body": body,
        "isBase64Encoded": False,
        "headers": headers,
        "requestContext": context,
    }
    return Visit(principal, safe, asked)


def template_of(path: str) -> str | None:
    """The path as the table has it; None where nothing is served."""
    return next((name for name, pattern in PATTERNS.items() if pattern.fullmatch(path)), None)


def _body(request: Request) -> dict[str, Any]:
    """The body's object; an empty body is an empty object."""
    if not request.body.strip():
        return {}
    media_type = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise UnknownMediaTypeError("Send application/json.")
    try:
        body = load_json(request.body)
    except UnreadableJsonError:
        raise UnreadableBodyError("The body is not JSON.") from None
    if not isinstance(body, dict):
        raise InvalidFieldsError({"body": "an object"})
    return body
