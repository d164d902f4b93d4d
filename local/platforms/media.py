"""The files that the stand-ins serve: a small picture, and every way in which a link can be bad.

`GET /media/{name}` is what a platform's file server would answer, without anything to show; WhatsApp's files go by an
id and ask for the token twice, an SMS provider's ask for a user and password and redirect.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import struct
import zlib
from collections.abc import AsyncIterator, Callable, Collection

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from local.platforms.faults import FaultPlan

PNG, MP4 = "image/png", "video/mp4"
HANGS_AT_MOST_SECONDS = 120.0
HUGE_BYTES = 200 * 1000 * 1000
CHUNK_BYTES = 1 << 20
METADATA = "http://169.254.169.254/latest/meta-data/iam/security-credentials/"
WHATSAPP_FILES = {"770000000000001": "alley.png", "770000000000002": "page.png"}
SMS_USER, SMS_PASSWORD = "SK-of-the-stand-in", "media-password-of-the-stand-in"


def picture(width: int = 96, height: int = 64) -> bytes:
    """A picture, as PNG: a grey alley between two brown walls."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    wall, alley = bytes((121, 85, 61)), bytes((140, 140, 140))
    row = b"\0" + wall * (width // 3) + alley * (width - 2 * (width // 3)) + wall * (width // 3)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(row * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


PICTURE = picture()
PAGE = b"<!doctype html><title>Log in</title><p>This content is not available right now."
FILM_BEGINS = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"


class Media:
    """The routes of files over the plan of faults, whose clearing lets go of what hangs.

    `tokens` are those that open WhatsApp's files.
    """

    def __init__(self, tokens: Collection[str], faults: FaultPlan) -> None:
        self._bearers = {f"Bearer {token}" for token in tokens}
        self._faults = faults

    def routes(self) -> list[Route]:
        """Every route that leads to a file."""
        return [
            Route("/media/{name}", self._open),
            Route("/media/whatsapp/{name}", self._with_token),
            *(Route(f"/{{version}}/{media_id}", self._looked_up) for media_id in WHATSAPP_FILES),
            Route("/2010-04-01/Accounts/{account}/Messages/{message}/Media/{name}", self._sms),
        ]

    async def _open(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name == "hangs.png":
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._faults.cleared(), HANGS_AT_MOST_SECONDS)
        answer = ANSWERS.get(name)
        return answer() if answer else Response(status_code=404)

    async def _looked_up(self, request: Request) -> Response:
        if request.headers.get("authorization") not in self._bearers:
            return JSONResponse({"error": {"message": "Invalid OAuth access token", "code": 190}}, 401)
        media_id = request.url.path.rpartition("/")[2]
        address = f"{request.base_url}media/whatsapp/{WHATSAPP_FILES[media_id]}"
        return JSONResponse(
            {"id": media_id, "messaging_product": "whatsapp", "url": address, "mime_type": PNG}
        )

    async def _with_token(self, request: Request) -> Response:
        if request.headers.get("authorization") not in self._bearers:
            return Response(status_code=401)
        return await self._open(request)

    async def _sms(self, request: Request) -> Response:
        basic = base64.b64encode(f"{SMS_USER}:{SMS_PASSWORD}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {basic}":
            return Response(status_code=401)
        return RedirectResponse(f"{request.base_url}media/{request.path_params['name']}", 307)


async def _film() -> AsyncIterator[bytes]:
    """Two hundred megabytes, of which nobody was told beforehand."""
    yield FILM_BEGINS
    sent = len(FILM_BEGINS)
    while sent < HUGE_BYTES:
        yield bytes(min(CHUNK_BYTES, HUGE_BYTES - sent))
        sent += CHUNK_BYTES


async def _stops_early() -> AsyncIterator[bytes]:
    yield PICTURE


ANSWERS: dict[str, Callable[[], Response]] = {
    "alley.png": lambda: Response(PICTURE, media_type=PNG),
    "hangs.png": lambda: Response(PICTURE, media_type=PNG),
    "moved.png": lambda: RedirectResponse("/media/alley.png", 302),
    "circles.png": lambda: RedirectResponse("/media/circles.png", 302),
    "to_metadata.png": lambda: RedirectResponse(METADATA, 302),
    "to_this_machine.png": lambda: RedirectResponse("http://127.0.0.1:9/alley.png", 302),
    "page.png": lambda: Response(PAGE, headers={"content-type": PNG}),
    "short.png": lambda: StreamingResponse(
        _stops_early(), media_type=PNG, headers={"content-length": str(10 * len(PICTURE))}
    ),
    "huge.mp4": lambda: StreamingResponse(_film(), media_type=MP4),
    "expired.png": lambda: Response("URL signature expired", status_code=403),
    "failing.png": lambda: Response(status_code=503),
}
