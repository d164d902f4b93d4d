"""Our apps at the stand-ins, and how these call a webhook back before they deliver to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx

Callback = Callable[[str], Awaitable[tuple[int, bytes]]]
"""Asks an address and gives status and body; raises OSError where nothing answers."""
PATIENCE_SECONDS = 10.0


async def call_back(url: str) -> tuple[int, bytes]:
    """The answer over HTTP, no redirect followed; no proxy of the shell stands between two processes of one machine."""
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_SECONDS) as http:
        try:
            answer = await http.get(url)
        except httpx.HTTPError as error:
            raise OSError(type(error).__name__) from None
        return answer.status_code, answer.content


@dataclass(frozen=True, slots=True)
class Apps:
    """What opens our app at Meta (`id|secret`) and the account at Twilio, and how webhooks are asked who they are."""

    meta: str | None = None
    sms_auth_token: str | None = None
    callback: Callback = call_back
