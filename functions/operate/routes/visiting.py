"""What every route has at hand: the desk, the caller, their headers, and how an answer goes out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, NamedTuple, cast

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Header
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from functions.operate.calls import Call, Done
from functions.operate.desk import Desk
from functions.operate.gate import Visit

JSON = "application/json"

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[!\"$-~]{1,200}$",
        description="New for each act, the same for a repeat of it: the same call has the same answer for 24 hours.",
    ),
]
IfMatch = Annotated[
    str, Header(alias="If-Match", description='The version that was seen, from its ETag: `"7"`.')
]
IfMatchToo = Annotated[
    str | None, Header(alias="If-Match", description="The version that was seen; may be left out.")
]


class AtHand(NamedTuple):
    """The desk and the admitted call."""

    desk: Desk
    visit: Visit
    request_id: str

    def call(self, key: str) -> Call:
        """The admitted call under its idempotency key."""
        return Call(self.visit.principal.operator, self.request_id, key, self.visit.asked)


def new_router() -> APIGatewayHttpRouter:
    """A router for the routes of one subject."""
    return APIGatewayHttpRouter()  # type: ignore[no-untyped-call]


def at_hand(router: APIGatewayHttpRouter) -> AtHand:
    """What the handler laid ready for this call."""
    return cast(AtHand, router.context["at_hand"])


def version_in(if_match: str) -> int:
    """The version of `"7"` or of a bare 7; what is neither is no version that a case can have."""
    named = re.fullmatch(r'"?([0-9]{1,9})"?', if_match.strip(), re.ASCII)
    return int(named.group(1)) if named else 0


def answer(
    fields: Mapping[str, Any], version: int | None = None, status: HTTPStatus = HTTPStatus.OK
) -> Response[str]:
    """An answer in JSON, with the version of what it shows as its ETag."""
    headers = {"ETag": f'"{version}"'} if version is not None else {}
    return Response(status.value, JSON, json.dumps(fields), headers)


def answer_of(done: Done) -> Response[str]:
    """The answer to an act."""
    return answer(done.fields, done.version, done.status)
