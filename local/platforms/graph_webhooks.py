"""The stand-in Graph API's app: which webhook it has for each product, set after the handshake that Meta asks for."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.routing import Route

from local.platforms import graph_errors
from local.platforms.callbacks import Callback
from local.platforms.graph_errors import GraphRefusedError, bad_parameter
from local.platforms.graph_parameters import read_parameters, token_of

if TYPE_CHECKING:
    from local.platforms.graph import GraphApi

OBJECTS = ("instagram", "page", "permissions", "whatsapp_business_account")
OK = 200


class GraphWebhooks:
    """The routes over an app's webhooks; `app_token` is `id|secret`, without which the app takes no call."""

    def __init__(self, api: GraphApi, app_token: str | None, callback: Callback) -> None:
        self._api = api
        self._app_token = app_token
        self._callback = callback
        self.subscriptions: dict[str, dict[str, Any]] = {}

    def routes(self) -> list[Route]:
        """The one path, for looking and for setting."""
        path, answering = "/{version}/{app}/subscriptions", self._api.answering
        return [Route(path, answering(self._subscriptions), methods=["GET", "POST", "DELETE"])]

    async def _subscriptions(self, request: Request) -> dict[str, Any]:
        parameters = await read_parameters(request)
        if self._app_token is None or token_of(request, parameters) != self._app_token:
            raise graph_errors.bad_token()
        if request.path_params["app"] != self._app_token.partition("|")[0]:
            raise graph_errors.object_gone(request.path_params["app"], request.method)
        if request.method == "GET":
            return {"data": list(self.subscriptions.values())}
        product = parameters.get("object")
        if product not in OBJECTS:
            raise bad_parameter(f"Param object must be one of {{{', '.join(OBJECTS)}}}")
        if request.method == "DELETE":
            self.subscriptions.pop(product, None)
            return {"success": True}
        url, fields = str(parameters.get("callback_url", "")), str(parameters.get("fields", ""))
        await self._shake_hands(url, str(parameters.get("verify_token", "")))
        self.subscriptions[product] = {
            "object": product,
            "callback_url": url,
            "active": True,
            "fields": [{"name": name, "version": "v26.0"} for name in fields.split(",") if name],
        }
        return {"success": True}

    async def _shake_hands(self, url: str, verify_token: str) -> None:
        challenge = str(secrets.randbelow(10**9))
        asked = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token}
        try:
            status, body = await self._callback(f"{url}?{urlencode(asked)}")
        except OSError:
            status, body = 0, b""
        if (status, body) != (OK, challenge.encode("ascii")):
            raise GraphRefusedError(
                400, 2200, "(#2200) Callback verification failed with the following errors: HTTP Status Code"
            )
