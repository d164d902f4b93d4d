"""Every platform that notify sends to, inside the test's own process, with a fate for each call.

What would go out over HTTP goes to the stand-ins; SES and SNS are a few lines each. Calls are numbered by nobody: a
`Fate` says of each, as it comes, how it goes.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import urllib3
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from starlette.applications import Starlette
from urllib3.exceptions import NewConnectionError
from urllib3.exceptions import ReadTimeoutError as NoAnswer

from contact_desk.clock import Clock
from local.platforms.faults import Fault, FaultKind, FaultPlan
from local.platforms.graph import GraphApi, Products
from local.platforms.history import History
from local.platforms.ledger import Ledger
from local.platforms.pages import FacebookPages
from local.platforms.twilio import TwilioApi, TwilioKeys
from local.platforms.x import XApi
from local.platforms.x_keys import AccountKeys, XKeys
from local.twins.held_still import FrozenClock
from tests.builders import FORCE_NUMBER, FORCE_ON_X, PAGE, force

GRAPH_URL = "https://graph.schedules.invalid/v26.0"
X_URL = "https://x.schedules.invalid/x/2"
TWILIO_URL = "https://twilio.schedules.invalid/twilio"
INSTAGRAM = force().channels["instagram"].account
WHATSAPP = force().channels["whatsapp"].account
TEMPLATE = "desk_reply/en_GB"
META_TOKENS = {PAGE: "page-token", INSTAGRAM: "instagram-token", WHATSAPP: "whatsapp-token"}
X_KEYS = XKeys(
    consumer_key="ck",
    consumer_secret="cs",
    tokens={FORCE_ON_X: AccountKeys(access_token="at", access_token_secret="ats")},
)
SMS_KEYS = TwilioKeys(account_sid="AC1", key_sid="SK1", key_secret="ks")


class Fate(StrEnum):
    """How a call to a platform goes."""

    WELL = "well"
    RATE = "429"
    FAILS_BEFORE = "500 before the effect"
    FAILS_AFTER = "500 after the effect"
    EXPIRED = "token expired"
    HANGS = "hangs, and nothing was done"
    ANSWER_LOST = "done, and the answer lost"
    LATE = "done some seconds after the caller has given up"
    UNREACHABLE = "no connection"


NOTHING_DONE = frozenset({Fate.RATE, Fate.EXPIRED, Fate.UNREACHABLE})
"""The fates that tell the caller that nothing was done."""

PLANNED = {
    Fate.RATE: FaultKind.RATE,
    Fate.FAILS_BEFORE: FaultKind.FAILS_BEFORE,
    Fate.FAILS_AFTER: FaultKind.FAILS_AFTER,
    Fate.EXPIRED: FaultKind.EXPIRED,
}


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    url: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(slots=True)
class SendPlatforms:
    """The platforms of one desk. `fate` is asked before each call, `answered` told after each that had its effect."""

    clock: FrozenClock
    fate: Callable[[], Fate]
    answered: Callable[[], None]
    late_by: Callable[[], timedelta]
    runner: asyncio.Runner
    mailed: list[tuple[str, str]] = field(default_factory=list)
    published: list[str] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)
    _faults: FaultPlan = field(default_factory=FaultPlan)
    _late: list[tuple[datetime, _Call]] = field(default_factory=list)
    _app: Starlette = field(init=False)

    def __post_init__(self) -> None:
        clock: Clock = self.clock
        pages = FacebookPages(META_TOKENS, clock)
        products = Products(frozenset({INSTAGRAM}), frozenset({TEMPLATE}))
        stand_ins = (
            XApi(X_KEYS, pages, self.ledger, self._faults, clock),
            TwilioApi(
                SMS_KEYS,
                frozenset({FORCE_NUMBER}),
                people=pages,
                ledger=self.ledger,
                faults=self._faults,
                clock=clock,
            ),
            GraphApi(pages, self.ledger, self._faults, clock, History(), products=products),
        )
        self._app = Starlette(routes=[route for stand_in in stand_ins for route in stand_in.routes()])

    def seen(self) -> Mapping[str, int]:
        """How often each text stands before the public, or before operators; what is late has come."""
        self._catch_up(everything=True)
        counts: defaultdict[str, int] = defaultdict(int)
        for entry in self.ledger.entries():
            if entry["visible"]:
                counts[entry["text"]] += 1
        for _, text in self.mailed:
            counts[text] += 1
        for alert in self.published:
            counts[alert] += 1
        return counts

    def urlopen(
        self, method: str, url: str, body: bytes | None = None, headers: Any = None, **more: Any
    ) -> urllib3.HTTPResponse:
        """What takes the place of `urllib3.PoolManager.urlopen`."""
        place = urlsplit(url)
        if not place.netloc.endswith(".schedules.invalid"):
            raise AssertionError(f"a call left the simulation: {method} {place.netloc}")
        call, fate = _Call(method, url, body or b"", headers or {}), self.fate()
        if fate is Fate.UNREACHABLE:
            raise NewConnectionError(urllib3.connection.HTTPSConnection(place.netloc), "refused")
        self._catch_up()
        patience = timedelta(seconds=more["timeout"].total)
        if fate is Fate.LATE:
            self._late.append((self.clock.now() + self.late_by(), call))
        if fate in PLANNED:
            # What a rate's header says: a minute, so that a schedule ends within the hour.
            self._faults.add(Fault(None, None, PLANNED[fate], 1, regain_minutes=1))
        answer = None if fate in {Fate.HANGS, Fate.LATE} else self.runner.run(self._answer(call))
        if fate in {Fate.HANGS, Fate.LATE, Fate.ANSWER_LOST}:
            self.clock.at += patience
            self.answered()
            raise NoAnswer(urllib3.HTTPSConnectionPool(place.netloc), url, "Read timed out.")
        self.answered()
        assert answer is not None
        return urllib3.HTTPResponse(body=answer[2], headers=answer[1], status=answer[0], preload_content=True)

    def send_email(self, **asked: Any) -> Mapping[str, str]:
        """What takes the place of SES's `send_email`."""
        words = asked["Content"]["Simple"]["Body"]["Text"]["Data"]
        (address,) = asked["Destination"]["ToAddresses"]
        self._aws("SendEmail", lambda: self.mailed.append((address, words)))
        return {"MessageId": f"ses-{len(self.mailed)}"}

    def publish(self, **asked: Any) -> Mapping[str, str]:
        """What takes the place of SNS's `publish`."""
        alert = json.loads(json.loads(asked["Message"])["default"])["alert_id"]
        self._aws("Publish", lambda: self.published.append(alert))
        return {"MessageId": f"sns-{len(self.published)}"}

    def _aws(self, operation: str, effect: Callable[[], object]) -> None:
        fate, endpoint = self.fate(), "https://aws.schedules.invalid"
        if fate is Fate.UNREACHABLE:
            raise EndpointConnectionError(endpoint_url=endpoint)
        if fate in {Fate.RATE, Fate.EXPIRED}:
            raise _refused(operation, "TooManyRequestsException", 429)
        if fate is Fate.FAILS_BEFORE:
            raise _refused(operation, "InternalFailure", 500)
        if fate is not Fate.HANGS:
            effect()
        if fate in {Fate.HANGS, Fate.ANSWER_LOST, Fate.LATE}:
            self.clock.at += timedelta(seconds=5)
            self.answered()
            raise ReadTimeoutError(endpoint_url=endpoint)
        self.answered()
        if fate is Fate.FAILS_AFTER:
            raise _refused(operation, "InternalFailure", 500)

    def _catch_up(self, *, everything: bool = False) -> None:
        now = self.clock.now()
        taken = [(at, call) for at, call in self._late if everything or at <= now]
        self._late = [late for late in self._late if late not in taken]
        for at, call in taken:
            self.clock.at = min(at, now)
            self.runner.run(self._answer(call))
            self.clock.at = now

    async def _answer(self, call: _Call) -> tuple[int, dict[str, str], bytes]:
        place = urlsplit(call.url)
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": call.method,
            "scheme": "https",
            "path": place.path,
            "raw_path": place.path.encode(),
            "query_string": place.query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in call.headers.items()],
            "client": ("127.0.0.1", 1),
            "server": (place.netloc, 443),
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


def _refused(operation: str, code: str, status: int) -> ClientError:
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)
