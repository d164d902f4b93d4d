"""The X API over HTTP: requests signed by OAuth 1.0a, whose tokens neither expire nor travel.

X's OAuth 2.0 user tokens last two hours and are renewed by writing new ones, which a sender has no right to do.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import quote, urlencode

from oauthlib.oauth1 import Client

from contact_desk.clock import Clock
from contact_desk.errors import SecretUnavailableError
from contact_desk.graph_answers import HttpAnswer
from contact_desk.ports import Secret
from contact_desk.send_failures import SendFailure
from functions.notify.http_calls import FIT_FOR_HEADER, Form, HttpCalls
from functions.notify.platform_answers import (
    CredentialsRefused,
    Refusal,
    RetryLater,
    SendAnswer,
    Sent,
    UnknownEffect,
)
from functions.notify.x_answers import read_x_refusal

APP_KEYS = ("consumer_key", "consumer_secret")
ACCOUNT_KEYS = ("access_token", "access_token_secret")


class XApi:
    """Calls in the name of an account. `base_url` carries the version and no closing slash.

    `publishing` is the secret with `consumer_key`, `consumer_secret` and `tokens`, which maps account ids to
    `access_token` and `access_token_secret`.
    """

    def __init__(self, base_url: str, publishing: Secret, clock: Clock) -> None:
        self._base_url = base_url
        self._publishing = publishing
        self._clock = clock
        self._signers: dict[str, Client] = {}
        self._refused: set[str] = set()
        self._calls = HttpCalls()

    def prepare(self, account: str) -> RetryLater | CredentialsRefused | None:
        """Have the account's keys at hand; why nothing can be called in its name where there are none.

        Keys are read anew once the last ones were refused, so that a renewal is noticed at once.
        """
        try:
            version = self._publishing.versions(timedelta(0) if account in self._refused else None)[0]
        except SecretUnavailableError:
            return RetryLater(SendFailure.CREDENTIALS_UNREADABLE)
        tokens = version.get("tokens")
        own = tokens.get(account) if isinstance(tokens, Mapping) else None
        keys = [version.get(name) for name in APP_KEYS]
        keys += [own.get(name) for name in ACCOUNT_KEYS] if isinstance(own, Mapping) else [None]
        if not all(isinstance(key, str) and FIT_FOR_HEADER.fullmatch(key) for key in keys):
            return self._refuse(account, CredentialsRefused(SendFailure.CREDENTIALS_MISSING))
        app_key, app_secret, token, token_secret = map(str, keys)
        self._signers[account] = Client(app_key, app_secret, token, token_secret)
        self._refused.discard(account)
        return None

    def send(
        self,
        account: str,
        path: tuple[str, ...],
        body: Mapping[str, Any] | Form,
        *,
        answer_id: str,
        missing: SendFailure,
        within: timedelta,
        tried_before: bool,
    ) -> SendAnswer:
        """POST to the path; `answer_id` is the field of `data` that names what was sent.

        `missing` is what it means that the target is not there. A `Form` carries a file.
        """
        not_ready = None if account in self._signers else self.prepare(account)
        answer = not_ready or self._ask("POST", account, path, body=body, within=within)
        if not isinstance(answer, HttpAnswer):
            return answer
        refusal = self._read(account, answer, missing=missing, tried_before=tried_before)
        if refusal is not None:
            return refusal
        sent = (answer.fields or {}).get("data")
        platform_id = sent.get(answer_id) if isinstance(sent, Mapping) else None
        if not isinstance(platform_id, str):
            return UnknownEffect(SendFailure.UNREADABLE_ANSWER)
        return Sent(platform_id)

    def delete(self, account: str, path: tuple[str, ...], *, within: timedelta) -> Refusal | None:
        """DELETE what the path names; why it was not done, None where it was."""
        not_ready = None if account in self._signers else self.prepare(account)
        answer = not_ready or self._ask("DELETE", account, path, within=within)
        if not isinstance(answer, HttpAnswer):
            return answer
        refusal = self._read(account, answer, missing=SendFailure.TARGET_GONE, tried_before=True)
        done = (answer.fields or {}).get("data")
        if refusal is None and not (isinstance(done, Mapping) and done.get("deleted") is True):
            return UnknownEffect(SendFailure.UNREADABLE_ANSWER)
        return refusal

    def read(
        self, account: str, path: tuple[str, ...], parameters: Mapping[str, str], *, within: timedelta
    ) -> Mapping[str, Any] | Refusal:
        """GET the path: the answer's fields, or why there are none."""
        answer = self.prepare(account) or self._ask(
            "GET", account, path, parameters=parameters, within=within
        )
        if not isinstance(answer, HttpAnswer):
            return answer
        refusal = self._read(account, answer, missing=SendFailure.NO_SUCH_PERSON, tried_before=False)
        return refusal or answer.fields or {}

    def _ask(
        self,
        method: Literal["GET", "POST", "DELETE"],
        account: str,
        path: tuple[str, ...],
        *,
        within: timedelta,
        body: Mapping[str, Any] | Form | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> HttpAnswer | RetryLater | UnknownEffect:
        url = "/".join([self._base_url, *(quote(part, safe="") for part in path)])
        if parameters:
            url = f"{url}?{urlencode(parameters)}"
        # Neither a body of JSON nor a form with a file is part of the signature: only plain forms are.
        _, signed, _ = self._signers[account].sign(url, http_method=method)
        content_type = body.content_type if isinstance(body, Form) else "application/json"
        written = body.body if isinstance(body, Form) else json.dumps(body).encode("ascii") if body else None
        return self._calls.ask(
            method,
            url,
            headers={**signed, "Content-Type": content_type},
            body=written,
            within=within,
        )

    def _read(
        self, account: str, answer: HttpAnswer, *, missing: SendFailure, tried_before: bool
    ) -> Refusal | None:
        refusal = read_x_refusal(answer, missing=missing, tried_before=tried_before, now=self._clock.now())
        return self._refuse(account, refusal) if isinstance(refusal, CredentialsRefused) else refusal

    def _refuse(self, account: str, refusal: CredentialsRefused) -> CredentialsRefused:
        self._signers.pop(account, None)
        self._refused.add(account)
        return refusal
