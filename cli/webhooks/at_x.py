"""Our webhook at X: registered by the app, valid while it answers the CRC, subscribed to the account's activity.

The webhook is the app's and is asked about in its name (OAuth 2.0 client credentials). The subscription is the
account's (OAuth 1.0a): account activity takes the keys that the desk posts with, where X Activity wants OAuth 2.0
tokens for private messages, which last for two hours. Both envelopes are read. Source: docs.x.com, webhooks quickstart,
account activity, "App only".
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import quote

from oauthlib.oauth1 import Client

from cli.webhooks.calls import Calls, PlatformRefusedError, as_json, is_good, listed

Method = Literal["GET", "POST", "PUT", "DELETE"]


@dataclass(frozen=True, slots=True)
class XWebhook:
    """A webhook of the app's; X sends nothing to one that is not valid."""

    id: str
    url: str
    valid: bool


class AtX:
    """X's API. Raises PlatformRefusedError and NotReachedError.

    `url` carries the version; `keys` is the secret that posts: `consumer_key`, `consumer_secret`, and `tokens`, which
    maps account ids to `access_token` and `access_token_secret`.
    """

    def __init__(self, calls: Calls, url: str, keys: Mapping[str, Any]) -> None:
        self._calls = calls
        self._url = url
        self._keys = keys
        self._bearer: str | None = None

    def webhooks(self) -> list[XWebhook]:
        """Those of the app; only the right consumer keys are answered."""
        answer = self._as_app("GET", "webhooks")
        return [
            XWebhook(str(one.get("id")), str(one.get("url")), one.get("valid") is True)
            for one in listed(answer, "data")
        ]

    def register(self, url: str) -> None:
        """Make a webhook; X puts the CRC to it at once."""
        self._as_app("POST", "webhooks", {"url": url})

    def check(self, webhook: XWebhook) -> None:
        """Have X put the CRC to it again."""
        self._as_app("PUT", f"webhooks/{quote(webhook.id, safe='')}")

    def is_subscribed(self, webhook: XWebhook, account: str) -> bool:
        """Whether the account's activity goes to the webhook."""
        told = self._as_account("GET", self._subscriptions(webhook), account).get("data")
        return isinstance(told, dict) and told.get("subscribed") is True

    def subscribe(self, webhook: XWebhook, account: str) -> None:
        """Have the account's activity go to the webhook."""
        self._as_account("POST", self._subscriptions(webhook), account)

    def whose_keys(self, account: str) -> str | None:
        """The account whose keys ours are."""
        told = self._as_account("GET", "users/me", account).get("data")
        return str(told.get("id")) if isinstance(told, dict) else None

    @staticmethod
    def _subscriptions(webhook: XWebhook) -> str:
        return f"account_activity/webhooks/{quote(webhook.id, safe='')}/subscriptions/all"

    def _as_app(
        self, method: Method, path: str, fields: Mapping[str, Any] | None = None
    ) -> Mapping[str, Any]:
        if self._bearer is None:
            self._bearer = self._sign_in()
        headers = {"authorization": f"Bearer {self._bearer}"}
        if fields is None:
            return self._ask(method, f"{self._url}/{path}", headers)
        headers |= {"content-type": "application/json"}
        return self._ask(method, f"{self._url}/{path}", headers, as_json(fields))

    def _sign_in(self) -> str:
        names = ("consumer_key", "consumer_secret")
        key, secret = (quote(str(self._keys.get(name, "")), safe="") for name in names)
        pair = base64.b64encode(f"{key}:{secret}".encode("ascii")).decode("ascii")
        form = "application/x-www-form-urlencoded;charset=UTF-8"
        root = self._url.rpartition("/")[0]
        answer = self._ask(
            "POST",
            f"{root}/oauth2/token",
            {"authorization": f"Basic {pair}", "content-type": form},
            b"grant_type=client_credentials",
        )
        bearer = answer.get("access_token")
        if not isinstance(bearer, str):
            raise PlatformRefusedError("X gives the app no token", credentials=True)
        return bearer

    def _as_account(self, method: Method, path: str, account: str) -> Mapping[str, Any]:
        tokens = self._keys.get("tokens")
        own = tokens.get(account) if isinstance(tokens, dict) else None
        if not isinstance(own, dict):
            raise PlatformRefusedError(f"there are no keys for account {account}", credentials=True)
        signer = Client(
            str(self._keys.get("consumer_key")),
            str(self._keys.get("consumer_secret")),
            str(own.get("access_token")),
            str(own.get("access_token_secret")),
        )
        url = f"{self._url}/{path}"
        _, headers, _ = signer.sign(url, method)
        return self._ask(method, url, {"authorization": str(headers["Authorization"])})

    def _ask(
        self, method: Method, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Mapping[str, Any]:
        answer = self._calls(method, url, headers=headers, body=body)
        if not is_good(answer):
            signing_in = url.endswith("/oauth2/token")
            wrong = answer.status == HTTPStatus.UNAUTHORIZED or (
                signing_in and answer.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN}
            )
            raise PlatformRefusedError(f"X says no with {answer.status}", credentials=wrong)
        return answer.fields or {}
