"""A member of the public played by hand: signed as the platform signs, answered from what the platform was sent."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from contact_desk.clock import SystemClock
from local.platforms.ledger import Ledger, Received
from local.platforms.public_side import PublicSide
from local.stack_file import Stack, StackFileError
from tests.unit.local.asgi_client import AsgiClient

WHO = "1234567890123456"
URL = "http://127.0.0.1:8781"
ACCOUNTS = {"messenger": "10", "facebook_page": "10", "x": "20"}


class Desk:
    """A desk that notes what reaches its webhooks."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.status = 200

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(self.status)


def a_stack() -> Stack:
    names = ("api_url", "console_url", "report_url", "feed_url", "live_url", "platforms_url")
    fields: dict[str, Any] = {
        **dict.fromkeys(names, "http://127.0.0.1:8780"),
        "aws_endpoint_url": "", "region": "", "table_name": "", "archive_bucket": "", "queues": {},
        "secrets": {
            "meta": {"app_secret": "app", "verify_token": "v"},
            "x": {"consumer_secret": "consumer"},
            "sms": {"auth_token": "auth"},
        },
        "accounts": ACCOUNTS,
        "tokens": dict.fromkeys(("operator", "operator2", "supervisor", "publisher", "auditor"), "t"),
        "credentials": {"access_key_id": "a", "secret_access_key": "s"},
    }  # fmt: skip
    return Stack.model_validate(fields)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def client(desk: Desk, ledger: Ledger) -> Any:
    side = PublicSide(ledger, a_stack, httpx.MockTransport(desk))
    with AsgiClient(Starlette(routes=side.routes()), URL) as opened:
        yield opened


def say(client: Any, way: str, text: str = "Is the tunnel open?") -> Any:
    return client.post("/public/say", json={"who": WHO, "way": way, "text": text})


@pytest.mark.parametrize("way", ["messenger", "comment"])
def test_what_is_said_on_facebook_is_signed_by_the_apps_secret(client: Any, desk: Desk, way: str) -> None:
    assert say(client, way).status_code == 201

    (request,) = desk.requests
    assert request.url.path == "/webhooks/meta"
    expected = hmac.new(b"app", request.content, hashlib.sha256).hexdigest()
    assert request.headers["x-hub-signature-256"] == f"sha256={expected}"
    assert WHO in request.content.decode()


@pytest.mark.parametrize("way", ["mention", "x_message"])
def test_what_is_said_on_x_reaches_its_webhook(client: Any, desk: Desk, way: str) -> None:
    assert say(client, way).status_code == 201

    (request,) = desk.requests
    assert request.url.path == "/webhooks/x"
    assert request.headers["x-twitter-webhooks-signature"].startswith("sha256=")


def test_the_person_hears_what_was_sent_to_them_and_nobody_elses(client: Any, ledger: Ledger) -> None:
    comment = say(client, "comment").json()["said"]
    say(client, "messenger")
    for platform, to, text, visible in (
        ("facebook", comment, "Write to us in private.", True),
        ("messenger", WHO, "Yes, it is.", True),
        ("messenger", "somebody else", "Not for you.", True),
        ("messenger", WHO, "Refused.", False),
    ):
        ledger.note(
            Received(SystemClock().now(), platform, "message", "POST", "/", "10", to, text, {}, 200, visible)
        )

    lines = client.get("/public/heard", params={"who": WHO}).json()["lines"]
    assert [(line["way"], line["text"]) for line in lines if line["ours"]] == [
        ("comment", "Write to us in private."),
        ("messenger", "Yes, it is."),
    ]
    assert len(lines) == 4


def test_what_the_desk_refuses_is_said_so(client: Any, desk: Desk) -> None:
    desk.status = 503
    assert say(client, "messenger").json() == {"message": "The desk says 503."}
    assert say(client, "smoke").status_code == 422


def test_without_a_running_desk_nothing_can_be_said(ledger: Ledger, tmp_path: Path) -> None:
    def none() -> Stack:
        raise StackFileError("is the desk up?")

    with AsgiClient(Starlette(routes=PublicSide(ledger, none).routes()), URL) as client:
        assert say(client, "messenger").status_code == 503
        assert client.get("/public/places").status_code == 503


def test_the_page_leads_to_the_screen_the_form_and_what_is_live(client: Any) -> None:
    places = client.get("/public/places").json()
    assert places == dict.fromkeys(("console", "report", "live"), "http://127.0.0.1:8780")


def test_the_page_gives_each_visitor_a_name_and_serves_its_own_files_alone(client: Any) -> None:
    moved = client.get("/public")
    assert moved.status_code == 303
    page = client.get(moved.headers["location"])
    assert "A member of the public" in page.text
    assert "require-trusted-types-for" in page.headers["content-security-policy"]
    assert client.get("/public/page.js").status_code == 200
    assert client.get("/public/secrets.json").status_code == 404
