"""Twilio's Messages API over HTTP: a form for each message, signed in by an API key."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from contact_desk.errors import SecretUnavailableError
from contact_desk.graph_answers import HttpAnswer
from contact_desk.ports import Secret
from contact_desk.send_failures import SendFailure
from functions.notify.http_calls import FIT_FOR_HEADER, HttpCalls
from functions.notify.platform_answers import (
    CredentialsRefused,
    Refusal,
    RetryLater,
    SendAnswer,
    Sent,
    UnknownEffect,
)
from functions.notify.twilio_answers import read_twilio_refusal

KEYS = ("account_sid", "key_sid", "key_secret")


class TwilioApi:
    """Calls of one Twilio account. `base_url` has no closing slash.

    `publishing` is the secret with `account_sid`, and `key_sid` and `key_secret` of an API key.
    """

    def __init__(self, base_url: str, publishing: Secret) -> None:
        self._base_url = base_url
        self._publishing = publishing
        self._keys: tuple[str, str, str] | None = None
        self._refused = False
        self._calls = HttpCalls()

    def prepare(self) -> RetryLater | CredentialsRefused | None:
        """Have the key at hand; why nothing can be called where there is none.

        It is read anew once the last one was refused, so that a renewal is noticed at once.
        """
        try:
            version = self._publishing.versions(timedelta(0) if self._refused else None)[0]
        except SecretUnavailableError:
            return RetryLater(SendFailure.CREDENTIALS_UNREADABLE)
        account, key, secret = (version.get(name) for name in KEYS)
        if not all(
            isinstance(part, str) and FIT_FOR_HEADER.fullmatch(part) for part in (account, key, secret)
        ):
            return self._refuse(CredentialsRefused(SendFailure.CREDENTIALS_MISSING))
        self._keys = (str(account), str(key), str(secret))
        self._refused = False
        return None

    def send(self, form: Mapping[str, str], *, within: timedelta) -> SendAnswer:
        """Hand over one message; the answer names it by its `sid`."""
        not_ready = None if self._keys else self.prepare()
        answer = not_ready or self._ask("POST", form=form, within=within)
        if not isinstance(answer, HttpAnswer):
            return answer
        refusal = self._read(answer)
        if refusal is not None:
            return refusal
        sid = (answer.fields or {}).get("sid")
        return Sent(sid) if isinstance(sid, str) else UnknownEffect(SendFailure.UNREADABLE_ANSWER)

    def messages(self, parameters: Mapping[str, str], *, within: timedelta) -> Mapping[str, Any] | Refusal:
        """One page of the messages that were handed over, newest first, or why there is none."""
        answer = self.prepare() or self._ask("GET", parameters=parameters, within=within)
        if not isinstance(answer, HttpAnswer):
            return answer
        return self._read(answer) or answer.fields or {}

    def _ask(
        self,
        method: str,
        *,
        within: timedelta,
        form: Mapping[str, str] | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> HttpAnswer | RetryLater | UnknownEffect:
        account, key, secret = self._keys or ("", "", "")
        url = f"{self._base_url}/2010-04-01/Accounts/{quote(account, safe='')}/Messages.json"
        if parameters:
            url = f"{url}?{urlencode(parameters)}"
        signed_in = base64.b64encode(f"{key}:{secret}".encode("ascii")).decode("ascii")
        return self._calls.ask(
            method,
            url,
            headers={
                "Authorization": f"Basic {signed_in}",
                "Content-Type": "application/x-www-form-urlencoded",
            },
            body=urlencode(form).encode("ascii") if form is not None else None,
            within=within,
        )

    def _read(self, answer: HttpAnswer) -> Refusal | None:
        refusal = read_twilio_refusal(answer)
        return self._refuse(refusal) if isinstance(refusal, CredentialsRefused) else refusal

    def _refuse(self, refusal: CredentialsRefused) -> CredentialsRefused:
        self._keys, self._refused = None, True
        return refusal
