"""The stand-in for Amazon Bedrock: answers `Converse` by the tool that it is given, from a few plain words.

It reads nothing: each phrase below has its answer, so that a desk on one machine shows what a raise looks like. Nothing
that it answers says how well a model would read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contact_desk.clock import Clock
from local.platforms.faults import FaultKind, FaultPlan
from local.platforms.ledger import Ledger, Received

PLATFORM = "bedrock"
PATH = "/bedrock/model/{model:path}/converse"
ACTS = {"converse": (PLATFORM,)}
RED = (
    "wont wake",
    "not waking",
    "gone very quiet",
    "lips are blue",
    "cant feel my legs",
    "said goodbye to everyone",
)
AMBER = ("does not feel right", "scared to go home", "keeps walking past", "has not been seen since")
MESSAGE = re.compile(r"<(message-[0-9a-f]{16})>\n(.*)\n</\1>", re.DOTALL)


class Bedrock:
    """The one route that the desk uses."""

    def __init__(self, ledger: Ledger, faults: FaultPlan, clock: Clock) -> None:
        self._ledger = ledger
        self._faults = faults
        self._clock = clock

    def routes(self) -> list[Route]:
        """The path of `Converse`."""
        return [Route(PATH, self._converse, methods=["POST"])]

    async def _converse(self, request: Request) -> Response:
        body = await _json(request)
        text, tool = _said(body), _tool(body)
        entry = self._ledger.note(
            Received(
                at=self._clock.now(),
                platform=PLATFORM,
                act="converse",
                method=request.method,
                path=request.url.path,
                account=request.path_params["model"],
                to=None,
                text=text,
                body=body,
            )
        )
        fault = self._faults.take({PLATFORM}, "converse")
        if fault and fault.kind is FaultKind.HANG:
            await self._faults.hang(request)
        answer = _refused(fault.kind) if fault else _answered(text, tool)
        entry.status = answer.status_code
        return answer


def _answered(text: str | None, tool: str | None) -> Response:
    if text is None or tool is None:
        return _error(400, "ValidationException", "The stand-in answers a message between tags, by one tool.")
    plain = re.sub(r"[^\w\s]", "", text.lower())
    band, grade, reason = "green", "scheduled", "Nothing in it points to danger."
    if any(words in plain for words in AMBER):
        band, grade, reason = "amber", "priority", "It tells of something that may turn into danger."
    if any(words in plain for words in RED):
        band, grade, reason = (
            "red",
            "emergency",
            "It tells in plain words that somebody's life may be in danger.",
        )
    used = {
        "toolUseId": "tooluse_stand_in",
        "name": tool,
        "input": {"band": band, "grade": grade, "reason": reason, "markers": []},
    }
    return JSONResponse(
        {
            "output": {"message": {"role": "assistant", "content": [{"toolUse": used}]}},
            "stopReason": "tool_use",
            "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2},
            "metrics": {"latencyMs": 1},
        }
    )


def _refused(kind: FaultKind) -> Response:
    if kind is FaultKind.RATE:
        return _error(429, "ThrottlingException", "Too many requests, please wait before trying again.")
    if kind is FaultKind.EXPIRED:
        return _error(
            403, "AccessDeniedException", "You don't have access to the model with the specified model ID."
        )
    return _error(500, "InternalServerException", "The system encountered an unexpected error.")


def _error(status: int, code: str, message: str) -> Response:
    return JSONResponse({"message": message}, status, headers={"x-amzn-ErrorType": code})


async def _json(request: Request) -> Mapping[str, Any]:
    try:
        body = json.loads(await request.body())
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _said(body: Mapping[str, Any]) -> str | None:
    match body:
        case {"messages": [*_, {"role": "user", "content": [{"text": str(text)}, *_]}]}:
            found = MESSAGE.search(text)
            return found[2] if found else None
    return None


def _tool(body: Mapping[str, Any]) -> str | None:
    match body:
        case {"toolConfig": {"toolChoice": {"tool": {"name": str(name)}}}}:
            return name
    return None
