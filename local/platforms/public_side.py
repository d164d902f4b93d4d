"""A member of the public, played by hand: a page that writes to the desk on Messenger, under a post, and on X.

What is said goes to the desk's webhooks as the platforms would send it, signed with the secrets of the running desk;
what the desk answers is read from the ledger of this stand-in.
"""

from __future__ import annotations

import re
import secrets
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import httpx
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from contact_desk.clock import to_rfc3339
from local.day.fresh_ids import FreshIds
from local.day.messenger import Messenger
from local.day.meta_webhook import MetaWebhook
from local.day.page_comments import PageComments
from local.day.x_webhook import XWebhook
from local.stack_file import Stack, StackFileError

if TYPE_CHECKING:
    from local.day.deliveries import Delivery
    from local.platforms.ledger import Ledger

FOLDER = Path(__file__).with_name("public_side")
MEDIA_TYPES = {"page.html": "text/html", "page.css": "text/css", "page.js": "text/javascript"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
WHO = re.compile(r"[1-9][0-9]{15}")
PATIENCE_SECONDS = 20
TITLE = "played by hand"

Way = Literal["messenger", "comment", "mention", "x_message"]


class Saying(BaseModel):
    """Something to say: by whom, by which way, in what words."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    who: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{15}$")]
    way: Way
    text: Annotated[str, StringConstraints(min_length=1, max_length=10_000, pattern=r"\S")]


class OnePerson(FreshIds):
    """Fresh ids, all of one person."""

    def __init__(self, who: str) -> None:
        super().__init__(secrets.randbits(48), datetime.now(UTC))
        self._who = who

    def person(self) -> str:
        """Always the same."""
        return self._who


@dataclass(frozen=True, slots=True)
class Said:
    """What was said, and the name under which it can be answered."""

    at: datetime
    way: Way
    text: str
    native_id: str


class PublicSide:
    """The page, what it asks and where else to look; `read_stack` finds the running desk, or raises StackFileError."""

    def __init__(
        self,
        ledger: Ledger,
        read_stack: Callable[[], Stack],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._ledger = ledger
        self._read_stack = read_stack
        self._transport = transport
        self._said: defaultdict[str, list[Said]] = defaultdict(list)
        self._post_number = FreshIds(0, datetime.now(UTC)).post_number()

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/public", self._page, methods=["GET"]),
            Route("/public/say", self._say, methods=["POST"]),
            Route("/public/heard", self._heard, methods=["GET"]),
            Route("/public/places", self._places, methods=["GET"]),
            Route("/public/{name}", self._file, methods=["GET"]),
        ]

    async def _page(self, request: Request) -> Response:
        if WHO.fullmatch(request.query_params.get("who", "")):
            return self._served("page.html")
        who = str(secrets.randbelow(9 * 10**15) + 10**15)
        return RedirectResponse(f"/public?who={who}", HTTPStatus.SEE_OTHER)

    async def _file(self, request: Request) -> Response:
        return self._served(request.path_params["name"])

    def _served(self, name: str) -> Response:
        if name not in MEDIA_TYPES:
            return Response(status_code=HTTPStatus.NOT_FOUND)
        headers = {"content-security-policy": POLICY, "cache-control": "no-cache", "x-frame-options": "DENY"}
        return Response((FOLDER / name).read_bytes(), media_type=MEDIA_TYPES[name], headers=headers)

    async def _say(self, request: Request) -> Response:
        try:
            saying = Saying.model_validate_json(await request.body())
            stack = self._read_stack()
        except ValidationError:
            return JSONResponse({"message": "That cannot be said."}, HTTPStatus.UNPROCESSABLE_ENTITY)
        except StackFileError as error:
            return JSONResponse({"message": str(error)}, HTTPStatus.SERVICE_UNAVAILABLE)
        delivery = self._delivery(saying, stack)
        async with httpx.AsyncClient(
            trust_env=False, timeout=PATIENCE_SECONDS, transport=self._transport
        ) as client:
            try:
                answer = await client.post(
                    f"{stack.api_url}{delivery.path}", content=delivery.body, headers=dict(delivery.headers)
                )
            except httpx.HTTPError:
                return JSONResponse({"message": "The desk does not answer."}, HTTPStatus.BAD_GATEWAY)
        if answer.is_error:
            return JSONResponse({"message": f"The desk says {answer.status_code}."}, HTTPStatus.BAD_GATEWAY)
        (brought,) = delivery.brings
        said = Said(datetime.now(UTC), saying.way, saying.text, brought.native_id)
        self._said[saying.who].append(said)
        return JSONResponse({"said": brought.native_id}, HTTPStatus.CREATED)

    def _delivery(self, saying: Saying, stack: Stack) -> Delivery:
        ids, accounts = OnePerson(saying.who), stack.accounts
        meta = MetaWebhook(stack.secrets.meta.app_secret)
        if saying.way == "messenger":
            return Messenger(accounts["messenger"], meta, ids).message(TITLE, saying.text)
        if saying.way == "comment":
            page = PageComments(accounts["facebook_page"], self._post_number, meta, ids)
            return page.comment(TITLE, saying.text)
        on_x = XWebhook(accounts["x"], stack.secrets.x.consumer_secret, ids)
        said = on_x.mention if saying.way == "mention" else on_x.message
        return said(TITLE, saying.text)

    async def _places(self, _: Request) -> Response:
        try:
            stack = self._read_stack()
        except StackFileError as error:
            return JSONResponse({"message": str(error)}, HTTPStatus.SERVICE_UNAVAILABLE)
        return JSONResponse(
            {"console": stack.console_url, "report": stack.report_url, "live": stack.live_url}
        )

    async def _heard(self, request: Request) -> Response:
        who = request.query_params.get("who", "")
        said = self._said.get(who, [])
        lines: list[dict[str, Any]] = [
            {"at": to_rfc3339(one.at), "way": one.way, "text": one.text, "ours": False} for one in said
        ]
        ways = {one.native_id: one.way for one in said}
        for entry in self._ledger.received():
            way = ways.get(entry.to or "")
            if entry.to == who:
                way = "messenger" if entry.platform != "x" else "x_message"
            if way and entry.visible and entry.text:
                lines.append({"at": to_rfc3339(entry.at), "way": way, "text": entry.text, "ours": True})
        return JSONResponse({"lines": sorted(lines, key=lambda line: str(line["at"]))})
