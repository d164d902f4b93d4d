"""The Graph API over HTTP: one call is one attempt, and what is not a clear no counts as a perhaps.

No call is ever repeated here. The token travels in a header, never in an address; neither addresses nor answers are
logged, because they name people.
"""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationValueError,
    NewConnectionError,
    SSLError,
)

from contact_desk.errors import ContactDeskError, SecretUnavailableError
from contact_desk.graph_answers import HttpAnswer
from contact_desk.ports import Secret
from contact_desk.send_failures import SendFailure
from functions.notify.platform_answers import (
    CredentialsRefused,
    Refusal,
    RetryLater,
    SendAnswer,
    Sent,
    UnknownEffect,
    read_refusal,
)

CONNECT_SECONDS = 3.0
# A token with a line break or a space in it was pasted wrongly, and would say more than a header may.
FIT_FOR_HEADER = re.compile(r"[!-~]+")


class NothingSentError(ContactDeskError):
    """No connection came about, so nothing can have reached the platform."""


class NoAnswerError(ContactDeskError):
    """The call went out and no whole answer came back."""


class GraphApi:
    """Calls in the name of a page. `base_url` carries the version and no closing slash.

    `publishing` is the secret whose `page_tokens` maps page ids to tokens.
    """

    def __init__(self, base_url: str, publishing: Secret) -> None:
        self._base_url = base_url
        self._publishing = publishing
        self._tokens: dict[str, str] = {}
        self._refused: set[str] = set()
        self._http = urllib3.PoolManager(retries=False)

    def prepare(self, account: str) -> RetryLater | CredentialsRefused | None:
        """Have the page's token at hand; why nothing can be called in its name where there is none.

        A token is read anew once the last one was refused, so that a renewal is noticed at once.
        """
        try:
            version = self._publishing.versions(timedelta(0) if account in self._refused else None)[0]
        except SecretUnavailableError:
            return RetryLater(SendFailure.CREDENTIALS_UNREADABLE)
        tokens = version.get("page_tokens")
        token = tokens.get(account) if isinstance(tokens, Mapping) else None
        if not isinstance(token, str) or not FIT_FOR_HEADER.fullmatch(token):
            return self._refuse(account, CredentialsRefused(SendFailure.CREDENTIALS_MISSING))
        self._tokens[account] = token
        self._refused.discard(account)
        return None

    def send(
        self,
        account: str,
        path: tuple[str, ...],
        body: Mapping[str, Any],
        *,
        answer_id: str,
        within: timedelta,
        tried_before: bool,
    ) -> SendAnswer:
        """POST to the path in the page's name; `answer_id` is the answer's field that names what was sent."""
        not_ready = None if account in self._tokens else self.prepare(account)
        answer = not_ready or self._ask("POST", account, path, body=body, within=within)
        if not isinstance(answer, HttpAnswer):
            return answer
        refusal = self._read(account, answer, tried_before=tried_before)
        if refusal is not None:
            return refusal
        platform_id = (answer.fields or {}).get(answer_id)
        if not isinstance(platform_id, str):
            return UnknownEffect(SendFailure.UNREADABLE_ANSWER)
        return Sent(platform_id)

    def read(
        self, account: str, path: tuple[str, ...], parameters: Mapping[str, str], *, within: timedelta
    ) -> Mapping[str, Any] | Refusal:
        """GET the path in the page's name: the answer's fields, or why there are none."""
        answer = self.prepare(account) or self._ask(
            "GET", account, path, parameters=parameters, within=within
        )
        if not isinstance(answer, HttpAnswer):
            return answer
        return self._read(account, answer, tried_before=False) or answer.fields or {}

    def _ask(
        self,
        method: str,
        account: str,
        path: tuple[str, ...],
        *,
        within: timedelta,
        body: Mapping[str, Any] | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> HttpAnswer | RetryLater | UnknownEffect:
        url = "/".join([self._base_url, *(quote(part, safe="") for part in path)])
        if parameters:
            url = f"{url}?{urlencode(parameters)}"
        try:
            return self._call(method, url, self._tokens[account], body, within)
        except NothingSentError:
            return RetryLater(SendFailure.UNREACHABLE)
        except NoAnswerError:
            return UnknownEffect(SendFailure.NO_ANSWER)

    def _call(
        self, method: str, url: str, token: str, body: Mapping[str, Any] | None, within: timedelta
    ) -> HttpAnswer:
        seconds = within.total_seconds()
        # A connection that slept through the sandbox's freeze may be dead, which shows only once the request is out:
        # a fresh one for every call costs a handshake and saves a doubt.
        self._http.clear()
        try:
            response = self._http.request(
                method,
                url,
                body=json.dumps(body).encode("ascii") if body is not None else None,
                headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
                timeout=urllib3.Timeout(connect=min(CONNECT_SECONDS, seconds), total=seconds),
                redirect=False,
                retries=False,
            )
        except (NewConnectionError, ConnectTimeoutError, LocationValueError):
            raise NothingSentError from None
        except SSLError as error:
            # A certificate is checked before anything is sent; any other trouble may come later.
            if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in error.args):
                raise NothingSentError from None
            raise NoAnswerError from None
        except (HTTPError, OSError):
            raise NoAnswerError from None
        headers = {name.lower(): value for name, value in response.headers.items()}
        return HttpAnswer(response.status, headers, response.data)

    def _read(self, account: str, answer: HttpAnswer, *, tried_before: bool) -> Refusal | None:
        refusal = read_refusal(answer, tried_before=tried_before)
        return self._refuse(account, refusal) if isinstance(refusal, CredentialsRefused) else refusal

    def _refuse(self, account: str, refusal: CredentialsRefused) -> CredentialsRefused:
        self._tokens.pop(account, None)
        self._refused.add(account)
        return refusal
