"""The operators' desk behind a real origin: pages, API and sign-in on loopback ports, its records in memory."""

from __future__ import annotations

import base64
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpcore
import jwt
import uvicorn
from aws_lambda_powertools.event_handler.api_gateway import BaseRouter
from playwright.sync_api import Browser, BrowserContext, Page
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp

from contact_desk.alerts import alert_of_grade
from contact_desk.cases import CaseState
from contact_desk.contacts import Contact, Person
from contact_desk.decisions import Place, Reason
from contact_desk.grades import Band, Grade
from contact_desk.intake import Nudge
from contact_desk.outbox import OutboxState
from contact_desk.references import reference
from functions.operate.app import app
from functions.operate.handler import respond
from local.console_files import BUILT, ConsoleSettings, console_files
from local.front_door import front_door_app
from local.oidc_issuer import AUDIENCE, Issuer, issuer_app
from local.people import PEOPLE
from local.public_pages import StoredPage
from local.twins.held_still import CountedIds, FrozenClock
from tests.builders import LambdaContext, contact, force
from tests.desk_staging import Staged, admit
from tests.unit.operate.at_the_desk import ROLES, AtTheDesk

Record = Callable[[str, object], None]

TARGETS = {grade: rule.target for grade, rule in force().grades.items()}
BANDS = {Grade.EMERGENCY: Band.RED, Grade.PRIORITY: Band.AMBER}


class WallClock(FrozenClock):
    """A clock that goes; `advance` sets it forward."""

    def __init__(self) -> None:
        super().__init__(datetime.now(UTC))
        self._started = time.monotonic()

    def now(self) -> datetime:
        moment = self.at + timedelta(seconds=time.monotonic() - self._started)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@dataclass(slots=True)
class Sending:
    """What is nudged is sent at once, unless it is held."""

    desk: AtTheDesk
    ends: OutboxState = OutboxState.SENT
    sent: list[Nudge] = field(default_factory=list)
    refuses: bool = False

    def send(self, nudges: Iterable[Nudge]) -> None:
        records = self.desk.records
        for nudge in nudges:
            self.sent.append(nudge)
            item = records.outbox.get(nudge.outbox_id)
            if item is not None:
                records.outbox[nudge.outbox_id] = replace(
                    item, state=self.ends, platform_id="p-1", sent_at=self.desk.clock.now()
                )


class OperateApi(httpcore.AsyncConnectionPool):
    """Stands where the HTTP API does: its authorizer, and the operators' function."""

    def __init__(self, desk: AtTheDesk, issuer: Issuer) -> None:
        super().__init__()
        self.desk = desk
        self.issuer = issuer
        self.asked: list[tuple[float, str, str]] = []
        self.down = False
        self.one_at_a_time = threading.Lock()
        desk.desk = replace(desk.desk, pause=self._step_aside)

    async def request(
        self, method: Any, url: Any, *, headers: Any = None, content: Any = None, **_: Any
    ) -> httpcore.Response:
        parts = urlsplit(bytes(url).decode())
        path = parts.path.removeprefix("/api")
        if path != "/health":
            self.asked.append((time.monotonic(), method, path))
        if self.down:
            raise httpcore.ConnectError
        named = {name.decode(): value.decode() for name, value in headers}
        claims = self._claims(named.get("authorization", ""))
        if claims is None:
            return await answered(401, {"content-type": "application/json"}, b'{"message":"Unauthorized"}')
        event = {
            "version": "2.0",
            "rawPath": path,
            "rawQueryString": parts.query,
            "headers": named,
            "queryStringParameters": dict(parse_qsl(parts.query)),
            "requestContext": {
                "http": {"method": method, "path": path},
                "stage": "$default",
                "authorizer": {"jwt": {"claims": claims, "scopes": None}},
            },
            "body": base64.b64encode(content or b"").decode(),
            "isBase64Encoded": True,
        }
        context: Any = LambdaContext()
        answer = await run_in_threadpool(self._respond, event, context)
        return await answered(answer["statusCode"], answer["headers"], str(answer["body"]).encode())

    def _respond(self, event: dict[str, Any], context: Any) -> Any:
        with self.one_at_a_time:
            return respond(event, context, self.desk.desk, ROLES)

    def _step_aside(self, seconds: float) -> None:
        """Let others in while a call waits: on AWS each has a process of its own, here they share one resolver."""
        held, event, context = dict(app.context), BaseRouter.current_event, BaseRouter.lambda_context
        self.one_at_a_time.release()
        time.sleep(seconds)
        self.one_at_a_time.acquire()
        app.context.clear()
        app.context.update(held)
        BaseRouter.current_event, BaseRouter.lambda_context = event, context

    def _claims(self, authorization: str) -> dict[str, Any] | None:
        try:
            claims = jwt.decode(
                authorization.removeprefix("Bearer "),
                self.issuer.key.public_key(),
                algorithms=["RS256"],
                audience=AUDIENCE,
                issuer=self.issuer.url,
            )
        except jwt.InvalidTokenError:
            return None
        groups = claims.pop(ROLES, [])
        return {**{name: str(value) for name, value in claims.items()}, ROLES: f"[{' '.join(groups)}]"}


