"""The pages on a loopback port, behind the workstation's own front door, and a Chromium to look at them."""

from __future__ import annotations

import base64
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpcore
import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from contact_desk.contacts import Surface
from contact_desk.http_api import respond
from functions.report.handler import ROUTES
from functions.report.reports import Reports
from local.front_door import front_door_app
from local.public_pages import StoredPage
from local.twins.held_still import FrozenClock
from local.twins.in_memory_archive import InMemoryArchive
from local.twins.in_memory_queues import InMemoryContactQueue
from local.twins.in_memory_secret import InMemorySecret
from tests.builders import force
from tests.feed_builders import FeedDesk
from tests.web.operators_desk import OperatorsDesk, operators_desk

SHOTS = Path(__file__).parents[2] / "build/web"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
SMALLEST = 320


class ReportApi(httpcore.AsyncConnectionPool):
    """Stands where the HTTP API does, with the function that answers for pages that are not in the bucket.

    It is that function's own: what it takes in stays in `archive` for a test to look at.
    """

    def __init__(self) -> None:
        super().__init__()
        self.clock = FrozenClock()
        self.archive = InMemoryArchive(self.clock)
        self.seal = InMemorySecret(key="a key that nobody knows")

    async def request(
        self, method: Any, url: Any, *, headers: Any = None, content: Any = None, **_: Any
    ) -> httpcore.Response:
        parts = urlsplit(bytes(url).decode())
        event = {
            "rawPath": parts.path.removeprefix("/api"),
            "headers": {name.decode(): value.decode() for name, value in headers},
            "queryStringParameters": dict(parse_qsl(parts.query)),
            "requestContext": {"http": {"method": method}, "stage": "$default"},
            "body": base64.b64encode(content or b"").decode(),
            "isBase64Encoded": True,
        }
        queue = InMemoryContactQueue([Surface.PRIVATE])
        answered = respond(event, ROUTES, Reports(force(), self.archive, queue, self.clock, self.seal))
        body = answered["body"].encode()
        if answered.get("isBase64Encoded"):
            body = base64.b64decode(body)
        response = httpcore.Response(answered["statusCode"], headers=answered["headers"], content=body)
        await response.aread()
        return response


class Shelf:
    """What stands in the bucket of the desk that a test has built."""

    desk: FeedDesk

    def read(self, key: str) -> StoredPage | None:
        file = self.desk.bucket.files.get(key)
        return StoredPage(file.body, file.media_type, '"tag"', file.cache_control) if file else None


@pytest.fixture(scope="session")
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture(scope="session")
def api() -> ReportApi:
    return ReportApi()


@pytest.fixture(scope="session")
def origin(shelf: Shelf, api: ReportApi) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = front_door_app("http://127.0.0.1:1/api", api, shelf)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=10)


def chromium() -> str:
    """Where this machine's Chromium is."""
    found = os.environ.get("DESK_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if found is None:
        pytest.fail("no Chromium on this machine (Debian: apt install chromium); DESK_CHROMIUM names one")
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield started
        started.close()


Opened = Callable[..., Any]


@pytest.fixture
def opened(browser: Browser, origin: str, shelf: Shelf) -> Opened:
    """Opens a page of a desk; scripts are off, as the pages need none, unless a test's own tool does."""

    @contextmanager
    def open_page(
        desk: FeedDesk, path: str, *, width: int = 1280, scripts: bool = False, **options: Any
    ) -> Iterator[Page]:
        desk.update()
        shelf.desk = desk
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            java_script_enabled=scripts,
            bypass_csp=scripts,
            base_url=origin,
            **options,
        )
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(path)
        yield page
        context.close()
        # A page that is not there is said to be so; a policy that is broken would be said here too.
        assert [text for text in complaints if "status of 404" not in text] == []

    return open_page


def shot(page: Page, name: str) -> None:
    """Keep what it looks like, for people."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


@pytest.fixture
def operators(browser: Browser, tmp_path: Path) -> Iterator[OperatorsDesk]:
    """An operators' desk of this test's own; at its end no browser may have complained of anything."""
    with operators_desk(browser, tmp_path) as desk:
        yield desk
    assert desk.complaints == []
