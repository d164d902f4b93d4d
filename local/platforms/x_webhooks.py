"""The stand-in X API's webhooks: registered by the app, checked by CRC, subscribed to an account's activity.

Source: docs.x.com, webhooks and account activity; the app signs in by OAuth 2.0 client credentials, an account by 1.0a.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import secrets
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contact_desk.clock import Clock, to_rfc3339
from local.platforms.callbacks import Callback
from local.platforms.x_keys import XKeys

ROOT = "/x"
PREFIX = "/x/2"
OK = 200


class XWebhooks:
    """The routes over an app's webhooks and who is subscribed to which; `check_again` puts the CRC to all of them."""

    def __init__(self, keys: XKeys | None, clock: Clock, callback: Callback) -> None:
        self._keys = keys
        self._clock = clock
        self._callback = callback
        self._bearer = secrets.token_urlsafe(32)
        self._serial = itertools.count(int(clock.now().timestamp() * 1000) << 20)
        self.webhooks: dict[str, dict[str, Any]] = {}
        self.subscribed: set[tuple[str, str]] = set()

    def routes(self) -> list[Route]:
        """Every path of webhooks."""
        one, accounts = (
            f"{PREFIX}/webhooks/{{webhook}}",
            f"{PREFIX}/account_activity/webhooks/{{webhook}}/subscriptions/all",
        )
        return [
            Route(f"{ROOT}/oauth2/token", self._token, methods=["POST"]),
            Route(f"{PREFIX}/webhooks", self._list, methods=["GET"]),
            Route(f"{PREFIX}/webhooks", self._register, methods=["POST"]),
            Route(one, self._check, methods=["PUT"]),
            Route(one, self._delete, methods=["DELETE"]),
            Route(accounts, self._subscription, methods=["GET", "POST"]),
        ]

    async def check_again(self) -> None:
        """Ask every webhook for its CRC, as X does by itself now and then."""
        for webhook in self.webhooks.values():
            webhook["valid"] = await self._answers(webhook["url"])

    async def _token(self, request: Request) -> Response:
        keys = self._keys
        given = request.headers.get("authorization", "")
        right = keys and base64.b64encode(f"{keys.consumer_key}:{keys.consumer_secret}".encode()).decode()
        if given != f"Basic {right}" or (await request.body()) != b"grant_type=client_credentials":
            body = {"errors": [{"code": 99, "message": "Unable to verify your credentials"}]}
            return JSONResponse(body, 403)
        return JSONResponse({"token_type": "bearer", "access_token": self._bearer})

    async def _list(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        listed = list(self.webhooks.values())
        return JSONResponse({"data": listed, "meta": {"result_count": len(listed)}})

    async def _register(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        try:
            url = str(json.loads(await request.body())["url"])
        except (ValueError, KeyError, TypeError):
            return _problem(400, "Invalid Request", "One or more parameters to your request was invalid.")
        if any(webhook["url"] == url for webhook in self.webhooks.values()):
            return _problem(409, "Conflict", "A webhook with this URL exists.")
        if not await self._answers(url):
            return _problem(
                400, "CrcValidationFailed", "The CRC of the webhook returned an invalid response."
            )
        named = str(next(self._serial))
        made = {"id": named, "url": url, "valid": True, "created_at": to_rfc3339(self._clock.now())}
        self.webhooks[named] = made
        return JSONResponse({"data": made})

    async def _check(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        webhook = self.webhooks.get(request.path_params["webhook"])
        if webhook is None:
            return _problem(404, "Not Found Error", "There is no such webhook.")
        webhook["valid"] = await self._answers(webhook["url"])
        if not webhook["valid"]:
            return _problem(
                400, "CrcValidationFailed", "The CRC of the webhook returned an invalid response."
            )
        return JSONResponse({"data": {"attempted": True}})

    async def _delete(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        gone = self.webhooks.pop(request.path_params["webhook"], None)
        self.subscribed = {one for one in self.subscribed if one[0] != request.path_params["webhook"]}
        return JSONResponse({"data": {"deleted": gone is not None}})

    async def _subscription(self, request: Request) -> Response:
        account = self._keys.account_of(request) if self._keys else None
        if account is None:
            return _problem(401, "Unauthorized", "Unauthorized")
        webhook = request.path_params["webhook"]
        if webhook not in self.webhooks:
            return _problem(404, "Not Found Error", "There is no such webhook.")
        if request.method == "POST":
            self.subscribed.add((webhook, account))
        return JSONResponse({"data": {"subscribed": (webhook, account) in self.subscribed}})

    def _refused(self, request: Request) -> Response | None:
        if request.headers.get("authorization") == f"Bearer {self._bearer}":
            return None
        return _problem(401, "Unauthorized", "Unauthorized")

    async def _answers(self, url: str) -> bool:
        """Whether the webhook signs a token of ours with the app's secret."""
        token = base64.b64encode(secrets.token_bytes(24)).decode("ascii")
        secret = (self._keys.consumer_secret if self._keys else "").encode("utf-8")
        digest = hmac.new(secret, token.encode("ascii"), hashlib.sha256).digest()
        try:
            status, body = await self._callback(f"{url}?{urlencode({'crc_token': token})}")
            answered = json.loads(body)["response_token"]
        except (OSError, ValueError, KeyError, TypeError):
            return False
        return status == OK and answered == f"sha256={base64.b64encode(digest).decode('ascii')}"


def _problem(status: int, title: str, detail: str) -> Response:
    body = {"title": title, "detail": detail, "type": "about:blank", "status": status}
    return JSONResponse(body, status)
