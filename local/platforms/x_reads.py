"""The stand-in X API's past: an account's mentions and direct messages page by page, and whose keys they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contact_desk.clock import Clock
from contact_desk.errors import ContactDeskError
from local.platforms.faults import FaultKind, FaultPlan
from local.platforms.x_history import XHistory, newest_first
from local.platforms.x_keys import XKeys

PLATFORM = "x"
PREFIX = "/x/2"
ACTS = {"mentions": (PLATFORM,), "messages": (PLATFORM,), "account": (PLATFORM,)}
WINDOW = timedelta(minutes=15)
# Calls of an account in each window.
ALLOWED = {"mentions": 300, "messages": 15, "account": 75}
TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?Z", re.ASCII)
USER, MEDIA = "id,name,username", "media_key,type"

Read = Callable[[Request, str], dict[str, Any]]


class _RefusedError(ContactDeskError):
    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(title)
        self.status = status
        self.body = {"title": title, "detail": detail, "type": "about:blank", "status": status}


class XReads:
    """The routes over what happened on X; whoever asks signs with the account's keys."""

    def __init__(self, keys: XKeys | None, history: XHistory, faults: FaultPlan, clock: Clock) -> None:
        self._keys = keys
        self._history = history
        self._faults = faults
        self._clock = clock
        self._calls: Counter[tuple[str, str, int]] = Counter()

    def routes(self) -> list[Route]:
        """Every path that reads what people did."""
        return [
            Route(f"{PREFIX}/users/me", self._answering("account", self._me), methods=["GET"]),
            Route(
                f"{PREFIX}/users/{{user}}/mentions",
                self._answering("mentions", self._mentions),
                methods=["GET"],
            ),
            Route(f"{PREFIX}/dm_events", self._answering("messages", self._messages), methods=["GET"]),
        ]

    def _answering(self, act: str, read: Read) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            headers: dict[str, str] = {}
            try:
                body = await self._call(act, read, request, headers)
            except _RefusedError as refused:
                return JSONResponse(refused.body, refused.status, headers=headers)
            return JSONResponse(body, headers=headers)

        return answer

    async def _call(self, act: str, read: Read, request: Request, headers: dict[str, str]) -> dict[str, Any]:
        fault = self._faults.take(ACTS[act], act)
        kind = fault.kind if fault else None
        if kind is FaultKind.HANG:
            await self._faults.hang(request)
        if kind in {FaultKind.HANG, FaultKind.FAILS_BEFORE, FaultKind.FAILS_AFTER}:
            raise _RefusedError(503, "Service Unavailable", "Service Unavailable")
        account = self._keys.account_of(request) if self._keys else None
        if account is None or kind is FaultKind.EXPIRED:
            raise _RefusedError(401, "Unauthorized", "Unauthorized")
        self._count(act, account, headers, timedelta(minutes=fault.regain_minutes) if fault else None)
        return read(request, account)

    def _count(self, act: str, account: str, headers: dict[str, str], regain: timedelta | None) -> None:
        seconds = int(WINDOW.total_seconds())
        window = int(self._clock.now().timestamp()) // seconds
        self._calls[act, account, window] += 1
        left = ALLOWED[act] - self._calls[act, account, window] if regain is None else -1
        reset = int((self._clock.now() + regain).timestamp()) if regain else (window + 1) * seconds
        headers |= {
            "x-rate-limit-limit": str(ALLOWED[act]),
            "x-rate-limit-remaining": str(max(left, 0)),
            "x-rate-limit-reset": str(reset),
        }
        if left < 0:
            raise _RefusedError(429, "Too Many Requests", "Too Many Requests")

    def _me(self, _: Request, account: str) -> dict[str, Any]:
        known = self._history.users.get(account, {"id": account, "name": "Force", "username": "force"})
        return {"data": dict(known)}

    def _mentions(self, request: Request, _: str) -> dict[str, Any]:
        since = request.query_params.get("start_time", "")
        if since and not TIME.fullmatch(since):
            raise _invalid("start_time")
        past = self._history.of(request.path_params["user"])
        found = [
            each
            for each in newest_first(past)
            if not since or datetime.fromisoformat(each[0]["created_at"]) >= datetime.fromisoformat(since)
        ]
        ids = [newest["id"] for newest, _ in found]
        start, end, meta = _page(request, ids, at_least=5)
        shown = [newest for newest, _ in found[start:end]]
        earlier = [version for _, versions in found[start:end] for version in versions]
        fields = _names(request, "tweet.fields", "") | {"id", "text", "edit_history_tweet_ids"}
        includes = self._includes(request, [*shown, *earlier], "author_id")
        if "edit_history_tweet_ids" in _names(request, "expansions", "") and earlier:
            includes["tweets"] = _picked(earlier, fields)
        return _answer(_picked(shown, fields), includes, meta)

    def _messages(self, request: Request, account: str) -> dict[str, Any]:
        messages = sorted(
            self._history.of(account).messages.values(), key=lambda each: int(each["id"]), reverse=True
        )
        start, end, meta = _page(request, [message["id"] for message in messages], at_least=1)
        shown = [{**message, "event_type": "MessageCreate"} for message in messages[start:end]]
        fields = _names(request, "dm_event.fields", "") | {"id", "text", "event_type"}
        return _answer(_picked(shown, fields), self._includes(request, shown, "sender_id"), meta)

    def _includes(self, request: Request, shown: Sequence[Mapping[str, Any]], writer: str) -> dict[str, Any]:
        expanded = _names(request, "expansions", "")
        includes: dict[str, Any] = {}
        users = dict.fromkeys(each.get(writer) for each in shown)
        known = [self._history.users[user] for user in users if user in self._history.users]
        if writer in expanded and known:
            includes["users"] = _picked(known, _names(request, "user.fields", USER))
        keys = [key for each in shown for key in each.get("attachments", {}).get("media_keys", [])]
        media = [self._history.media[key] for key in dict.fromkeys(keys) if key in self._history.media]
        if "attachments.media_keys" in expanded and media:
            includes["media"] = _picked(media, _names(request, "media.fields", MEDIA))
        return includes


