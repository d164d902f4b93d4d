"""The HTTP of the readers: at a pace, within the time that there is, and never following a redirect."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Literal

import urllib3
from urllib3.exceptions import HTTPError

from contact_desk.graph_answers import HttpAnswer
from functions.ingest.readers.reader import ReadingStoppedError, StopCause, TimeLeft

# The Conversations API takes two calls a second for a page; X names no pace within its windows.
PACE = timedelta(seconds=0.5)
CALL_WITHIN = timedelta(seconds=10)
RESERVE = timedelta(seconds=2)
FIT_FOR_HEADER = re.compile(r"[!-~]+")

Method = Literal["GET", "POST"]


class PacedCalls:
    """Calls to one platform, one after another; `pause` waits for so many seconds."""

    def __init__(self, pause: Callable[[float], None]) -> None:
        self._pause = pause
        self._http = urllib3.PoolManager(retries=False)
        self._called = False

    def ask(
        self, method: Method, url: str, authorise: Callable[[], Mapping[str, str]], time_left: TimeLeft
    ) -> HttpAnswer:
        """The answer, whatever it says; `authorise` makes the headers once it is time to call.

        Raises ReadingStoppedError where there is no time, or no answer.
        """
        if self._called:
            self._pause(PACE.total_seconds())
        self._called = True
        within = min(CALL_WITHIN, time_left() - RESERVE)
        if within <= timedelta(0):
            raise ReadingStoppedError(StopCause.OUT_OF_TIME)
        try:
            response = self._http.request(
                method,
                url,
                headers=dict(authorise()),
                timeout=urllib3.Timeout(total=within.total_seconds()),
                redirect=False,
                retries=False,
            )
        except (HTTPError, OSError):
            raise ReadingStoppedError(StopCause.UNREACHABLE) from None
        headers = {name.lower(): value for name, value in response.headers.items()}
        return HttpAnswer(response.status, headers, response.data)
