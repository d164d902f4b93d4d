"""Reads from the Graph API in a page's name: paced, page after page, until there is no more or no more time.

The token travels in a header, never in an address, so the addresses of next pages, which carry it, are not followed;
their cursors are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from contact_desk.errors import SecretUnavailableError
from contact_desk.graph_answers import CREDENTIAL_CODES, THROTTLED_CODES, HttpAnswer, share_used, wait_told
from contact_desk.ports import Secret
from functions.ingest.readers.calls import FIT_FOR_HEADER, Method, PacedCalls
from functions.ingest.readers.reader import ReadingStoppedError, StopCause, TimeLeft

SPENT_PER_CENT = 90  # of a rate: the rest is for sending
THROTTLED_WAIT = timedelta(minutes=15)
PAGES_AT_MOST = 500


class GraphReading:
    """Calls that read, in the name of a page. `base_url` carries the version and no closing slash.

    `publishing` is the secret whose `page_tokens` maps page ids to tokens; `pause` waits for so many seconds.
    """

    def __init__(self, base_url: str, publishing: Secret, pause: Callable[[float], None]) -> None:
        self._base_url = base_url
        self._publishing = publishing
        self._calls = PacedCalls(pause)
        self._wait: timedelta | None = None

    def get(
        self, page: str, path: tuple[str, ...], parameters: Mapping[str, str], time_left: TimeLeft
    ) -> Mapping[str, Any]:
        """One answer's fields; raises ReadingStoppedError where there are none."""
        return self._ask("GET", page, path, parameters, time_left)

    def post(
        self, page: str, path: tuple[str, ...], parameters: Mapping[str, str], time_left: TimeLeft
    ) -> Mapping[str, Any]:
        """The same for a call that changes a setting of the page's."""
        return self._ask("POST", page, path, parameters, time_left)

    def pages(
        self, page: str, path: tuple[str, ...], parameters: Mapping[str, str], time_left: TimeLeft
    ) -> Iterator[list[Mapping[str, Any]]]:
        """The entries of an edge, page after page as they are asked for; raises as `get` does."""
        after: dict[str, str] = {}
        for _ in range(PAGES_AT_MOST):
            answer = self.get(page, path, {**parameters, **after}, time_left)
            yield entries_of(answer)
            cursor = next_cursor(answer)
            if cursor is None:
                return
            after = {"after": cursor}
        raise ReadingStoppedError(StopCause.OUT_OF_TIME)

    def token(self, page: str) -> str:
        """The page's token; raises ReadingStoppedError where there is none that can be used."""
        try:
            tokens = self._publishing.versions()[0].get("page_tokens")
        except SecretUnavailableError:
            raise ReadingStoppedError(StopCause.CREDENTIALS) from None
        token = tokens.get(page) if isinstance(tokens, Mapping) else None
        if not isinstance(token, str) or not FIT_FOR_HEADER.fullmatch(token):
            raise ReadingStoppedError(StopCause.CREDENTIALS)
        return token

    def _ask(
        self,
        method: Method,
        page: str,
        path: tuple[str, ...],
        parameters: Mapping[str, str],
        time_left: TimeLeft,
    ) -> Mapping[str, Any]:
        token = self.token(page)
        if self._wait is not None:
            wait, self._wait = self._wait, None
            raise ReadingStoppedError(StopCause.THROTTLED, wait)
        url = "/".join([self._base_url, *(quote(part, safe="") for part in path)])
        answer = self._calls.ask(
            method,
            f"{url}?{urlencode(parameters)}",
            lambda: {"Authorization": f"Bearer {token}"},
            time_left,
        )
        fields = _fields(answer)
        if share_used(answer.headers) >= SPENT_PER_CENT:
            # What was read is good; the next question would take from what replies to people need.
            self._wait = wait_told(answer.headers) or THROTTLED_WAIT
        return fields


def _fields(answer: HttpAnswer) -> Mapping[str, Any]:
    fields = answer.fields
    error = fields.get("error") if fields is not None else None
    code = error.get("code") if isinstance(error, Mapping) else None
    if code in THROTTLED_CODES or answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise ReadingStoppedError(StopCause.THROTTLED, wait_told(answer.headers) or THROTTLED_WAIT)
    if code in CREDENTIAL_CODES:
        raise ReadingStoppedError(StopCause.CREDENTIALS)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise ReadingStoppedError(StopCause.UNREACHABLE)
    if answer.status != HTTPStatus.OK or fields is None or error is not None:
        raise ReadingStoppedError(StopCause.REFUSED)
    return fields


def entries_of(edge: object) -> list[Mapping[str, Any]]:
    """The objects on one page of an edge."""
    listed = edge.get("data") if isinstance(edge, Mapping) else None
    return [entry for entry in listed if isinstance(entry, Mapping)] if isinstance(listed, list) else []


def next_cursor(edge: object) -> str | None:
    """Where the next page of an edge begins; None where this is the last."""
    paging = edge.get("paging") if isinstance(edge, Mapping) else None
    if not isinstance(paging, Mapping) or not paging.get("next"):
        return None
    cursors = paging.get("cursors")
    after = cursors.get("after") if isinstance(cursors, Mapping) else None
    return after if isinstance(after, str) and after else None
