"""The stand-in platforms inside the test's own process: what would go out over HTTP goes straight to them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

import urllib3
from starlette.applications import Starlette
from urllib3.exceptions import NewConnectionError, ReadTimeoutError

from contact_desk.clock import Clock
from local.platforms.faults import FaultPlan
from local.platforms.graph import GraphApi
from local.platforms.history import History
from local.platforms.ledger import Ledger
from local.platforms.pages import FacebookPages
from local.platforms.x import XApi
from local.platforms.x_history import XHistory
from local.platforms.x_keys import AccountKeys, XKeys
from local.platforms.x_reads import XReads
from tests.builders import FORCE_ON_X
from tests.simulation.faults import QUOTED, Injector

GRAPH_API_URL = "https://graph.simulation.invalid/v26.0"
X_API_URL = "https://x.simulation.invalid/x/2"
HOSTS = frozenset({urlsplit(GRAPH_API_URL).netloc, urlsplit(X_API_URL).netloc})
X_KEYS = XKeys(
    consumer_key="consumer-key",
    consumer_secret="consumer-secret",
    tokens={FORCE_ON_X: AccountKeys(access_token="access-token", access_token_secret="token-secret")},
)
LATE_BY = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call that reached the platform: to whom (a person or a comment), and the words where it was to send some."""

    method: str
    target: str
    text: str | None


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    place: SplitResult
    body: bytes
    headers: Mapping[str, str]


class Outage(StrEnum):
    """How the platform behaves while it is down."""

    UNREACHABLE = "no connection comes about"
    FAILING = "it answers everything with an error, and does nothing"
    SILENT = "it does what it is asked, and answers nothing"
    DEAF = "it answers questions, does what it is asked, and does not say so"
    QUOTING = "it refuses everything, in words that repeat what was sent"


class GraphInProcess:
    """The platforms as the functions meet them. `exchanges` is every call in order, `ledger` every attempt to send.

    While there is an `outage`, calls end as that says.
    """

    def __init__(self, page_tokens: dict[str, str], clock: Clock, injector: Injector) -> None:
        self._page_tokens = page_tokens
        self._clock = clock
        self._injector = injector
        self._runner = asyncio.Runner()
        self.reset()

    def reset(self) -> None:
        """Forget everybody and everything that was sent."""
        self.ledger = Ledger()
        self.exchanges: list[Exchange] = []
        self.faults = FaultPlan()
        self.outage: Outage | None = None
        self._late: list[tuple[datetime, _Call]] = []
        self.history = History()
        self.pages = FacebookPages(self._page_tokens, self._clock)
        self.x_history = XHistory()
        x = (
            *XApi(X_KEYS, self.pages, self.ledger, self.faults, self._clock).routes(),
            *XReads(X_KEYS, self.x_history, self.faults, self._clock).routes(),
        )
        graph = GraphApi(self.pages, self.ledger, self.faults, self._clock, self.history)
        self._app = Starlette(routes=[*x, *graph.routes()])

    def close(self) -> None:
        """Let go of the event loop."""
        self._runner.close()

    def urlopen(
        self, method: str, url: str, body: bytes | None = None, headers: Any = None, **_: Any
    ) -> urllib3.HTTPResponse:
        """What takes the place of `urllib3.PoolManager.urlopen`."""
        place = urlsplit(url)
        if place.netloc not in HOSTS:
            raise AssertionError(f"a call left the simulation: {method} {place.netloc}")
        number = self._injector.before(f"graph {method} {_kind_of_path(place.path)}")
        refusal = self._refusal(number, url, body or b"")
        if refusal is not None:
            return refusal
        call = _Call(method, place, body or b"", headers or {})
        self.exchanges.append(_exchange(call))
        if self._injector.delays(number):
            self._late.append((self._clock.now(), call))
            raise ReadTimeoutError(urllib3.HTTPSConnectionPool(place.netloc), url, "Read timed out.")
        self._catch_up()
        status, answered, content = self._runner.run(self._answer(call))
        self._injector.after(number)
        silent = self.outage is Outage.SILENT or (self.outage is Outage.DEAF and method == "POST")
        if silent or self._injector.loses_reply(number):
            raise ReadTimeoutError(urllib3.HTTPSConnectionPool(place.netloc), url, "Read timed out.")
        return _response(status, answered, content)

    def _refusal(self, number: int | None, url: str, body: bytes) -> urllib3.HTTPResponse | None:
        """The answer to a call that has no effect; None where it is to have one."""
        if self.outage is Outage.UNREACHABLE:
            raise NewConnectionError(urllib3.connection.HTTPSConnection(urlsplit(url).netloc), "refused")
        if self.outage is Outage.QUOTING:
            return _response(400, {}, json.dumps({"error": {"message": body.decode(), "code": 100}}).encode())
        if self.outage is Outage.FAILING or self._injector.refuses(number):
            return _response(503, {}, json.dumps({"error": {"message": QUOTED, "code": 2}}).encode())
        return None

    def _catch_up(self, late_by: timedelta = LATE_BY) -> None:
        """Let the calls take effect that are late enough by now."""
        taken = [late for late in self._late if late[0] + late_by <= self._clock.now()]
        self._late = [late for late in self._late if late not in taken]
        for _, call in taken:
            self._runner.run(self._answer(call))

    def seen_by_public(self) -> list[dict[str, Any]]:
        """What people can see of all that was sent, oldest first; what is late has come."""
        self._catch_up(timedelta(0))
        return [entry for entry in self.ledger.entries() if entry["visible"]]

    async def _answer(self, call: _Call) -> tuple[int, dict[str, str], bytes]:
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": call.method,
            "scheme": "https",
            "path": call.place.path,
            "raw_path": call.place.path.encode(),
            "query_string": call.place.query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in call.headers.items()],
            "client": ("127.0.0.1", 1),
            "server": (call.place.netloc, 443),
        }
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": call.body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        start, *chunks = sent
        answered = {name.decode(): value.decode() for name, value in start["headers"]}
        return start["status"], answered, b"".join(chunk.get("body", b"") for chunk in chunks)


def _response(status: int, headers: Mapping[str, str], content: bytes) -> urllib3.HTTPResponse:
    return urllib3.HTTPResponse(body=content, headers=headers, status=status, preload_content=True)


def _exchange(call: _Call) -> Exchange:
    fields = json.loads(call.body) if call.body else {}
    recipient, message = fields.get("recipient", {}), fields.get("message")
    query = dict(parse_qsl(call.place.query))
    named = recipient.get("id") or recipient.get("comment_id") or query.get("user_id")
    return Exchange(
        method=call.method,
        target=named or call.place.path.split("/")[2],
        text=message.get("text") if isinstance(message, dict) else message,
    )


def _kind_of_path(path: str) -> str:
    """The path without the ids in it: what a crash point is called must not change from run to run."""
    last = path.rpartition("/")[2]
    return last if last.isalpha() else "object"
