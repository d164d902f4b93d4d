"""The gate of the desk's own local servers: only this machine, and no web page of another origin, may use them."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
READING = frozenset({"GET", "HEAD"})


class LoopbackOnly:
    """ASGI middleware that answers 403 to a foreign `Host` and to what a foreign page sends.

    A page of any site open in this machine's browser can reach loopback. By DNS rebinding it comes with a foreign
    `Host`; otherwise with an `Origin`, or, for a plain GET, with `Sec-Fetch-Site: cross-site`. With `serves_pages`
    the server has pages of its own: their origin may write, and links from elsewhere may be followed. A page that tells
    nobody where it came from writes with the origin `null`; then it is the browser that says whose it is. `also` names
    further origins of this machine whose pages may call.
    """

    def __init__(
        self, app: ASGIApp, *, serves_pages: bool = False, also: frozenset[str] = frozenset()
    ) -> None:
        self._app = app
        self._serves_pages = serves_pages
        self._also = also

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "http" and (reason := self._refusal(scope)):
            await JSONResponse({"message": f"Forbidden: {reason}"}, status_code=403)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> str | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or host_name(hosts[0]) not in LOOPBACK_NAMES:
            return "the Host header does not name this machine"
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin in self._also:
            return None
        own_page = self._serves_pages and (
            origin == f"{scope['scheme']}://{hosts[0]}" or (origin == "null" and site == "same-origin")
        )
        if "origin" in headers and not own_page:
            return "requests of other origins are refused"
        foreign_page = site in {"cross-site", "same-site"}
        if foreign_page and not (self._serves_pages and scope["method"] in READING):
            return "requests of other sites are refused"
        return None


def host_name(host: str) -> str:
    """The name in a Host header, in lower case and without the port."""
    name, separator, port = host.lower().rpartition(":")
    return name if separator and port.isdigit() else host.lower()
