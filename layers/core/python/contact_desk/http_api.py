"""What the HTTP API hands a function (payload format 2.0) and what a function hands back."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar

from contact_desk.errors import StoreError
from contact_desk.observability import count, count_faults, logger

Answer = dict[str, Any]

PROBLEM_JSON = "application/problem+json"
PLAIN_TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request: `path` without the stage, header names in lower case, the body as the bytes that came."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> Request:
        """The request in an event, whatever is missing from it; never raises."""
        context = _mapping(event.get("requestContext"))
        path = str(event.get("rawPath") or "")
        stage = f"/{context.get('stage')}"
        if path.startswith(f"{stage}/"):  # the default stage is not in the path, every other one is
            path = path.removeprefix(stage)
        return cls(
            method=str(_mapping(context.get("http")).get("method") or ""),
            path=path,
            headers={name.lower(): value for name, value in _texts(event.get("headers")).items()},
            query=_texts(event.get("queryStringParameters")),
            body=_bytes(event.get("body"), encoded=event.get("isBase64Encoded") is True),
        )


Ports = TypeVar("Ports")
Routes = Mapping[str, Mapping[str, Callable[[Request, Ports], Answer]]]
"""Verbs by path; `/live/*` stands for every path of one more segment that has no entry of its own."""


def respond(event: Mapping[str, Any], routes: Routes[Ports], ports: Ports) -> Answer:
    """The answer of a path's verb, in one log line; only a fault of ours is a 5xx, so that it is sent again."""
    request = Request.from_event(event)
    route = request.path if request.path in routes else f"{request.path.rpartition('/')[0]}/*"
    verbs = routes.get(route, {})
    if request.method in verbs:
        try:
            answered = verbs[request.method](request, ports)
        except StoreError as fault:
            count("RequestFaults")
            count_faults([type(fault)])
            logger.append_keys(fault=type(fault).__name__, cause=str(fault))
            answered = problem(HTTPStatus.SERVICE_UNAVAILABLE)
    elif verbs:
        answered = problem(HTTPStatus.METHOD_NOT_ALLOWED)
        answered["headers"]["allow"] = ", ".join(sorted(verbs))
    else:
        answered = problem(HTTPStatus.NOT_FOUND)
    count("Requests")
    # A path that is not ours may hold anything, a name too: it stays out of the log.
    logger.info("answered", status=answered["statusCode"], route=route if verbs else None)
    return answered


def answer(status: HTTPStatus, body: str, content_type: str = PLAIN_TEXT) -> Answer:
    """An answer whose body is text."""
    return {
        "statusCode": status.value,
        "headers": {"content-type": content_type, "x-content-type-options": "nosniff"},
        "body": body,
    }


def answer_json(
    status: HTTPStatus, fields: Mapping[str, object], content_type: str = "application/json"
) -> Answer:
    """An answer in JSON."""
    return answer(status, json.dumps(fields), content_type)


def problem(status: HTTPStatus, name: str | None = None, **members: object) -> Answer:
    """An RFC 9457 problem: `name` is one of the desk's own types, without it the status says it all."""
    fields = {
        "type": f"urn:contact-desk:{name}" if name else "about:blank",
        "title": status.phrase,
        "status": status.value,
        **members,
    }
    return answer_json(status, fields, PROBLEM_JSON)


def _bytes(body: object, *, encoded: bool) -> bytes:
    if not isinstance(body, str):
        return b""
    if encoded:
        try:
            return base64.b64decode(body)
        except (binascii.Error, ValueError):
            pass  # not what the flag says: then it is what it is, and no signature will fit it
    return body.encode("utf-8", errors="surrogatepass")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _texts(value: object) -> dict[str, str]:
    return {str(name): text for name, text in _mapping(value).items() if isinstance(text, str)}
