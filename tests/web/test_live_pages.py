"""The public pages in a browser: nobody is shut out, at any width, on paper, with nothing, one or forty to show."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contact_desk.broadcasts import BroadcastKind, BroadcastState, LanguageVersion, Severity
from tests.feed_builders import NOON, FeedDesk, broadcast, corrected_chain
from tests.web.conftest import SMALLEST, shot
from tests.web.looks import LOOKS, faults_of

DOCS = Path(__file__).parents[2] / "docs"
LATER = NOON + timedelta(minutes=30)
KINDS = list(BroadcastKind)
SEVERITIES = list(Severity)
WELSH = LanguageVersion(
    "cy", "Ffordd ar gau ar ôl gwrthdrawiad", "Y Strand, Lerpwl", "Defnyddiwch dwnnel Queensway."
)
LONG = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch" * 2


def desk_of(count: int) -> FeedDesk:
    """So many live messages of all kinds, and beyond one a few that have ended."""
    live = [
        broadcast(
            f"{number:02}",
            kind=KINDS[number % len(KINDS)],
            severity=SEVERITIES[number % len(SEVERITIES)],
            published_at=NOON + timedelta(minutes=number),
        )
        for number in range(count)
    ]
    ended = [
        broadcast("x1", state=BroadcastState.CANCELLED, ended_at=LATER),
        broadcast("x2", expires_at=LATER),
    ]
    return FeedDesk(*live, *(ended if count > 1 else ()))


def notice(name: str) -> FeedDesk:
    return FeedDesk(
        *{
            "current": (broadcast("01", severity=Severity.EXTREME),),
            "corrected": corrected_chain(),
            "cancelled": (broadcast("01", state=BroadcastState.CANCELLED, ended_at=LATER),),
            "expired": (broadcast("01", expires_at=LATER),),
            "in Welsh": (broadcast("01", language="cy", what=WELSH.what, where=WELSH.where, do=WELSH.do),),
            "in two languages": (broadcast("01", versions=(WELSH,)),),
            "of long words": (broadcast("01", what=LONG, where=LONG, do=LONG),),
        }[name]
    )


PAGE = f"/live/{broadcast('01').reference}"
UNKNOWN = "/live/MP-14X5-4M5T-3"
PAGES: dict[str, tuple[Any, str]] = {
    **{f"live with {count}": ((desk_of, count), "/live") for count in (0, 1, 40)},
    **{
        f"notice {name}": ((notice, name), PAGE)
        for name in (
            "current",
            "corrected",
            "cancelled",
            "expired",
            "in Welsh",
            "in two languages",
            "of long words",
        )
    },
    "not published": ((desk_of, 0), UNKNOWN),
    "look-up": ((desk_of, 0), "/live/look-up"),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_nobody_is_shut_out(opened: Any, name: str, scheme: str) -> None:
    """Whatever the screen, the zoom, the size of text and the colours: axe finds nothing, and nothing is cut off."""
    (make, what), path = PAGES[name]
    with opened(make(what), path, scripts=True, color_scheme=scheme) as page:
        for look in LOOKS:
            assert faults_of(page, look, ".skip") == [], look.name
            if look.scale == 1:
                shot(page, f"{name} {look.name} {scheme}")


@pytest.mark.parametrize("name", PAGES)
def test_nothing_runs_out_of_a_small_screen(opened: Any, name: str) -> None:
    (make, what), path = PAGES[name]
    with opened(make(what), path, width=SMALLEST, scripts=True) as page:
        assert page.evaluate("document.documentElement.scrollWidth") == SMALLEST
        wide = page.evaluate(
            "[...document.body.querySelectorAll('*')].filter(e => !e.matches('.skip') &&"
            " e.getBoundingClientRect().right > innerWidth + 0.5).map(e => e.outerHTML.slice(0, 80))"
        )
        assert wide == []


@pytest.mark.parametrize("name", PAGES)
def test_text_may_be_twice_as_large(opened: Any, name: str) -> None:
    """WCAG 1.4.4: what is read at 640 px stays whole when its text is doubled."""
    (make, what), path = PAGES[name]
    with opened(make(what), path, width=640, scripts=True) as page:
        page.add_style_tag(content="html { font-size: 200% }")
        assert page.evaluate("document.documentElement.scrollWidth") <= 640


@pytest.mark.parametrize("name", ["live with 1", "live with 40", "notice corrected", "not published"])
def test_on_paper_there_is_what_there_is_to_read(opened: Any, name: str) -> None:
    (make, what), path = PAGES[name]
    with opened(make(what), path) as page:
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 700, "height": 990})
        shot(page, f"{name} print")

        assert page.locator("h1").is_visible()
        assert page.get_by_role("button").count() == 0
        assert not page.locator("form").is_visible()
        assert page.locator("footer").is_visible()
        assert page.pdf(format="A4")


def test_a_reference_is_looked_up_without_a_script(opened: Any) -> None:
    desk = FeedDesk(broadcast("01"))
    with opened(desk, "/live") as page:
        page.get_by_label("Reference or link").fill(
            f" see https://desk.example/live/{broadcast('01').reference.lower()} "
        )
        page.get_by_role("button", name="Look it up").click()

        assert page.url.endswith(PAGE)
        assert page.get_by_text("Yes, this is from Merseyside Police, and it is current.").is_visible()


def test_what_we_did_not_publish_is_said_plainly(opened: Any) -> None:
    with opened(FeedDesk(broadcast("01")), "/live") as page:
        page.get_by_label("Reference or link").fill("MP-14X5-4M5T-4")
        page.get_by_role("button", name="Look it up").click()

        assert page.get_by_role("heading", level=1).inner_text() == "We did not publish this"
        page.get_by_role("link", name="all that is live from Merseyside Police").first.click()
        assert page.url.endswith("/live")


def test_a_keyboard_goes_from_the_skip_link_to_the_first_message(opened: Any) -> None:
    with opened(desk_of(1), "/live") as page:
        page.keyboard.press("Tab")
        assert page.locator(":focus").inner_text() == "Skip to the content"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")

        assert page.locator(":focus").get_attribute("href") == f"/live/{broadcast('00').reference}"


@pytest.mark.parametrize("count", [0, 1, 40])
def test_a_page_is_small_and_asks_for_one_more_file(opened: Any, count: int) -> None:
    desk = desk_of(count)
    with opened(desk, "about:blank") as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto("/live")

        assert len(asked) == 2
        assert len(desk.bucket.files["live"].body) < 64 * 1024


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colours_and_schemes_leave_it_readable(opened: Any, scheme: str) -> None:
    with opened(desk_of(1), "/live", color_scheme=scheme, forced_colors="active") as page:
        assert page.locator("h1").is_visible()
        shot(page, f"live forced colours {scheme}")


@pytest.mark.skipif("DESK_PICTURES" not in os.environ, reason="`make pictures` makes them")
def test_pictures_of_what_is_live(opened: Any) -> None:
    desk = FeedDesk(
        broadcast("01", severity=Severity.SEVERE),
        broadcast(
            "02",
            kind=BroadcastKind.APPEAL,
            what="Did you see a blue van on Smithdown Road?",
            where="Smithdown Road, by the park",
            do="Call 101 and give the reference.",
        ),
        broadcast("x1", what="Lime Street is closed", state=BroadcastState.CANCELLED, ended_at=LATER),
    )
    with opened(desk, "/live", width=1000) as page:
        page.screenshot(path=DOCS / "live-page.png", full_page=True)
