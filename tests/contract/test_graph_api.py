"""The HTTP of the Graph API on a loopback port: what counts as nothing sent, as an answer, and as a perhaps."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from contact_desk.send_failures import SendFailure
from functions.notify.graph_api import GraphApi
from functions.notify.platform_answers import (
    CredentialsRefused,
    Rejected,
    RetryLater,
    SendAnswer,
    Sent,
    UnknownEffect,
)
from local.twins.in_memory_secret import InMemorySecret

PAGE, TOKEN, PERSON = "7001", "the-token-of-the-page", "6120045518830012"
WITHIN = timedelta(seconds=1)
Behaviour = Callable[[socket.socket], None]


@dataclass
class Platform:
    """A server that keeps every request's bytes and behaves as told once it has read one."""

    behaviour: Behaviour
    tls: ssl.SSLContext | None = None
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/v26.0"

    def serve(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                self.connections += 1
                threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def answer(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            channel = self.tls.wrap_socket(connection, server_side=True) if self.tls else connection
            while request := read_request(channel):
                self.requests.append(request)
                self.behaviour(channel)


def read_request(channel: socket.socket) -> bytes:
    request = b""
    while b"\r\n\r\n" not in request:
        if not (chunk := channel.recv(65536)):
            return request
        request += chunk
    head, _, body = request.partition(b"\r\n\r\n")
    length = next(
        (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length:
        body += channel.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def platform(behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> Iterator[Platform]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        served = Platform(behaviour, tls, port=listener.getsockname()[1])
        threading.Thread(target=served.serve, args=(listener,), daemon=True).start()
        yield served


def answering(fields: object, status: str = "200 OK", headers: str = "") -> Behaviour:
    body = fields if isinstance(fields, bytes) else json.dumps(fields).encode()

    def behave(channel: socket.socket) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        channel.sendall(head.encode() + body)

    return behave


def send(url: str, secret: InMemorySecret | None = None, account: str = PAGE) -> SendAnswer:
    return sending(GraphApi(url, secret or InMemorySecret(page_tokens={PAGE: TOKEN})), account)


def sending(graph: GraphApi, account: str = PAGE) -> SendAnswer:
    body = {"recipient": {"id": PERSON}, "message": {"text": "Ffôn: 101 🚓"}}
    return graph.send(
        account, (account, "messages"), body, answer_id="message_id", within=WITHIN, tried_before=False
    )


def test_a_message_is_posted_once_with_the_token_in_a_header_alone() -> None:
    with platform(answering({"recipient_id": PERSON, "message_id": "m_2"})) as served:
        assert send(served.url) == Sent("m_2")

    (request,) = served.requests
    head, _, body = request.partition(b"\r\n\r\n")
    line, *headers = head.decode().split("\r\n")
    assert line == f"POST /v26.0/{PAGE}/messages HTTP/1.1"
    assert f"authorization: bearer {TOKEN}" in [header.lower() for header in headers]
    assert TOKEN not in line
    assert json.loads(body)["message"]["text"] == "Ffôn: 101 🚓"
    assert body.isascii()


def test_every_call_has_a_connection_of_its_own() -> None:
    with platform(answering({"message_id": "m_2"})) as served:
        graph = GraphApi(served.url, InMemorySecret(page_tokens={PAGE: TOKEN}))
        assert [sending(graph), sending(graph)] == [Sent("m_2"), Sent("m_2")]
        assert served.connections == 2


def test_ids_cannot_leave_their_place_in_the_address() -> None:
    with platform(answering({"data": []})) as served:
        graph = GraphApi(served.url, InMemorySecret(page_tokens={PAGE: TOKEN}))
        graph.read(PAGE, ("../me?x=", "comments"), {"fields": "id,message&x"}, within=WITHIN)

    line = served.requests[0].split(b"\r\n")[0]
    assert line == b"GET /v26.0/..%2Fme%3Fx%3D/comments?fields=id%2Cmessage%26x HTTP/1.1"


def test_nothing_is_sent_where_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    assert send(f"http://127.0.0.1:{port}") == RetryLater(SendFailure.UNREACHABLE)


def test_nothing_is_sent_where_the_name_is_unknown() -> None:
    assert send("http://graph.invalid/v26.0") == RetryLater(SendFailure.UNREACHABLE)


def hang(channel: socket.socket) -> None:
    channel.recv(1)


def reset(channel: socket.socket) -> None:
    channel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    channel.close()


def half(channel: socket.socket) -> None:
    channel.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"message_id":"m_')
    channel.close()


def no_http(channel: socket.socket) -> None:
    channel.sendall(b"\x00\x01\x02 not HTTP at all\r\n\r\n")
    channel.close()


@pytest.mark.parametrize("behaviour", [hang, reset, half, no_http, socket.socket.close])
def test_a_call_without_a_whole_answer_is_a_perhaps_and_is_made_once(behaviour: Behaviour) -> None:
    with platform(behaviour) as served:
        assert send(served.url) == UnknownEffect(SendFailure.NO_ANSWER)
        assert len(served.requests) == 1


def test_a_redirect_is_not_followed() -> None:
    with platform(answering({}, "307 Moved", "Location: /elsewhere\r\n")) as served:
        assert send(served.url) == UnknownEffect(SendFailure.UNREADABLE_ANSWER)
        assert len(served.requests) == 1


@pytest.mark.parametrize("fields", [{}, {"message_id": 7}, {"message_id": None}, b"[]", b"<html>", b""])
def test_a_success_that_names_nothing_is_a_perhaps(fields: object) -> None:
    with platform(answering(fields)) as served:
        assert send(served.url) == UnknownEffect(SendFailure.UNREADABLE_ANSWER)


def test_a_refusal_is_read_by_its_code_and_its_headers() -> None:
    usage = json.dumps({PAGE: [{"estimated_time_to_regain_access": 3}]})
    refusal = answering(
        {"error": {"code": 80006}}, "400 Bad Request", f"X-Business-Use-Case-Usage: {usage}\r\n"
    )

    with platform(refusal) as served:
        assert send(served.url) == RetryLater(SendFailure.THROTTLED, timedelta(minutes=3))


def test_a_read_gives_the_fields_or_the_refusal() -> None:
    def read(behaviour: Behaviour) -> Any:
        with platform(behaviour) as served:
            graph = GraphApi(served.url, InMemorySecret(page_tokens={PAGE: TOKEN}))
            return graph.read(PAGE, ("5501_6601",), {"fields": "id"}, within=WITHIN)

    assert read(answering({"id": "5501_6601"})) == {"id": "5501_6601"}
    gone = answering({"error": {"code": 100, "error_subcode": 33}}, "400 Bad Request")
    assert read(gone) == Rejected(SendFailure.TARGET_GONE)
    assert read(hang) == UnknownEffect(SendFailure.NO_ANSWER)


class CachedSecret(InMemorySecret):
    """A secret whose copy is old until it is asked for a fresh one."""

    def __init__(self, **version: Any) -> None:
        super().__init__(**version)
        self.copy = super().versions()

    def versions(self, max_age: timedelta | None = None) -> tuple[Mapping[str, Any], ...]:
        """The copy, or what is there now."""
        if max_age == timedelta(0):
            self.copy = super().versions()
        return self.copy


def test_a_renewed_token_is_read_as_soon_as_the_old_one_was_refused() -> None:
    def behave(channel: socket.socket) -> None:
        old = b"bearer old" in served.requests[-1].lower()
        (refuse if old else accept)(channel)

    refuse = answering({"error": {"code": 190, "error_subcode": 463}}, "400 Bad Request")
    accept = answering({"message_id": "m_2"})
    secret = CachedSecret(page_tokens={PAGE: "old"})
    with platform(behave) as served:
        graph = GraphApi(served.url, secret)
        assert sending(graph) == CredentialsRefused()
        secret.rotate(page_tokens={PAGE: "new"})
        assert sending(graph) == Sent("m_2")


@pytest.mark.parametrize(
    "version",
    [
        {},
        {"page_tokens": None},
        {"page_tokens": {}},
        {"page_tokens": {PAGE: ""}},
        {"page_tokens": {PAGE: f"{TOKEN}\n"}},
    ],
)
def test_without_a_token_nothing_is_called(version: dict[str, Any]) -> None:
    with platform(answering({"message_id": "m_2"})) as served:
        answer = send(served.url, InMemorySecret(**version))

    assert answer == CredentialsRefused(SendFailure.CREDENTIALS_MISSING)
    assert served.requests == []


def test_a_prepared_token_is_used_without_asking_for_it_again() -> None:
    secret = InMemorySecret(page_tokens={PAGE: TOKEN})
    with platform(answering({"message_id": "m_2"})) as served:
        graph = GraphApi(served.url, secret)
        assert graph.prepare(PAGE) is None
        secret.lost = True
        assert sending(graph) == Sent("m_2")


def test_one_page_s_dead_token_does_not_touch_another_page() -> None:
    with platform(answering({"error": {"code": 190}}, "400 Bad Request")) as served:
        graph = GraphApi(served.url, InMemorySecret(page_tokens={PAGE: TOKEN, "7002": "another"}))
        assert graph.prepare("7002") is None
        assert sending(graph) == CredentialsRefused()
        served.behaviour = answering({"message_id": "m_2"})
        assert sending(graph, "7002") == Sent("m_2")


def test_a_secret_that_cannot_be_read_is_tried_later() -> None:
    secret = InMemorySecret(page_tokens={PAGE: TOKEN})
    secret.lost = True

    assert send("http://127.0.0.1:9", secret) == RetryLater(SendFailure.CREDENTIALS_UNREADABLE)


def test_nothing_is_sent_to_whoever_cannot_show_the_platform_s_certificate(tmp_path: Path) -> None:
    with platform(answering({"message_id": "m_2"}), tls=self_signed(tmp_path)) as served:
        assert send(served.url) == RetryLater(SendFailure.UNREACHABLE)
        assert served.requests == []


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context
