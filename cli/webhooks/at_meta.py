"""Our app at Meta: its webhook for each product, the accounts that send to it, and what their tokens are worth.

Source: Graph API v26.0, "Webhooks: getting started" and "Webhooks for pages", references of `/{app-id}/subscriptions`
and `/{page-id}/subscribed_apps`, "Access tokens: debugging"; WhatsApp Cloud API, "Set up webhooks".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from cli.webhooks.calls import Calls, PlatformRefusedError, is_good, listed
from contact_desk.graph_answers import CREDENTIAL_CODES
from functions.ingest.channel_health import SUBSCRIPTIONS
from functions.ingest.payload_fields import read_moment

PRODUCTS: Mapping[str, str] = {
    "messenger": "page",
    "facebook_page": "page",
    "instagram": "instagram",
    "whatsapp": "whatsapp_business_account",
}
"""The product whose webhook brings a channel."""
FIELDS: Mapping[str, frozenset[str]] = {
    **SUBSCRIPTIONS,
    "instagram": frozenset(
        {"comments", "live_comments", "mentions", "messages", "messaging_postbacks", "standby"}
    ),
    "whatsapp": frozenset({"messages"}),
}
"""What the webhook must send for each channel."""
ON_PAGES = frozenset(SUBSCRIPTIONS)
# What a person needs to be told beside the code.
MEANINGS = {2200: ": it asked our webhook for the verify token and did not get the right answer in time"}
BUSINESS_SCOPE = "whatsapp_business_management"


@dataclass(frozen=True, slots=True)
class AppWebhook:
    """The app's webhook for a product."""

    callback_url: str
    active: bool
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class Token:
    """What Meta says of an account's token; `ends_at` is None where it never ends.

    `business_accounts` are WhatsApp's that it opens, where Meta names them.
    """

    is_valid: bool
    app_id: str | None
    ends_at: datetime | None
    business_accounts: tuple[str, ...]


class AtMeta:
    """The Graph API in the app's and the accounts' names. Raises PlatformRefusedError and NotReachedError.

    `url` carries the version; `app` is the secret of the webhook (`app_id`, `app_secret`, `verify_token`), `tokens`
    maps account ids to their tokens.
    """

    def __init__(self, calls: Calls, url: str, app: Mapping[str, Any], tokens: Mapping[str, str]) -> None:
        self._calls = calls
        self._url = url
        self._app = app
        self._tokens = tokens

    @property
    def app_id(self) -> str:
        """The app's own id."""
        return str(self._app.get("app_id") or "")

    def webhook(self, product: str) -> AppWebhook | None:
        """The app's webhook for a product; None where it has none. Only the right app secret is answered."""
        answer = self._ask("GET", (self.app_id, "subscriptions"), self._app_token)
        for one in listed(answer, "data"):
            if one.get("object") == product:
                fields = (
                    each.get("name") if isinstance(each, dict) else each for each in one.get("fields") or ()
                )
                return AppWebhook(
                    callback_url=str(one.get("callback_url", "")),
                    active=one.get("active") is not False,
                    fields=frozenset(name for name in fields if isinstance(name, str)),
                )
        return None

    def set_webhook(self, product: str, callback_url: str, fields: frozenset[str]) -> None:
        """Have the product send these fields to the address; Meta asks it for the verify token at once."""
        self._ask(
            "POST",
            (self.app_id, "subscriptions"),
            self._app_token,
            object=product,
            callback_url=callback_url,
            verify_token=str(self._app.get("verify_token", "")),
            fields=",".join(sorted(fields)),
        )

    def page_fields(self, page: str) -> frozenset[str]:
        """What the page sends to our app; nothing where it is not subscribed."""
        answer = self._ask("GET", (page, "subscribed_apps"), self._token(page), fields="id,subscribed_fields")
        for one in listed(answer, "data"):
            if str(one.get("id")) == self.app_id:
                return frozenset(map(str, one.get("subscribed_fields") or ()))
        return frozenset()

    def subscribe_page(self, page: str, fields: frozenset[str]) -> None:
        """Have the page send these fields: the list replaces what was there."""
        path = (page, "subscribed_apps")
        self._ask("POST", path, self._token(page), subscribed_fields=",".join(sorted(fields)))

    def subscribe_business(self, business_account: str, number: str) -> None:
        """Have a business account of WhatsApp send to our app."""
        self._ask("POST", (business_account, "subscribed_apps"), self._token(number))

    def business_is_subscribed(self, business_account: str, number: str) -> bool:
        """Whether it does."""
        answer = self._ask("GET", (business_account, "subscribed_apps"), self._token(number))
        apps = [one.get("whatsapp_business_api_data") for one in listed(answer, "data")]
        return any(isinstance(app, dict) and str(app.get("id")) == self.app_id for app in apps)

    def token(self, account: str) -> Token:
        """What the account's own token is worth; it may always be used to look at itself."""
        token = self._token(account)
        told = self._ask("GET", ("debug_token",), token, input_token=token).get("data")
        facts: Mapping[str, Any] = told if isinstance(told, dict) else {}
        ends = [
            end for name in ("expires_at", "data_access_expires_at") if (end := read_moment(facts.get(name)))
        ]
        scopes = listed(facts, "granular_scopes")
        named = [
            str(target)
            for scope in scopes
            if scope.get("scope") == BUSINESS_SCOPE
            for target in scope.get("target_ids") or ()
        ]
        return Token(
            is_valid=facts.get("is_valid") is True,
            app_id=str(facts["app_id"]) if facts.get("app_id") else None,
            ends_at=min(ends) if ends else None,
            business_accounts=tuple(named),
        )

    @property
    def _app_token(self) -> str:
        return f"{self.app_id}|{self._app.get('app_secret', '')}"

    def _token(self, account: str) -> str:
        token = self._tokens.get(account)
        if not isinstance(token, str) or not token:
            raise PlatformRefusedError(f"there is no token for account {account}", credentials=True)
        return token

    def _ask(self, method: str, path: tuple[str, ...], token: str, **parameters: str) -> Mapping[str, Any]:
        url = "/".join([self._url, *(quote(part, safe="") for part in path)])
        asked = urlencode(parameters)
        form = method == "POST"
        answer = self._calls(
            method,
            url if form or not asked else f"{url}?{asked}",
            headers={
                "authorization": f"Bearer {token}",
                **({"content-type": "application/x-www-form-urlencoded"} if form else {}),
            },
            body=asked.encode("ascii") if form else b"",
        )
        fields = answer.fields or {}
        error = fields.get("error")
        if isinstance(error, dict) or not is_good(answer):
            code = error.get("code") if isinstance(error, dict) else None
            # An app's token that is wrong is told by 1 or 101 as well as by what a page's is.
            wrong = code in CREDENTIAL_CODES or code in {1, 101}
            said = f"Meta says no with code {code or answer.status}{MEANINGS.get(code or 0, '')}"
            raise PlatformRefusedError(said, credentials=wrong)
        return fields


def days_left(ends_at: datetime, now: datetime) -> int:
    """Whole days; none once it has ended."""
    return max((ends_at - now) // timedelta(days=1), 0)
