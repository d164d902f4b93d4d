"""Fetching files for real, over loopback, from servers that no web framework would play."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from contact_desk.attachments import CopyFailure, NotCopiedError
from functions.attachments.allowed_hosts import ALLOWED_HOSTS
from functions.attachments.fetching import Credential, Fetched, Fetcher, Limits

META = ALLOWED_HOSTS["messenger"]
BRIEF = Limits(seconds=1.0, connect_seconds=0.5)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n"


@contextmanager
def serving(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that does to each connection, once it has read the request, what `answer` does: its host and port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.recv(65_536)
                    answer(connection)
                except OSError:
                    pass  # whoever fetched has gone away, which is what many of these tests are about

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(timeout=5)


def says(*parts: bytes, pause: float = 0.0) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        for part in parts:
            connection.sendall(part)
            time.sleep(pause)

    return answer


def fetched(answer: Callable[[socket.socket], None], limits: Limits = BRIEF) -> Fetched:
    with serving(answer) as host:
        began = time.monotonic()
        try:
            return Fetcher(stand_in=host, limits=limits).fetch(f"http://{host}/1.png", META)
        finally:
            assert time.monotonic() - began < limits.seconds + 0.5


def failure(answer: Callable[[socket.socket], None], limits: Limits = BRIEF) -> CopyFailure:
    with pytest.raises(NotCopiedError) as refused:
        fetched(answer, limits)
    return refused.value.failure


def chunked(*chunks: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(HEAD + b"Content-Length: 5\r\n\r\nbytes", id="with its length"),
        pytest.param(HEAD + b"\r\nbytes", id="to the end of the connection"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(b"by", b"tes"), id="in chunks"),
        pytest.param(HEAD + b"Content-Length: none\r\n\r\nbytes", id="with a length that is no number"),
    ],
)
def test_a_file_is_fetched_as_it_is(answer: bytes) -> None:
    assert fetched(says(answer)) == Fetched(b"bytes", "image/png")


def test_the_request_tells_its_host_and_asks_for_bytes_as_they_are() -> None:
    asked: list[bytes] = []

    def answer(connection: socket.socket) -> None:
        connection.sendall(HEAD + b"Content-Length: 1\r\n\r\n1")

    with serving(answer) as host:
        fetcher = Fetcher(stand_in=host, limits=BRIEF, connect=_listening_in(asked))
        fetcher.fetch(f"http://{host}/1.png?a=b&c=%20", META)

    lines = asked[0].decode().split("\r\n")
    assert lines[0] == "GET /1.png?a=b&c=%20 HTTP/1.1"
    assert f"Host: {host}" in lines
    assert "Accept-Encoding: identity" in lines
    assert not [line for line in lines if line.startswith(("Authorization", "Cookie", "Referer"))]


class _Ear(socket.socket):
    asked: list[bytes]

    def sendall(self, data: Any, flags: int = 0) -> None:
        self.asked.append(bytes(data))
        super().sendall(data, flags)


def _listening_in(asked: list[bytes]) -> Callable[..., socket.socket]:
    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        made = _Ear(socket.AF_INET, socket.SOCK_STREAM)
        made.asked = asked
        made.settimeout(timeout)
        made.connect(address)
        return made

    return connect


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (HEAD + b"Content-Length: 99\r\n\r\nshort", CopyFailure.CUT_SHORT),
        (HEAD + b"Content-Length: 5\r\n\r\nmore than five", CopyFailure.LENGTH_DIFFERS),
        (HEAD + b"Content-Length: 0\r\n\r\n", CopyFailure.EMPTY),
        (HEAD + b"\r\n", CopyFailure.EMPTY),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nbyt", CopyFailure.CUT_SHORT),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nnonsense\r\n", CopyFailure.CUT_SHORT),
        (b"not HTTP at all", CopyFailure.PLATFORM_FAILING),
        (HEAD + b"X: " + b"x" * 100_000 + b"\r\n\r\n", CopyFailure.PLATFORM_FAILING),
        (b"", CopyFailure.PLATFORM_FAILING),
        (b"HTTP/1.1 204 No Content\r\n\r\n", CopyFailure.PLATFORM_REFUSED),
        (b"HTTP/1.1 304 Not Modified\r\n\r\n", CopyFailure.PLATFORM_REFUSED),
        (b"HTTP/1.1 302 Found\r\n\r\n", CopyFailure.PLATFORM_REFUSED),
        (b"HTTP/1.1 401 Unauthorized\r\n\r\n", CopyFailure.NO_CREDENTIALS),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", CopyFailure.LINK_EXPIRED),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", CopyFailure.LINK_EXPIRED),
        (b"HTTP/1.1 410 Gone\r\n\r\n", CopyFailure.LINK_EXPIRED),
        (b"HTTP/1.1 429 Too Many Requests\r\n\r\n", CopyFailure.PLATFORM_FAILING),
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\n", CopyFailure.PLATFORM_FAILING),
        (
            b"HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\n\r\n",
            CopyFailure.HOST_NOT_ALLOWED,
        ),
        (b"HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\n\r\n", CopyFailure.LINK_NOT_ALLOWED),
        (b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n", CopyFailure.LINK_NOT_ALLOWED),
        (b"HTTP/1.1 302 Found\r\nLocation: /again\r\n\r\n", CopyFailure.TOO_MANY_REDIRECTS),
    ],
)
def test_what_is_no_file_says_why(answer: bytes, expected: CopyFailure) -> None:
    assert failure(says(answer)) is expected


def test_bytes_that_come_after_the_last_that_was_announced_are_noticed() -> None:
    answer = says(HEAD + b"Content-Length: 5\r\n\r\nbytes", b"and more", pause=0.05)

    assert failure(answer) is CopyFailure.LENGTH_DIFFERS


def test_a_file_that_comes_whole_is_kept_although_the_connection_stays_open() -> None:
    def answer(connection: socket.socket) -> None:
        connection.sendall(HEAD + b"Content-Length: 5\r\n\r\nbytes")
        time.sleep(1.5)

    assert fetched(answer, Limits(seconds=10)).content == b"bytes"


def drip(before: bytes, drop: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.sendall(before)
        while True:
            connection.sendall(drop)
            time.sleep(0.05)

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(says(b"", pause=1.2), id="says nothing"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\nX: ", b"x"), id="drips its headers"),
        pytest.param(drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), id="goes on and on"),
        pytest.param(drip(HEAD + b"\r\n", b"x"), id="drips its body"),
        pytest.param(drip(HEAD + b"Content-Length: 1000\r\n\r\n", b"x"), id="drips what it announced"),
        pytest.param(drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"), id="drips chunks"),
    ],
)
def test_whoever_is_slow_on_purpose_has_no_more_time_than_anybody(
    answer: Callable[[socket.socket], None],
) -> None:
    assert failure(answer) is CopyFailure.TOOK_TOO_LONG


def test_hops_share_the_time_of_one_file() -> None:
    def answer(connection: socket.socket) -> None:
        time.sleep(0.4)
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /again\r\n\r\n")

    assert failure(answer, Limits(seconds=1.0, redirects=50)) is CopyFailure.TOOK_TOO_LONG


def test_reading_stops_at_the_limit_whatever_was_announced() -> None:
    sent = 0

    def endless(connection: socket.socket) -> None:
        nonlocal sent
        connection.sendall(HEAD + b"\r\n")
        while True:
            connection.sendall(bytes(10_000))
            sent += 10_000

    assert failure(endless, Limits(size=100_000, seconds=5)) is CopyFailure.TOO_LARGE
    assert sent < 10_000_000


def test_what_announces_itself_as_too_large_is_not_read_at_all() -> None:
    answer = says(HEAD + b"Content-Length: 200000000\r\n\r\n", pause=1)

    assert failure(answer, Limits(seconds=0.4)) is CopyFailure.TOO_LARGE


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "10.0.0.7"])
def test_an_allowed_name_that_leads_inside_is_never_connected_to(address: str) -> None:
    def connect(*_: object, **__: object) -> socket.socket:
        raise AssertionError("connected")

    fetcher = Fetcher(resolve=lambda _: [address], connect=connect)
    with pytest.raises(NotCopiedError) as refused:
        fetcher.fetch("https://scontent.xx.fbcdn.net/v/1.jpg", META)

    assert refused.value.failure is CopyFailure.ADDRESS_NOT_ALLOWED


def test_the_connection_goes_to_the_address_that_was_checked_by_a_name_asked_once() -> None:
    asked: list[str] = []
    connected: list[tuple[str, int]] = []

    def resolve(host: str) -> list[str]:
        asked.append(host)
        return ["157.240.1.35"] if len(asked) == 1 else ["127.0.0.1"]

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        connected.append(address)
        raise ConnectionRefusedError

    with pytest.raises(NotCopiedError) as refused:
        Fetcher(resolve=resolve, connect=connect).fetch("https://scontent.xx.fbcdn.net/v/1.jpg", META)

    assert refused.value.failure is CopyFailure.PLATFORM_FAILING
    assert (asked, connected) == (["scontent.xx.fbcdn.net"], [("157.240.1.35", 443)])


def test_a_server_that_cannot_prove_its_name_gets_no_request() -> None:
    """TLS is spoken with the link's own name, and whoever answers without it is nobody's file server."""
    with serving(says(HEAD + b"Content-Length: 1\r\n\r\n1")) as host:
        port = int(host.rpartition(":")[2])
        fetcher = Fetcher(
            resolve=lambda _: ["157.240.1.35"],
            connect=lambda _, timeout: socket.create_connection(("127.0.0.1", port), timeout),
            tls=ssl.create_default_context(),
            limits=BRIEF,
        )
        with pytest.raises(NotCopiedError) as refused:
            fetcher.fetch("https://scontent.xx.fbcdn.net/v/1.jpg", META)

    assert refused.value.failure is CopyFailure.PLATFORM_FAILING


def test_a_name_nobody_knows_is_the_platforms_trouble() -> None:
    def resolve(_: str) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    with pytest.raises(NotCopiedError) as refused:
        Fetcher(resolve=resolve).fetch("https://scontent.xx.fbcdn.net/v/1.jpg", META)

    assert refused.value.failure is CopyFailure.PLATFORM_FAILING


def test_a_credential_is_shown_to_its_own_hosts_and_to_nobody_they_redirect_to() -> None:
    """The first hop is the API, the second a file server that was never given the password."""
    answers = {
        "api.twilio.com": b"HTTP/1.1 307 Moved\r\nLocation: https://mms.twiliocdn.com/file\r\n\r\n",
        "mms.twiliocdn.com": HEAD + b"Content-Length: 5\r\n\r\nbytes",
    }

    class NoTls(ssl.SSLContext):
        def wrap_socket(self, sock: socket.socket, *_: Any, server_hostname: Any = None, **__: Any) -> Any:
            return sock

    def answer(connection: socket.socket) -> None:
        connection.sendall(answers[hosts[-1]])

    hosts: list[str] = []

    def resolve(host: str) -> list[str]:
        hosts.append(host)
        return ["157.240.1.35"]

    with serving(answer) as host:
        port = int(host.rpartition(":")[2])

        def connect(_: object, timeout: float) -> socket.socket:
            asked.append([])
            return _listening_in(asked[-1])(("127.0.0.1", port), timeout)

        asked: list[list[bytes]] = []
        fetcher = Fetcher(resolve=resolve, connect=connect, tls=NoTls(ssl.PROTOCOL_TLS_CLIENT), limits=BRIEF)
        credential = Credential("Basic c2VjcmV0", ["api.twilio.com"])
        file = fetcher.fetch("https://api.twilio.com/2010-04-01/x", ALLOWED_HOSTS["sms"], credential)
        seen = {name: said[0] for name, said in zip(hosts, asked, strict=True)}

    assert file.content == b"bytes"
    assert b"Authorization: Basic c2VjcmV0" in seen["api.twilio.com"]
    assert b"Authorization" not in seen["mms.twiliocdn.com"]
