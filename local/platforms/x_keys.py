"""The keys that the stand-in X accepts, and whose call a signature makes it."""

from __future__ import annotations

import re
from typing import Literal

from oauthlib.oauth1 import Client
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request

METHODS: dict[str, Literal["GET", "POST", "DELETE"]] = {"GET": "GET", "POST": "POST", "DELETE": "DELETE"}
OAUTH = re.compile(r'(\w+)="([^"]*)"')


class AccountKeys(BaseModel):
    """What an account's calls are signed with, beside the app's own keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    access_token: str
    access_token_secret: str


class XKeys(BaseModel):
    """The app's keys, and by account id those of the accounts that it may act for."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    consumer_key: str
    consumer_secret: str
    tokens: dict[str, AccountKeys]

    def account_of(self, request: Request) -> str | None:
        """The account whose keys signed the request, as OAuth 1.0a says; None where none did."""
        scheme, _, said = request.headers.get("authorization", "").partition(" ")
        given = dict(OAUTH.findall(said))
        for account, keys in self.tokens.items():
            if scheme == "OAuth" and given.get("oauth_token") == keys.access_token:
                signer = Client(
                    self.consumer_key,
                    self.consumer_secret,
                    keys.access_token,
                    keys.access_token_secret,
                    nonce=given.get("oauth_nonce"),
                    timestamp=given.get("oauth_timestamp"),
                )
                _, headers, _ = signer.sign(str(request.url), METHODS[request.method])
                if dict(OAUTH.findall(headers["Authorization"])) == given:
                    return account
        return None
