"""A route of our own beside the emulator's: start a function's process, init and all, without invoking it.

An invocation that does nothing does not exist for a queue's function: an empty batch is an error, and a handler's error
ends its process in MiniStack. So this asks MiniStack's own pool for a process and gives it back ready.
"""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from local.emulator.guard import AsgiApp, Receive, Scope, Send

PREFIX = "/_desk/start/"


def with_starting(app: AsgiApp) -> AsgiApp:
    """Wrap the emulator so that `POST /_desk/start/{function}` answers 204, or 424 with why it does not start."""

    async def routed(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await app(scope, receive, send)
        elif scope["method"] != "POST":
            await _answer(send, HTTPStatus.METHOD_NOT_ALLOWED, "POST it")
        else:
            function = unquote(scope["path"].removeprefix(PREFIX))
            failure = await asyncio.to_thread(start, function)
            await _answer(send, HTTPStatus.FAILED_DEPENDENCY if failure else HTTPStatus.NO_CONTENT, failure)

    return routed


def start(function: str) -> str | None:
    """Have a process of the function ready for its next invocation; gives why that failed, None where it did not."""
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    record = lambda_svc._functions.get(function)  # noqa: SLF001 - pinned; the contract tests hold it to this
    if record is None:
        return "there is no such function"
    worker, _ = lambda_runtime.acquire_worker(function, record["config"], record["code_zip"])
    try:
        lambda_runtime.ensure_spawned(worker)
    except RuntimeError as error:
        return str(error)
    finally:
        lambda_runtime.release_worker(worker)
    return None


async def _answer(send: Send, status: HTTPStatus, message: str | None) -> None:
    body = b"" if message is None else json.dumps({"message": message}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status.value, "headers": headers})
    await send({"type": "http.response.body", "body": body})
