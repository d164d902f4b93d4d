"""The stand-in for Twilio's Messages API: text messages taken, refused, and listed."""

from __future__ import annotations

import base64
import itertools
import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contact_desk.clock import Clock
from contact_desk.errors import ContactDeskError
from local.platforms.faults import FaultKind, FaultPlan
from local.platforms.ledger import Ledger, Received
from local.platforms.pages import FacebookPages

PLATFORM = "sms"
ACCOUNT = "/twilio/2010-04-01/Accounts/{account}"
PATH = f"{ACCOUNT}/Messages.json"
ACTS = {"message": (PLATFORM, "twilio"), "look_up": (PLATFORM, "twilio")}
NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
TEXT_LIMIT = 1600


class TwilioKeys(BaseModel):
    """An API key of an account."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    account_sid: str
    key_sid: str
    key_secret: str


class TwilioRefusedError(ContactDeskError):
    """The stand-in refuses a call as Twilio would; never holds the person's words."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        more = f"https://www.twilio.com/docs/errors/{code}"
        self.body = {"code": code, "message": message, "more_info": more, "status": status}


class TwilioApi:
    """The routes of the stand-in; `numbers` are the account's own, people are told of as on every platform."""

    def __init__(
        self,
        keys: TwilioKeys | None,
        numbers: frozenset[str],
        *,
        people: FacebookPages,
        ledger: Ledger,
        faults: FaultPlan,
        clock: Clock,
        auth_token: str | None = None,
    ) -> None:
        self._keys = keys
        self._auth_token = auth_token
        self.webhooks = {f"PN{number.lstrip('+'):0>32}": (number, "") for number in sorted(numbers)}
        self._numbers = numbers
        self._people = people
        self._ledger = ledger
        self._faults = faults
        self._clock = clock
        self._messages: list[dict[str, Any]] = []
        self._serial = itertools.count(int(clock.now().timestamp() * 1000) << 20)

    def routes(self) -> list[Route]:
        """Every path that the desk uses."""
        return [
            Route(PATH, self._answer_send, methods=["POST"]),
            Route(PATH, self._answer_list, methods=["GET"]),
            Route(f"{ACCOUNT}.json", self._answer_account, methods=["GET"]),
            Route(f"{ACCOUNT}/IncomingPhoneNumbers.json", self._answer_numbers, methods=["GET"]),
            Route(f"{ACCOUNT}/IncomingPhoneNumbers/{{number}}.json", self._answer_number, methods=["POST"]),
        ]

    async def _answer_account(self, request: Request) -> Response:
        try:
            self._check_key(request, by_token=True)
        except TwilioRefusedError as refused:
            return JSONResponse(refused.body, refused.status)
        return JSONResponse({"sid": request.path_params["account"], "status": "active"})

    async def _answer_numbers(self, request: Request) -> Response:
        try:
            self._check_key(request)
        except TwilioRefusedError as refused:
            return JSONResponse(refused.body, refused.status)
        asked = request.query_params.get("PhoneNumber")
        listed = [self._number(sid) for sid, (number, _) in self.webhooks.items() if asked in {None, number}]
        return JSONResponse({"incoming_phone_numbers": listed})

    async def _answer_number(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        sid = request.path_params["number"]
        try:
            self._check_key(request)
        except TwilioRefusedError as refused:
            return JSONResponse(refused.body, refused.status)
        if sid not in self.webhooks:
            unknown = TwilioRefusedError(404, 20404, "The requested resource was not found")
            return JSONResponse(unknown.body, unknown.status)
        self.webhooks[sid] = (self.webhooks[sid][0], form.get("SmsUrl", ""))
        return JSONResponse(self._number(sid))

    def _number(self, sid: str) -> dict[str, Any]:
        number, url = self.webhooks[sid]
        return {"sid": sid, "phone_number": number, "sms_url": url, "sms_method": "POST"}

    async def _answer_send(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
        entry = self._ledger.note(
            Received(
                at=self._clock.now(),
                platform=PLATFORM,
                act="message",
                method=request.method,
                path=request.url.path,
                account=form.get("From"),
                to=form.get("To"),
                text=form.get("Body"),
                body=form,
            )
        )
        try:
            goes_on = await self._suffer("message", request)
            self._check_key(request)
            message = self._send(form)
            entry.visible, entry.sent_id = True, message["sid"]
            if not goes_on:
                raise _failed()
        except TwilioRefusedError as refused:
            entry.status = refused.status
            return JSONResponse(refused.body, refused.status)
        entry.status = 201
        return JSONResponse(message, 201)

    async def _answer_list(self, request: Request) -> Response:
        try:
            if not await self._suffer("look_up", request):
                raise _failed()
            self._check_key(request)
        except TwilioRefusedError as refused:
            return JSONResponse(refused.body, refused.status)
        asked = request.query_params
        wanted = [
            message
            for message in reversed(self._messages)
            if message["to"] == asked.get("To", message["to"])
            and message["from"] == asked.get("From", message["from"])
        ]
        return JSONResponse({"messages": wanted[: int(asked.get("PageSize", "50"))], "next_page_uri": None})

    def _check_key(self, request: Request, *, by_token: bool = False) -> None:
        """Raise what is wrong with the call's key; the account itself opens to its token alone."""
        keys = self._keys
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        pair = keys and (
            f"{keys.account_sid}:{self._auth_token}" if by_token else f"{keys.key_sid}:{keys.key_secret}"
        )
        right = pair and base64.b64encode(pair.encode()).decode()
        if keys is None or scheme != "Basic" or given != right:
            raise TwilioRefusedError(401, 20003, "Authenticate")
        if request.path_params["account"] != keys.account_sid:
            raise TwilioRefusedError(404, 20404, "The requested resource was not found")

    def _send(self, form: Mapping[str, str]) -> dict[str, Any]:
        sender, person, words = form.get("From", ""), form.get("To", ""), form.get("Body", "")
        if sender not in self._numbers:
            raise TwilioRefusedError(
                400, 21606, "The 'From' phone number is not a valid message-capable number"
            )
        if not NUMBER.fullmatch(person) or not self._people.person(sender, person).known:
            raise TwilioRefusedError(400, 21211, "Invalid 'To' Phone Number")
        if not self._people.person(sender, person).reachable:
            raise TwilioRefusedError(400, 21610, "Attempt to send to unsubscribed recipient")
        if not words:
            raise TwilioRefusedError(400, 21602, "A text message body or media urls must be specified.")
        if len(words) > TEXT_LIMIT:
            raise TwilioRefusedError(
                400, 21617, "The concatenated message body exceeds the 1600 character limit"
            )
        now: datetime = self._clock.now()
        message = {
            "sid": f"SM{next(self._serial):032x}",
            "from": sender,
            "to": person,
            "body": words,
            "status": "queued",
            "date_created": format_datetime(now),
            "direction": "outbound-api",
        }
        self._messages.append(message)
        return message

    async def _suffer(self, act: str, request: Request) -> bool:
        """Raise what a planned fault asks for; False where the call goes on and fails after its effect."""
        fault = self._faults.take(ACTS[act], act)
        if fault is None:
            return True
        match fault.kind:
            case FaultKind.RATE:
                raise TwilioRefusedError(429, 20429, "Too Many Requests")
            case FaultKind.EXPIRED:
                raise TwilioRefusedError(401, 20003, "Authenticate")
            case FaultKind.HANG:
                await self._faults.hang(request)
                raise _failed()
            case FaultKind.FAILS_BEFORE:
                raise _failed()
            case FaultKind.FAILS_AFTER:
                return False


def _failed() -> TwilioRefusedError:
    return TwilioRefusedError(500, 20500, "Internal Server Error")
