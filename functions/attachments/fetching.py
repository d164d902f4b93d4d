"""Fetches one file over HTTP: each hop checked, and never more bytes or more time than allowed.

Python's own HTTP reader stands on a socket that we connect ourselves, because that is how the address that was checked
is the address that is used. No link and no byte of a file is ever logged.
"""

from __future__ import annotations

import io
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse, IncompleteRead
from typing import Any

from contact_desk.attachments import CopyFailure, NotCopiedError
from functions.attachments.addresses import Resolve, address_of, is_loopback, is_public, resolve
from functions.attachments.links import HTTPS_PORT, Target, read_link, redirected

HTTP_PORT = 80
CHUNK_BYTES = 64 * 1024
EXCESS_SECONDS = 1.0
"""How long we listen, once all that was announced has come, for whether more comes."""

REDIRECTS = frozenset({301, 302, 303, 307, 308})
FAILURES: Mapping[int, CopyFailure] = {
    HTTPStatus.UNAUTHORIZED: CopyFailure.NO_CREDENTIALS,
    HTTPStatus.FORBIDDEN: CopyFailure.LINK_EXPIRED,  # what Meta's servers say of an address past its time
    HTTPStatus.NOT_FOUND: CopyFailure.LINK_EXPIRED,
    HTTPStatus.GONE: CopyFailure.LINK_EXPIRED,
    HTTPStatus.REQUEST_TIMEOUT: CopyFailure.PLATFORM_FAILING,
    HTTPStatus.TOO_MANY_REQUESTS: CopyFailure.PLATFORM_FAILING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one file may cost: bytes, seconds for all of its hops together, and how many hops."""

    size: int = 25 * 1024 * 1024
    seconds: float = 20.0
    connect_seconds: float = 5.0
    redirects: int = 3


@dataclass(frozen=True, slots=True)
class Credential:
    """A header that opens files, and the only hosts that ever get to see it."""

    header: str = field(repr=False)
    hosts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file's bytes as they came, and the type that its server gave it."""

    content: bytes = field(repr=False)
    content_type: str | None


class Fetcher:
    """Fetches files from allowed hosts. `stand_in` is the one host, by name and port, that may be this machine."""

    def __init__(
        self,
        *,
        stand_in: str = "",
        limits: Limits | None = None,
        resolve: Resolve = resolve,
        connect: Callable[..., socket.socket] = socket.create_connection,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._stand_in = stand_in
        self._limits = limits or Limits()
        self._resolve = resolve
        self._connect = connect
        self._tls = tls or ssl.create_default_context()

    def fetch(self, link: str, allowed: Sequence[str], credential: Credential | None = None) -> Fetched:
        """The file behind a link; raises NotCopiedError with the reason where there is none that may be kept."""
        ends = time.monotonic() + self._limits.seconds
        for _ in range(self._limits.redirects + 1):
            target = read_link(link, allowed, self._stand_in)
            answer = self._answer(target, credential, ends)
            if isinstance(answer, Fetched):
                return answer
            link = answer
        raise NotCopiedError(CopyFailure.TOO_MANY_REDIRECTS)

    def _answer(self, target: Target, credential: Credential | None, ends: float) -> Fetched | str:
        """The file, or the link that the target redirects to."""
        try:
            with self._connection(target, ends) as connection:
                wire = _Wire(connection, ends)
                wire.send(self._request(target, credential))
                response = HTTPResponse(wire)  # type: ignore[arg-type]  # all it takes of a socket is its file
                response.begin()
                if response.status in REDIRECTS:
                    return redirected(target, response.getheader("location"))
                if response.status != HTTPStatus.OK:
                    shown = self._authorisation(target, credential) is not None
                    raise NotCopiedError(_failure(response.status, shown=shown))
                return self._read(response, wire)
        except TimeoutError:
            raise NotCopiedError(CopyFailure.TOOK_TOO_LONG) from None
        except IncompleteRead:
            raise NotCopiedError(CopyFailure.CUT_SHORT) from None
        except (OSError, HTTPException, ValueError):
            # ValueError: Python's reader meets a length or a chunk that is no number.
            raise NotCopiedError(CopyFailure.PLATFORM_FAILING) from None

    def _connection(self, target: Target, ends: float) -> socket.socket:
        stands_in = bool(self._stand_in) and target.authority == self._stand_in
        address = address_of(target.host, self._resolve, is_loopback if stands_in else is_public)
        port = target.port or (HTTPS_PORT if target.secure else HTTP_PORT)
        connection = self._connect(
            (address, port), timeout=min(self._limits.connect_seconds, _seconds_until(ends))
        )
        if not target.secure:
            return connection
        try:
            connection.settimeout(_seconds_until(ends))
            return self._tls.wrap_socket(connection, server_hostname=target.host)
        except BaseException:
            connection.close()
            raise

    def _request(self, target: Target, credential: Credential | None) -> bytes:
        headers = {
            "Host": target.authority,
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            "Connection": "close",
            "User-Agent": "contact-desk",
        }
        authorisation = self._authorisation(target, credential)
        if authorisation:
            headers["Authorization"] = authorisation
        lines = [f"GET {target.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode("ascii")

    def _authorisation(self, target: Target, credential: Credential | None) -> str | None:
        if credential and (target.host in credential.hosts or target.authority == self._stand_in):
            return credential.header
        return None

    def _read(self, response: HTTPResponse, wire: _Wire) -> Fetched:
        announced = None if response.chunked else response.length
        if announced is not None and announced > self._limits.size:
            raise NotCopiedError(CopyFailure.TOO_LARGE)
        content = bytearray()
        if announced is None:
            for chunk in _chunks(response):
                _take(chunk, content, self._limits.size, CopyFailure.TOO_LARGE)
        else:
            _read_announced(response, wire, content, announced)
        if not content:
            raise NotCopiedError(CopyFailure.EMPTY)
        return Fetched(bytes(content), response.getheader("content-type"))


def _read_announced(response: HTTPResponse, wire: _Wire, content: bytearray, announced: int) -> None:
    """Read to the end of the connection, so that bytes beyond what was announced are seen and not cut off."""
    if announced == 0:
        raise NotCopiedError(CopyFailure.EMPTY)
    response.length = None
    try:
        for chunk in _chunks(response):
            _take(chunk, content, announced, CopyFailure.LENGTH_DIFFERS)
            if len(content) == announced:
                wire.ends = min(wire.ends, time.monotonic() + EXCESS_SECONDS)
    except TimeoutError:
        if len(content) < announced:
            raise
    if len(content) < announced:
        raise NotCopiedError(CopyFailure.CUT_SHORT)


def _chunks(response: HTTPResponse) -> Iterator[bytes]:
    return iter(lambda: response.read1(CHUNK_BYTES), b"")


def _take(chunk: bytes, content: bytearray, most: int, failure: CopyFailure) -> None:
    content += chunk
    if len(content) > most:
        raise NotCopiedError(failure)


class _Wire(io.RawIOBase):
    """A connection that is over at a moment: however slowly the other side drips, no read outlasts it."""

    def __init__(self, connection: socket.socket, ends: float) -> None:
        super().__init__()
        self._connection = connection
        self.ends = ends

    def send(self, request: bytes) -> None:
        """Send the request."""
        self._connection.settimeout(_seconds_until(self.ends))
        self._connection.sendall(request)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What Python's HTTP reader asks a socket for."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """A wire can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Wait for bytes as long as there is time; raises TimeoutError once there is none."""
        self._connection.settimeout(_seconds_until(self.ends))
        return self._connection.recv_into(buffer)


def _seconds_until(ends: float) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _failure(status: int, *, shown: bool) -> CopyFailure:
    """What an answer that is no file means; `shown` says whether the credential was shown to this host."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return CopyFailure.PLATFORM_FAILING
    if status == HTTPStatus.FORBIDDEN and shown:
        return CopyFailure.NO_CREDENTIALS
    return FAILURES.get(status, CopyFailure.PLATFORM_REFUSED)
