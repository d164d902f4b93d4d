"""The gate in front of the emulator's port: no browser, no foreign name, no control call.

MiniStack answers any origin, takes well-known keys for root without checking their signature, and resets itself for
anyone who asks. A web page open on the same machine could therefore run code here. But a page cannot leave out
`Origin` or `Sec-Fetch-*`, nor, after DNS rebinding, name loopback as its `Host`; tools and handlers send none of it.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
CONTROL_PREFIXES = ("/_ministack", "/_localstack")
OPEN_CONTROL_PATHS = frozenset({"/_ministack/health", "/_ministack/ready"})


def refusal(path: str, headers: Headers, *, port: int) -> str | None:
    """Say why a request may not pass, or None when it may.

    `headers` are ASGI header pairs (names in lower case); `port` is the emulator's own.
    """
    hosts = []
    for name, value in headers:
        if name == b"origin" or name.startswith(b"sec-fetch-"):
            return "requests from browsers are refused"
        if name == b"host":
            hosts.append(value.decode("latin-1").lower())
    if len(hosts) != 1 or not _is_loopback(hosts[0], port):
        return "the Host header does not name this port on loopback"
    if path.startswith(CONTROL_PREFIXES) and path not in OPEN_CONTROL_PATHS:
        return "control routes are refused"
    return None


def _is_loopback(host: str, port: int) -> bool:
    name, separator, given = host.rpartition(":") if not host.endswith("]") else (host, "", "")
    if not separator:
        name = host
    return name in LOOPBACK_NAMES and (not separator or given == str(port))


def guarded(app: AsgiApp, *, port: int) -> AsgiApp:
    """Wrap an ASGI application so that refused requests get 403 and never reach it."""

    async def gate(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await app(scope, receive, send)
            return
        reason = refusal(scope["path"], scope["headers"], port=port)
        if scope["type"] != "http":
            # No API of the desk speaks WebSocket; an accepted one would bypass CORS altogether.
            await send({"type": "websocket.close", "code": 1008})
        elif reason is not None:
            await _forbid(send, reason)
        else:
            await app(_over_tls(scope), receive, send)

    return gate


def _over_tls(scope: Scope) -> Scope:
    # Queue, topic and bucket policies refuse plain HTTP. On loopback this port stands for the TLS endpoint of AWS.
    kept = [(name, value) for name, value in scope["headers"] if name != b"x-forwarded-proto"]
    return {**scope, "headers": [*kept, (b"x-forwarded-proto", b"https")]}


async def _forbid(send: Send, reason: str) -> None:
    body = json.dumps({"message": f"Forbidden: {reason}"}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
