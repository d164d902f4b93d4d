"""One HTTP call of a command: no redirect is followed, and nothing is tried twice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx

from contact_desk.errors import ContactDeskError
from contact_desk.graph_answers import HttpAnswer

ANSWER_WITHIN_SECONDS = 15.0
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class NotReachedError(ContactDeskError):
    """Nobody answered; the message names the host and the kind of failure."""


class PlatformRefusedError(ContactDeskError):
    """A platform said no; the message is its code, never its words, which may repeat what was sent."""

    def __init__(self, what: str, *, credentials: bool = False) -> None:
        super().__init__(what)
        self.credentials = credentials


class Calls(Protocol):
    """Makes a call and gives the answer, whatever it says; raises NotReachedError where none comes."""

    def __call__(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> HttpAnswer:
        """One call."""
        ...


def call_over_http(
    method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> HttpAnswer:
    """A call over the network; raises NotReachedError."""
    host = urlsplit(url).hostname or ""
    try:
        answer = httpx.request(
            method,
            url,
            headers=dict(headers or {}),
            content=body,
            timeout=ANSWER_WITHIN_SECONDS,
            # A proxy of the shell has no business on loopback; elsewhere it may be the only way out.
            trust_env=host not in LOOPBACK,
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotReachedError(f"{host} does not answer ({type(error).__name__})") from None
    return HttpAnswer(answer.status_code, dict(answer.headers), answer.content)


def is_good(answer: HttpAnswer) -> bool:
    """Whether it is a 2xx."""
    return HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES


def listed(fields: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects that an answer lists under a name."""
    found = fields.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def as_json(fields: Mapping[str, Any]) -> bytes:
    """A body."""
    return json.dumps(fields).encode("utf-8")
