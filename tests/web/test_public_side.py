"""The page that plays the public for a demonstration: everybody can use it, and what is said there stays words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect
from starlette.applications import Starlette

from contact_desk.clock import SystemClock
from local.platforms.ledger import Ledger, Received
from local.platforms.public_side import PublicSide
from local.stack_file import Stack, StackFileError
from tests.web.looks import LOOKS, faults_of
from tests.web.operators_desk import free_port, serving

WHO = "1234567890123456"
HOSTILE = "<img src=x onerror=document.title='ran'> \u202egnp.exe " + "x" * 400


def no_desk() -> Stack:
    raise StackFileError("The desk is not up.")


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def address(ledger: Ledger) -> Iterator[str]:
    port = free_port()
    with serving(Starlette(routes=PublicSide(ledger, no_desk).routes()), port):
        yield f"http://127.0.0.1:{port}/public?who={WHO}"


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_nobody_is_shut_out(
    browser: Browser, address: str, ledger: Ledger, colours: Literal["light", "dark"]
) -> None:
    ledger.note(
        Received(SystemClock().now(), "messenger", "message", "POST", "/", "10", WHO, HOSTILE, {}, 200, True)
    )
    page = browser.new_context(color_scheme=colours, bypass_csp=True).new_page()
    page.goto(address)
    expect(page.locator("li.ours")).to_have_text(f"The force: {HOSTILE}")
    page.get_by_label("Write a post").fill("@MerseyPolice hello")
    page.get_by_label("Write a post").press("Control+Enter")
    expect(page.get_by_role("alert")).to_have_text("The desk is not up.")
    expect(page.get_by_label("Write a post")).to_have_value("@MerseyPolice hello")
    for look in LOOKS:
        assert faults_of(page, look, ".heard") == [], look.name
    assert page.title() == "A member of the public"
    page.context.close()


def test_a_silence_of_the_stand_ins_is_said_and_then_forgotten(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(address)
    page.route("**/public/heard*", lambda route: route.abort())
    expect(page.get_by_role("alert")).to_have_text("The stand-ins do not answer.")
    page.unroute("**/public/heard*")
    expect(page.locator("#trouble")).to_have_text("")
    page.context.close()
