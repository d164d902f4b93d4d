"""The desk as an operator sees it over HTTP, and the platforms as the stand-ins tell: all that the day looks at."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict

from contact_desk.errors import ContactDeskError
from contact_desk.outbox import UNSENT
from contact_desk.timeline import EntryKind
from local.day.deliveries import Delivery
from local.stack_file import Stack

SECONDS_PER_CALL = 35.0
"""A little more than the API itself allows."""
TRIES = 4
PAUSE_SECONDS = 0.25
AT_ONCE = 4
"""As many calls at a time as two cores serve without new function processes starting."""
IN_ANSWER = frozenset({EntryKind.CONTACT, EntryKind.EDIT, EntryKind.DELETED})


class DayError(ContactDeskError):
    """The scripted day could not be played to its end."""


class DeskSilentError(DayError):
    """A part of the running desk does not answer."""


class _Seen(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class CaseSeen(_Seen):
    """A case as the list shows it."""

    case_id: str
    reference: str
    state: str
    grade: str
    category: str | None
    opened_at: datetime


class EntrySeen(_Seen):
    """One entry of a case's timeline; `state` is how far the sending of a text has come."""

    kind: EntryKind
    text: str | None = None
    state: str | None = None

    @property
    def in_flight(self) -> bool:
        """Whether it tells of a text that is still to be sent."""
        return self.state in UNSENT


class CaseOpened(CaseSeen):
    """A case with its timeline."""

    timeline: tuple[EntrySeen, ...]


class AlertSeen(_Seen):
    """An alert that no person has acknowledged."""

    rank: str
    case_id: str | None = None


class SentSeen(_Seen):
    """A text that reached somebody, as the stand-ins tell."""

    at: datetime
    act: str
    to: str | None
    text: str | None
    visible: bool


class Answered(_Seen):
    """What a delivery was answered."""

    status: int
    at: datetime
    body: dict[str, Any]


class DeskView:
    """Talks to one running desk; a platform's patience included: what fails with 5xx is tried again."""

    def __init__(self, stack: Stack, client: httpx.AsyncClient) -> None:
        self._stack = stack
        self._client = client
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._operator = {"Authorization": f"Bearer {stack.tokens.operator}"}

    async def deliver(self, delivery: Delivery) -> Answered:
        """Make the call and give its answer, with when it was made."""
        at = datetime.now(UTC)
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)  # as finely as the stand-ins tell the time
        answer = await self._call(
            "POST", self._stack.api_url + delivery.path, content=delivery.body, headers=dict(delivery.headers)
        )
        try:
            body = answer.json()
        except ValueError:
            body = {}
        return Answered(status=answer.status_code, at=at, body=body if isinstance(body, dict) else {})

    async def cases(self) -> list[CaseSeen]:
        """Every case that is not closed."""
        cases: list[CaseSeen] = []
        cursor: str | None = None
        while True:
            page = await self._read("/desk/cases", {"cursor": cursor} if cursor else {})
            cases += [CaseSeen.model_validate(case) for case in page["cases"]]
            cursor = page.get("next_cursor")
            if not cursor:
                return cases

    async def opened(self, case_ids: Iterable[str]) -> list[CaseOpened]:
        """The cases with their timelines."""
        answers = await asyncio.gather(*(self._read(f"/desk/cases/{case_id}") for case_id in case_ids))
        return [CaseOpened.model_validate(answer) for answer in answers]

    async def alerts(self) -> list[AlertSeen]:
        """The open alerts."""
        answer = await self._read("/desk/alerts")
        return [AlertSeen.model_validate(alert) for alert in answer["alerts"]]

    async def sent(self) -> list[SentSeen]:
        """Every text that anybody can see, oldest first."""
        answer = await self._call("GET", f"{self._stack.platforms_url}/received")
        seen = [SentSeen.model_validate(entry) for entry in answer.json()["received"]]
        return [entry for entry in seen if entry.visible]

    async def _read(self, path: str, params: dict[str, str] | None = None) -> dict[str, Any]:
        answer = await self._call("GET", self._stack.api_url + path, params=params, headers=self._operator)
        if answer.status_code != httpx.codes.OK:
            raise DayError(f"GET {path.partition('?')[0]} was answered {answer.status_code}")
        fields = answer.json()
        if not isinstance(fields, dict):
            raise DayError(f"GET {path} did not answer an object")
        return fields

    async def _call(self, method: str, url: str, **request: Any) -> httpx.Response:
        async with self._turns:
            for left in reversed(range(TRIES)):
                try:
                    answer = await self._client.request(method, url, timeout=SECONDS_PER_CALL, **request)
                except httpx.TransportError as error:
                    if not left:
                        raise DeskSilentError(f"{method} {url} failed: {type(error).__name__}") from None
                else:
                    if answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR or not left:
                        return answer
                await asyncio.sleep(PAUSE_SECONDS)
        raise AssertionError("the last try returns or raises")
