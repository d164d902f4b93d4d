"""The Graph API over HTTP, for pages, Instagram accounts and WhatsApp numbers.

The token travels in a header, never in an address; neither addresses nor answers are
logged, because they name people.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import quote, urlencode

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
    read_refusal,
)


class GraphApi:
    """Calls in the name of an account. `base_url` carries the version and no closing slash.

    `publishing` is the secret whose `page_tokens` maps account ids to tokens: a page's own, an Instagram account's
    that of its linked page, a WhatsApp number's that of its system user.
    """

    def __init__(self, base_url: str, publishing: Secret) -> None:
        self._base_url = base_url
        self._publishing = publishing
        self._tokens: dict[str, str] = {}
        self._refused: set[str] = set()
        self._calls = HttpCalls()

    def prepare(self, account: str) -> RetryLater | CredentialsRefused | None:
        """Have the account's token at hand; why nothing can be called in its name where there is none.

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
        """POST to the path in the account's name; `answer_id` is where the answer names what was sent (`a.b`: b of a).

        A list on the way stands for its first entry.
        """
        not_ready = None if account in self._tokens else self.prepare(account)
        answer = not_ready or self._ask("POST", account, path, body=body, within=within)
        if not isinstance(answer, HttpAnswer):
            return answer
        refusal = self._read(account, answer, tried_before=tried_before)
        if refusal is not None:
            return refusal
        platform_id = _named(answer.fields, answer_id)
        if not isinstance(platform_id, str):
            return UnknownEffect(SendFailure.UNREADABLE_ANSWER)
        return Sent(platform_id)

    def change(
        self,
        account: str,
        path: tuple[str, ...],
        body: Mapping[str, Any] | None = None,
        *,
        within: timedelta,
        method: Literal["POST", "DELETE"] = "POST",
    ) -> Refusal | None:
        """Change or delete what the path names; why it was not done, None where it was (`{"success": true}`)."""
        not_ready = None if account in self._tokens else self.prepare(account)
        answer = not_ready or self._ask(method, account, path, body=body, within=within)
        if not isinstance(answer, HttpAnswer):
            return answer
        refusal = self._read(account, answer, tried_before=True)
        if refusal is None and (answer.fields or {}).get("success") is not True:
            return UnknownEffect(SendFailure.UNREADABLE_ANSWER)
        return refusal

    def upload(self, account: str, path: tuple[str, ...], form: Form, *, within: timedelta) -> str | Refusal:
        """POST a form with a file in it: the `id` of what came of it, or why nothing did."""
        not_ready = None if account in self._tokens else self.prepare(account)
        answer = not_ready or self._ask("POST", account, path, form=form, within=within)
        if not isinstance(answer, HttpAnswer):
            return answer
        refusal = self._read(account, answer, tried_before=False)
        if refusal is not None:
            return refusal
        named = _named(answer.fields, "id")
        return named if isinstance(named, str) else UnknownEffect(SendFailure.UNREADABLE_ANSWER)

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
        form: Form | None = None,
    ) -> HttpAnswer | RetryLater | UnknownEffect:
        url = "/".join([self._base_url, *(quote(part, safe="") for part in path)])
        if parameters:
            url = f"{url}?{urlencode(parameters)}"
        return self._calls.ask(
            method,
            url,
            headers={
                "Authorization": f"Bearer {self._tokens[account]}",
                "Content-Type": form.content_type if form else "application/json",
            },
            body=form.body if form else json.dumps(body).encode("ascii") if body is not None else None,
            within=within,
        )

    def _read(self, account: str, answer: HttpAnswer, *, tried_before: bool) -> Refusal | None:
        refusal = read_refusal(answer, tried_before=tried_before)
        return self._refuse(account, refusal) if isinstance(refusal, CredentialsRefused) else refusal

    def _refuse(self, account: str, refusal: CredentialsRefused) -> CredentialsRefused:
        self._tokens.pop(account, None)
        self._refused.add(account)
        return refusal


def _named(fields: object, path: str) -> object:
    for name in path.split("."):
        first = fields[0] if isinstance(fields, list) and fields else fields
        fields = first.get(name) if isinstance(first, Mapping) else None
    return fields