def _page(request: Request, ids: Sequence[str], *, at_least: int) -> tuple[int, int, dict[str, Any]]:
    """Where the page begins and ends that is asked for, and its `meta`; a token names the last thing shown before."""
    given = request.query_params.get("max_results", "10")
    if not re.fullmatch(r"[0-9]{1,3}", given) or not at_least <= int(given) <= 100:  # noqa: PLR2004 as X says
        raise _invalid("max_results")
    token, start = request.query_params.get("pagination_token"), 0
    if token is not None:
        if token.removeprefix("7140") not in ids:
            raise _invalid("pagination_token")
        start = ids.index(token.removeprefix("7140")) + 1
    end = min(start + int(given), len(ids))
    meta: dict[str, Any] = {"result_count": end - start}
    if end < len(ids):
        meta["next_token"] = f"7140{ids[end - 1]}"
    return start, end, meta


def _answer(data: list[dict[str, Any]], includes: dict[str, Any], meta: dict[str, Any]) -> dict[str, Any]:
    whole = {"data": data, "includes": includes}
    return {**{name: part for name, part in whole.items() if part}, "meta": meta}


def _names(request: Request, parameter: str, otherwise: str) -> set[str]:
    return set(request.query_params.get(parameter, otherwise).split(",")) - {""}


def _picked(entries: Iterable[Mapping[str, Any]], names: set[str]) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in entry.items() if name in names and value is not None}
        for entry in entries
    ]


def _invalid(parameter: str) -> _RefusedError:
    return _RefusedError(400, "Invalid Request", f"The `{parameter}` query parameter value is not valid.")