async def answered(status: int, headers: Mapping[str, str], body: bytes) -> httpcore.Response:
    response = httpcore.Response(status, headers=list(headers.items()), content=body)
    await response.aread()
    return response


class BuiltConsole:
    """The files of `make console`, as the bucket would hold them."""

    def __init__(self, settings: ConsoleSettings) -> None:
        self._files = {file.key: file for file in console_files(BUILT, settings)}

    def read(self, key: str) -> StoredPage | None:
        file = self._files.get(key)
        return StoredPage(file.body, file.media_type, '"tag"', file.cache_control) if file else None


@dataclass(slots=True)
class OperatorsDesk:
    """A desk with its origin; `arrives` is triage, `signed_in` is an operator in front of a browser."""

    origin: str
    issuer: Issuer
    desk: AtTheDesk
    api: OperateApi
    browser: Browser
    cases: int = 0
    opened: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def arrives(
        self,
        text: str,
        *,
        grade: Grade = Grade.SCHEDULED,
        name: str = "Ceri Pritchard",
        person: str | None = None,
        reasons: tuple[Reason, ...] = (Reason("asb.bikes", "Young people on bikes", ("bikes",)),),
        state: CaseState = CaseState.OPEN,
        markers: tuple[str, ...] = (),
        places: tuple[Place, ...] = (),
        alert: bool = True,
        minutes_ago: float = 0,
        **changes: Any,
    ) -> str:
        """A contact as triage leaves it on the desk: gives its case."""
        self.cases += 1
        now = self.desk.clock.now() - timedelta(minutes=minutes_ago)
        case_id = f"01KBM{self.cases:021}"
        known = reference("MP", f"case{self.cases}")
        written: Contact = contact(
            text,
            **{
                "native_id": f"m_{self.cases}",
                "person": Person(person or f"61200{self.cases}", name),
                "occurred_at": now,
                "received_at": now,
                **changes,
            },
        )
        opened = alert_of_grade(grade, case_id=case_id, reference=known, ladders=force().alerts, now=now)
        with self.api.one_at_a_time:
            staged: Staged = admit(
                self.desk.intake,
                written,
                case_id=case_id,
                grade=grade,
                band=BANDS.get(grade, Band.GREEN),
                state=state,
                answer_by=now + TARGETS[grade],
                alert=opened if alert else None,
                now=now,
                reasons=reasons,
                reference=known,
                markers=markers,
                places=places,
            )
        return staged.case_id

    def reference_of(self, case_id: str) -> str:
        return self.desk.records.cases[case_id].reference

    def page(self, path: str = "/console/", **options: Any) -> Page:
        """A fresh browser at a path of the console; what it complains of is kept."""
        context = self.browser.new_context(
            base_url=self.origin, **{"viewport": {"width": 1280, "height": 800}, **options}
        )
        self.opened.append(context)
        page = context.new_page()
        page.on("console", lambda said: self._heard(said.text, said.type))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(path)
        return page

    def signed_in(self, who: str = "operator", path: str = "/console/", **options: Any) -> Page:
        """Somebody of this machine's people, signed in by hand as they would."""
        page = self.page(path, **options)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name=PEOPLE[who][1] if who in PEOPLE else "Vera Visitor").click()
        page.get_by_role("button", name="Sign out").wait_for()
        return page

    def _heard(self, text: str, kind: str) -> None:
        # A refusal of the API is part of the talk; everything else that a browser says is a fault.
        if kind in {"error", "warning"} and "Failed to load resource" not in text:
            self.complaints.append(text)

    def close(self) -> None:
        for context in self.opened:
            context.close()


@contextmanager
def operators_desk(browser: Browser, home: Path) -> Iterator[OperatorsDesk]:
    """A desk of its own on free ports."""
    front, oidc = free_port(), free_port()
    origin, issuer = f"http://127.0.0.1:{front}", Issuer.at_home(home, f"http://127.0.0.1:{oidc}")
    desk = AtTheDesk(clock=WallClock())
    sending: Any = Sending(desk)
    broadcasting = replace(desk.desk.broadcasting, nudges=sending, clock=desk.clock, ids=CountedIds())
    desk.nudges = sending
    desk.desk = replace(desk.desk, nudges=sending, broadcasting=broadcasting)
    api = OperateApi(desk, issuer)
    pages = BuiltConsole(ConsoleSettings(authority=issuer.url, client_id=AUDIENCE))
    with (
        serving(front_door_app("http://127.0.0.1:1/api", api, pages, issuer.url), front),
        serving(issuer_app(issuer, origin), oidc),
    ):
        here = OperatorsDesk(origin, issuer, desk, api, browser)
        yield here
        here.close()


@contextmanager
def serving(app: ASGIApp, port: int) -> Iterator[None]:
    """An application on a loopback port for as long as the context lasts."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield
    server.should_exit = True
    thread.join(timeout=10)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
