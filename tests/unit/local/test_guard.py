"""The emulator's port answers tools on this machine and nobody else."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from local.emulator.guard import guarded
from tests.unit.local.asgi_client import AsgiClient

PORT = 4599
URL = f"http://127.0.0.1:{PORT}"


class Emulator:
    """Answers 200 and remembers what reached it."""

    def __init__(self) -> None:
        self.reached: list[dict[str, Any]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.reached.append(scope)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})


@pytest.fixture
def emulator() -> Emulator:
    return Emulator()


def status(emulator: Emulator, path: str = "/", base_url: str = URL, **headers: str) -> int:
    with AsgiClient(guarded(emulator, port=PORT), base_url) as client:
        return client.post(
            path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        ).status_code


@pytest.mark.parametrize("base_url", [URL, f"http://localhost:{PORT}", f"http://[::1]:{PORT}"])
def test_a_tool_on_this_machine_passes(emulator: Emulator, base_url: str) -> None:
    assert status(emulator, base_url=base_url) == 200
    assert len(emulator.reached) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": URL},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_mode": "no-cors"},
        {"host": f"evil.example:{PORT}"},
        {"host": "evil.example"},
        {"host": f"127.0.0.1.evil.example:{PORT}"},
        {"host": f"127.0.0.1:{PORT + 1}"},
        {"host": f"169.254.169.254:{PORT}"},
        {"host": ""},
    ],
    ids=str,
)
def test_a_browser_and_a_foreign_name_are_refused(emulator: Emulator, headers: dict[str, str]) -> None:
    assert status(emulator, **headers) == 403
    assert emulator.reached == []


@pytest.mark.parametrize(
    "path", ["/_ministack/reset", "/_ministack/config", "/_localstack/init", "/_ministack"]
)
def test_control_calls_are_refused(emulator: Emulator, path: str) -> None:
    assert status(emulator, path) == 403
    assert emulator.reached == []


def test_health_can_be_asked_for(emulator: Emulator) -> None:
    assert status(emulator, "/_ministack/health") == 200


def test_what_passes_counts_as_secure_transport(emulator: Emulator) -> None:
    status(emulator, x_forwarded_proto="http")

    [scope] = emulator.reached
    assert [value for name, value in scope["headers"] if name == b"x-forwarded-proto"] == [b"https"]


def test_two_hosts_are_refused(emulator: Emulator) -> None:
    with AsgiClient(guarded(emulator, port=PORT), URL) as client:
        answer = client.request(
            "POST", "/", headers=[("Host", f"127.0.0.1:{PORT}"), ("Host", "evil.example")]
        )

    assert answer.status_code == 403


async def _nothing() -> dict[str, Any]:
    return {"type": "websocket.connect"}


def test_a_websocket_is_closed(emulator: Emulator) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/", "headers": [(b"host", f"127.0.0.1:{PORT}".encode())]}

    async def connect() -> None:
        await guarded(emulator, port=PORT)(scope, _nothing, send)

    asyncio.run(connect())

    assert sent == [{"type": "websocket.close", "code": 1008}]
    assert emulator.reached == []
