"""Through a whole running desk, as `make up` makes it: from a person's message to the reply on their own page."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from local.stack import running_stack
from local.stack_file import Stack
from tests.proving import TOLD
from tests.unit.report.form import ANSWERS
from tests.web.operators_desk import Record
from tests.web.test_report_form import go_on

pytestmark = pytest.mark.timeout(900)
PATIENCE = 30_000


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("desk")) as running:
        yield running


@pytest.fixture
def pages(browser: Browser) -> Iterator[list[Page]]:
    opened: list[Page] = []
    yield opened
    for page in opened:
        page.context.close()


def a_page(browser: Browser, pages: list[Page], url: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(PATIENCE)
    pages.append(page)
    page.goto(url)
    return page


def signed_in(page: Page, name: str) -> Page:
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name=name).click()
    page.get_by_role("button", name="Sign out").wait_for()
    return page


def test_a_person_writes_an_operator_answers_and_the_case_closes(
    browser: Browser, stack: Stack, pages: list[Page], record_property: Record
) -> None:
    desk = signed_in(a_page(browser, pages, stack.console_url), "Olivia Operator")
    person = a_page(browser, pages, f"{stack.platforms_url}/public")
    desk.get_by_text("Nothing waits here.").wait_for()

    person.get_by_label("Write a message", exact=True).fill("Is the Queensway tunnel open tonight?")
    person.get_by_role("button", name="Send on Messenger").click()
    began = time.monotonic()
    desk.get_by_text("Is the Queensway tunnel open tonight?").wait_for()
    record_property(TOLD, f"on the operator's screen {time.monotonic() - began:.1f} s after it was sent")
    desk.keyboard.press("c")
    desk.get_by_text("Yours until").wait_for()
    desk.keyboard.press("r")
    desk.keyboard.type("Yes, it is open both ways.")
    desk.keyboard.press("Control+Enter")

    conversation = person.get_by_role("list", name="Messenger conversation")
    expect(conversation).to_contain_text("Yes, it is open both ways.", timeout=PATIENCE)
    reply = desk.locator(".entry.ours").filter(has_text="Yes, it is open both ways.")
    expect(reply).to_contain_text("Sent", timeout=PATIENCE)
    desk.keyboard.press("x")
    desk.get_by_role("radio", name="Advice given").wait_for()
    desk.keyboard.press("Enter")
    desk.get_by_role("heading", name="Queue").wait_for()
    expect(desk.get_by_text("Is the Queensway tunnel open tonight?")).to_have_count(0)


def test_an_emergency_in_public_alerts_and_is_acknowledged(
    browser: Browser, stack: Stack, pages: list[Page]
) -> None:
    desk = signed_in(a_page(browser, pages, stack.console_url), "Sian Supervisor")
    person = a_page(browser, pages, f"{stack.platforms_url}/public")
    person.get_by_label("Write a post").fill(
        "@MerseyPolice a man with a knife is attacking people at Lime Street now"
    )
    person.get_by_role("button", name="Post on X").click()
    desk.locator(".alarm").get_by_text("Life may be at risk").wait_for()
    desk.keyboard.press("!")
    desk.keyboard.press("Enter")
    expect(desk.locator(".alarm")).to_have_count(0, timeout=PATIENCE)


def test_a_broadcast_goes_from_a_draft_to_both_platforms_and_the_public_page(
    browser: Browser, stack: Stack, pages: list[Page]
) -> None:
    author = signed_in(a_page(browser, pages, f"{stack.console_url}broadcasts/new"), "Olivia Operator")
    author.get_by_label("What", exact=True).fill("Road closed")
    author.get_by_label("Where", exact=True).fill("Queensway tunnel, both ways")
    author.get_by_label("What to do").fill("Use the Kingsway tunnel.")
    author.get_by_label("Until").fill("2031-01-31T14:00")
    for channel in ("Facebook page", "X"):
        author.get_by_label(channel, exact=True).check()
    author.get_by_role("button", name="Save the draft and see it").click()
    author.get_by_role("button", name="Submit for approval").click()
    author.get_by_text("You submitted it: somebody else approves it.").wait_for()

    approver = signed_in(a_page(browser, pages, author.url), "Parveen Publisher")
    approver.get_by_role("button", name="Approve").click()
    approver.get_by_label("I have read every word of it").check()
    approver.get_by_role("dialog").get_by_role("button", name="Approve").click()
    for channel in ("Facebook page", "X"):
        copy = approver.get_by_role("article", name=channel, exact=True)
        expect(copy.locator("header .tag")).to_have_text("Live", timeout=PATIENCE)
    link = approver.locator(".facts dd").filter(has_text="/live/").inner_text()

    received = author.request.get(f"{stack.platforms_url}/received").json()["received"]
    texts = {
        one["platform"]: one["text"]
        for one in received
        if one["visible"] and "Road closed" in (one["text"] or "")
    }
    assert len(texts) == 2
    public = a_page(browser, pages, link.strip())
    expect(public.locator("main")).to_contain_text("Queensway tunnel, both ways", timeout=PATIENCE)


def test_two_operators_meet_on_a_case_and_a_supervisor_takes_it_over(
    browser: Browser, stack: Stack, pages: list[Page]
) -> None:
    first, second, boss = (
        signed_in(a_page(browser, pages, stack.console_url), name)
        for name in ("Olivia Operator", "Owen Operator", "Sian Supervisor")
    )
    person = a_page(browser, pages, f"{stack.platforms_url}/public")
    person.get_by_label("Write a message", exact=True).fill(
        "Somebody left a bicycle in our hedge in Aigburth."
    )
    person.get_by_role("button", name="Send on Messenger").click()
    for page in (first, second, boss):
        page.get_by_text("Somebody left a bicycle").first.click()
        page.get_by_label("Reply on").wait_for()
    first.keyboard.press("c")
    first.get_by_text("Yours until").wait_for()
    second.get_by_text("With Olivia Operator until").wait_for()
    second.keyboard.press("c")
    expect(second.get_by_role("alert")).to_contain_text("Olivia Operator is working on this case.")
    boss.get_by_text("With Olivia Operator until").wait_for()
    boss.keyboard.press("o")
    boss.get_by_text("Yours until").wait_for()
    first.get_by_text("With Sian Supervisor until").wait_for()
    expect(first.locator(".timeline")).to_contain_text("Taken over Sian Supervisor")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_report_goes_from_the_form_to_its_reference_and_to_the_desk(
    browser: Browser, stack: Stack, pages: list[Page], scripts: bool
) -> None:
    form = browser.new_context(java_script_enabled=scripts).new_page()
    form.set_default_timeout(PATIENCE)
    pages.append(form)
    form.goto(stack.report_url)
    while not form.locator("form[action='/report/check']").count():
        go_on(form, **ANSWERS)
    go_on(form)
    reference = form.locator(".desk-reference").inner_text()

    desk = signed_in(a_page(browser, pages, stack.console_url), "Olivia Operator")
    desk.locator("a[id^=row-]").filter(has_text=reference).click()
    expect(desk.locator(".case-head")).to_contain_text("Report form")
    expect(desk.locator(".timeline")).to_contain_text("Bold Street, by the church")
