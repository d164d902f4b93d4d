"""The front door serves the pages as the distribution does, and asks the API for what is not there."""

from __future__ import annotations

from collections.abc import Iterator

import httpcore
import pytest

from contact_desk.web_pages import PAGE_HEADERS
from local.front_door import front_door_app
from local.public_pages import PagesUnreachableError, StoredPage
from tests.unit.local.asgi_client import AsgiClient
from tests.unit.local.test_front_door import API_URL, ORIGIN, EmulatedApi

LIVE = StoredPage(b"<!doctype html>", "text/html; charset=utf-8", '"1"', "max-age=3")
ATOM = StoredPage(b"<feed/>", "application/atom+xml", '"2"', "max-age=3")


class Shelf:
    """Some pages; `broken` as a bucket that does not answer."""

    def __init__(self) -> None:
        self.pages = {"live": LIVE, "feed/atom.xml": ATOM, "live/MP-1": LIVE}
        self.broken = False

    def read(self, key: str) -> StoredPage | None:
        if self.broken:
            raise PagesUnreachableError("broken")
        return self.pages.get(key)


@pytest.fixture
def api() -> EmulatedApi:
    return EmulatedApi()


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def door(api: EmulatedApi, shelf: Shelf) -> Iterator[AsgiClient]:
    with AsgiClient(front_door_app(API_URL, api, shelf), ORIGIN) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/live", "/live/MP-1", "/live?utm_source=x"])
def test_a_page_is_served_as_it_lies_with_the_headers_of_every_page(
    door: AsgiClient, api: EmulatedApi, path: str
) -> None:
    answer = door.get(path)

    assert (answer.status_code, answer.content) == (200, LIVE.body)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "max-age=3"
    assert PAGE_HEADERS.items() <= dict(answer.headers).items()
    assert "access-control-allow-origin" not in answer.headers
    assert api.asked == []


def test_the_feed_is_for_every_origin(door: AsgiClient) -> None:
    assert door.get("/feed/atom.xml").headers["access-control-allow-origin"] == "*"


def test_whoever_has_it_gets_no_second_copy(door: AsgiClient) -> None:
    answer = door.get("/live", headers={"If-None-Match": '"0", "1"'})

    assert (answer.status_code, answer.content) == (304, b"")


def test_a_reference_without_a_page_is_asked_of_the_api(door: AsgiClient, api: EmulatedApi) -> None:
    api.answer = httpcore.Response(
        404, headers=[(b"content-type", b"text/html; charset=utf-8")], content=b"not ours"
    )

    answer = door.get("/live/MP-2")

    assert (answer.status_code, answer.content) == (404, b"not ours")
    assert PAGE_HEADERS.items() <= dict(answer.headers).items()
    assert api.asked[0]["url"] == f"{API_URL}/live/MP-2".encode()


@pytest.mark.parametrize(
    "path", ["/nothing", "/feed/nothing", "/live/a/b", "/live/%2e%2e", "/_ministack/reset"]
)
def test_nothing_else_reaches_the_emulator(door: AsgiClient, api: EmulatedApi, path: str) -> None:
    assert door.get(path).status_code == 404
    assert api.asked == []


def test_nobody_writes_a_page(door: AsgiClient, api: EmulatedApi) -> None:
    assert door.post("/live", content=b"x").status_code == 403
    assert api.asked == []


def test_a_bucket_that_does_not_answer_is_a_503(door: AsgiClient, shelf: Shelf) -> None:
    shelf.broken = True

    assert door.get("/live").status_code == 503
