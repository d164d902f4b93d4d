"""The one origin of a workstation's desk: it stands where CloudFront and the HTTP API stand on AWS.

People, platforms and tools reach the pages and the API here. The emulator's own port answers tools only; this one
adds the forwarded headers, hands the body on byte for byte (signatures are over bytes) and answers as AWS does where
the emulator does not.
"""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote_to_bytes, urlsplit

import boto3
import httpcore
import uvicorn
from botocore.config import Config
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from local.addresses import LOOPBACK, REGION, Addresses
from local.emulator.host import ACCOUNT, SECRET_ACCESS_KEY
from local.loopback import LoopbackOnly
from local.public_pages import (
    BucketPages,
    PagesUnreachableError,
    StoredPages,
    key_of,
    page_headers,
    served,
)

LOOK_UP_SEGMENTS: Final = 3
API_ROOTS: Final = frozenset(
    {b"webhooks", b"report", b"reports", b"desk", b"health", b"survey", b"data-deletion"}
)
PAGE_METHODS: Final = frozenset({"GET", "HEAD"})
BODY_LIMIT_BYTES: Final = 10 * 1024 * 1024
"""The HTTP API's own limit."""
TIMEOUTS: Final = dict.fromkeys(("connect", "read", "write", "pool"), 30.0)
"""The HTTP API's own limit, in seconds."""
IDLE_CONNECTION_SECONDS: Final = 2.0
"""Well below the shortest keep-alive of the emulator's server (5 s), so that no call meets a closing connection."""
HOP_BY_HOP: Final = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"expect",
    }
)
BROWSER_ONLY: Final = (b"origin", b"sec-fetch-")
"""What the emulator's gate refuses: this door has checked it already."""
EMULATOR_OWN: Final = frozenset({b"content-length", b"server", b"date"})
TEXT_TYPES: Final = (b"text/", b"application/json", b"application/xml", b"application/javascript")
"""What the HTTP API hands to a function as text; everything else goes as base64."""

RawHeaders = list[tuple[bytes, bytes]]


