"""Failures on request: the next calls of an act go wrong in a way that the real platforms go wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from starlette.requests import Request

HANGS_AT_MOST_SECONDS = 120.0


class FaultKind(StrEnum):
    """How a call goes wrong."""

    RATE = "429"
    """Refused for its rate, in the platform's own way."""
    FAILS_BEFORE = "500_before"
    """A server error, and nothing was sent."""
    FAILS_AFTER = "500_after"
    """A server error, although it was sent."""
    HANG = "hang"
    """No answer until the caller gives up or faults are cleared, and nothing was sent."""
    EXPIRED = "expired"
    """The token is said to have expired."""


@dataclass(slots=True)
class Fault:
    """`times` calls of `act` (None: of any act) on `platform` (None: on any; a channel's name too) go wrong as `kind`.

    `regain_minutes` is for rates: how long the platform says to wait.
    """

    platform: str | None
    act: str | None
    kind: FaultKind
    times: int
    regain_minutes: int = 0

    def concerns(self, platforms: Collection[str], act: str) -> bool:
        """Whether a call of this act is to go wrong; `platforms` are the names that its platform goes by."""
        return (self.platform is None or self.platform in platforms) and self.act in {None, act}


class FaultPlan:
    """The faults to come, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._cleared = asyncio.Event()

    def add(self, fault: Fault) -> None:
        """Plan one more fault."""
        self._faults.append(fault)

    def take(self, platforms: Collection[str], act: str) -> Fault | None:
        """The fault that this call must suffer, used up by one; None when it may go well."""
        for fault in self._faults:
            if fault.concerns(platforms, act):
                fault.times -= 1
                self._faults = [left for left in self._faults if left.times > 0]
                return fault
        return None

    def clear(self) -> None:
        """Forget all faults and let go of every call that hangs."""
        self._faults.clear()
        self._cleared.set()
        self._cleared = asyncio.Event()

    async def cleared(self) -> None:
        """Wait until somebody clears the faults."""
        await self._cleared.wait()

    def planned(self) -> list[dict[str, object]]:
        """What is still to come, as `GET /faults` shows it."""
        return [
            {"platform": fault.platform, "act": fault.act, "fault": fault.kind.value, "times": fault.times}
            for fault in self._faults
        ]

    async def hang(self, request: Request) -> None:
        """Keep the caller waiting until they give up, or faults are cleared."""
        waits = [asyncio.ensure_future(_gone(request)), asyncio.ensure_future(self.cleared())]
        await asyncio.wait(waits, timeout=HANGS_AT_MOST_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()


async def _gone(request: Request) -> None:
    """Wait until the caller hangs up; its body has been read, so nothing else can come."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