class FrontDoor:
    """ASGI application that serves the pages, and hands all else to one deployed HTTP API.

    `api_url` is the API on the emulator with its stage, `http://127.0.0.1:4599/_aws/execute-api/{id}/$default`.
    Without `pages` there are none.
    """

    def __init__(
        self,
        api_url: str,
        pool: httpcore.AsyncConnectionPool,
        pages: StoredPages | None,
        sign_in: str = "",
    ) -> None:
        parts = urlsplit(api_url)
        self._scheme, self._host, self._port = (
            parts.scheme.encode(),
            str(parts.hostname).encode(),
            parts.port or 80,
        )
        self._prefix = parts.path.rstrip("/").encode()
        self._pool = pool
        self._pages = pages
        self._sign_in = sign_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        await (await self._answer(request))(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        path: bytes = request.scope["raw_path"]
        if leads_to_api(path):
            return await self._pass_on(request, path)
        return await self._page(request, path)

    async def _page(self, request: Request, path: bytes) -> Response:
        """A page of the bucket; what is not there is asked of the API, as the distribution does."""
        if request.method not in PAGE_METHODS:
            return says(403, "Forbidden")
        url_path = request.url.path
        try:
            page = await run_in_threadpool(self._pages.read, key_of(url_path)) if self._pages else None
        except PagesUnreachableError:
            return says(503, "Service Unavailable")
        if page is not None:
            return served(page, url_path, request.headers.get("if-none-match"), self._sign_in)
        answered = await self._pass_on(request, path) if is_look_up(path) else says(404, "Not Found")
        for name, value in page_headers(url_path, self._sign_in).items():
            answered.headers[name] = value
        return answered

    async def _pass_on(self, request: Request, path: bytes) -> Response:
        if request.method == "OPTIONS":
            return says(404, "Not Found")
        body = await read_body(request)
        if body is None:
            return says(413, "Request Entity Too Large")
        query: bytes = request.scope["query_string"]
        target = self._prefix + path + (b"?" + query if query else b"")
        try:
            answer = await self._pool.request(
                request.method,
                httpcore.URL(scheme=self._scheme, host=self._host, port=self._port, target=target),
                headers=self._forwarded(request, body),
                content=body or None,
                extensions={"timeout": TIMEOUTS},
            )
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
            return says(503, "Service Unavailable")
        if answer.status == HTTPStatus.BAD_GATEWAY:
            # The emulator answers a failed handler with 502 and its traceback; AWS keeps the traceback to itself.
            return says(500, "Internal Server Error")
        return passed_back(answer)

    def _forwarded(self, request: Request, body: bytes) -> RawHeaders:
        dropped = HOP_BY_HOP | named_in_connection(request.headers) | {b"host", b"content-length"}
        headers: dict[bytes, bytes] = {}
        for name, value in request.headers.raw:
            if name not in dropped and not name.startswith(BROWSER_ONLY):
                # The HTTP API joins repeated headers, the emulator keeps one of them.
                headers[name] = headers[name] + b"," + value if name in headers else value
        if not survives_as_text(headers.get(b"content-type", b""), body):
            # The emulator replaces what is not UTF-8 in a body of a text type, which no signature survives; under a
            # binary type it hands over the bytes.
            headers[b"content-type"] = b"application/octet-stream"
        caller = (request.client.host if request.client else LOOPBACK).encode()
        before = headers.get(b"x-forwarded-for")
        headers[b"x-forwarded-for"] = before + b", " + caller if before else caller
        headers[b"x-forwarded-proto"] = request.url.scheme.encode()
        headers[b"x-forwarded-port"] = str(request.scope["server"][1]).encode()
        headers[b"host"] = self._host + b":" + str(self._port).encode()
        headers[b"content-length"] = str(len(body)).encode()
        return list(headers.items())


def leads_to_api(raw_path: bytes) -> bool:
    """Whether the API serves this path.

    One with dot segments never reaches the emulator, whose control routes stand beside the API.
    """
    segments = unquote_to_bytes(raw_path).split(b"/")
    return segments[:1] == [b""] and segments[1] in API_ROOTS and not {b".", b".."} & set(segments)


def is_look_up(raw_path: bytes) -> bool:
    """Whether the API answers for a page that is not there: one more segment below /live, and no dots."""
    segments = unquote_to_bytes(raw_path).split(b"/")
    return (
        len(segments) == LOOK_UP_SEGMENTS and segments[1] == b"live" and segments[2] not in {b"", b".", b".."}
    )


async def read_body(request: Request) -> bytes | None:
    """The body as it came, or None where it is larger than the HTTP API takes."""
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > BODY_LIMIT_BYTES:
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT_BYTES:
            return None
    return bytes(body)


def named_in_connection(headers: Headers) -> set[bytes]:
    """The headers that the caller's `Connection` header declares to be for this hop only."""
    return {name.strip().lower().encode("latin-1") for name in headers.get("connection", "").split(",")}


def survives_as_text(content_type: bytes, body: bytes) -> bool:
    """Whether the emulator hands over exactly these bytes under this content type."""
    if not content_type.strip().lower().startswith(TEXT_TYPES):
        return True
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def says(status: int, message: str) -> Response:
    """An answer of the gateway's own."""
    return JSONResponse({"message": message}, status_code=status)


def passed_back(answer: httpcore.Response) -> Response:
    """The API's answer without what belongs to the emulator's connection or opens it to other origins."""
    response = Response(answer.content, status_code=answer.status)
    kept = [
        (name.lower(), value)
        for name, value in answer.headers
        if name.lower() not in HOP_BY_HOP | EMULATOR_OWN and not name.lower().startswith(b"access-control-")
    ]
    response.raw_headers = [*kept, (b"content-length", str(len(answer.content)).encode())]
    return response


def front_door_app(
    api_url: str,
    pool: httpcore.AsyncConnectionPool | None = None,
    pages: StoredPages | None = None,
    sign_in: str = "",
) -> Starlette:
    """The front door to the pages and the API at `api_url`, with a connection pool of its own unless one is given.

    `sign_in` is the origin at which operators sign in: the console may call it.
    """
    pool = pool or httpcore.AsyncConnectionPool(
        max_connections=256, max_keepalive_connections=64, keepalive_expiry=IDLE_CONNECTION_SECONDS
    )

    @contextlib.asynccontextmanager
    async def connected(_: Starlette) -> AsyncIterator[None]:
        async with pool:
            yield

    app = Starlette(lifespan=connected, middleware=[Middleware(LoopbackOnly, serves_pages=True)])
    app.mount("/", FrontDoor(api_url, pool, pages, sign_in))
    return app


def main() -> None:
    """Read the options and serve until told to stop."""
    parser = argparse.ArgumentParser(
        prog="python -m local.front_door", description="Serve the desk's one local origin."
    )
    addresses = Addresses.from_environment(os.environ)
    parser.add_argument("--port", type=int, default=addresses.front_door_port)
    parser.add_argument(
        "--api-url",
        default=os.environ.get("DESK_API_URL"),
        help="the HTTP API on the emulator, with its stage (default: DESK_API_URL)",
    )
    parser.add_argument(
        "--pages-bucket", default=os.environ.get("DESK_PAGES_BUCKET"), help="where the pages lie"
    )
    parser.add_argument("--sign-in-origin", default=addresses.oidc_url, help="where operators sign in")
    options = parser.parse_args()
    if not options.api_url:
        parser.error("--api-url or DESK_API_URL is required")
    pages = None
    if options.pages_bucket:
        s3 = boto3.client(
            "s3",
            endpoint_url=addresses.emulator_url,
            region_name=REGION,
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key=SECRET_ACCESS_KEY,
            config=Config(
                connect_timeout=2,
                read_timeout=10,
                max_pool_connections=32,
                proxies={},
                retries={"total_max_attempts": 2},
            ),
        )
        pages = BucketPages(s3, options.pages_bucket)
    uvicorn.run(
        front_door_app(options.api_url, pages=pages, sign_in=options.sign_in_origin),
        host=LOOPBACK,
        port=options.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )


if __name__ == "__main__":
    main()
