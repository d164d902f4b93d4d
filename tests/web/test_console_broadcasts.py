"""A broadcast from draft to end, by two people in two browsers; and the switch."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from contact_desk.broadcasts import BroadcastState
from tests.web.operators_desk import OperatorsDesk

WITHIN = 8_000


def drafted(page: Page) -> None:
    page.goto("/console/broadcasts/new")
    page.get_by_label("What", exact=True).fill("Road closed")
    page.get_by_label("Where", exact=True).fill("Queensway tunnel, both ways")
    page.get_by_label("What to do").fill("Use the Kingsway tunnel.")
    page.get_by_label("Until").fill("2031-01-31T14:00")
    page.get_by_label("Facebook page", exact=True).check()
    page.get_by_label("X", exact=True).check()
    page.get_by_label("Words on X").fill("The Queensway tunnel is closed both ways.")


def test_two_people_publish_what_one_wrote(operators: OperatorsDesk) -> None:
    author, approver = operators.signed_in("operator"), operators.signed_in("publisher")
    drafted(author)
    author.keyboard.press("Control+Enter")
    on_x = author.get_by_role("article", name="X")
    expect(on_x).to_contain_text("The Queensway tunnel is closed both ways.")
    expect(on_x).to_contain_text("41 of 280")
    expect(author.get_by_role("article", name="Facebook page")).to_contain_text("Use the Kingsway tunnel.")
    author.locator("body").press("u")
    expect(author.get_by_text("You submitted it: somebody else approves it.")).to_be_visible()
    expect(author.get_by_role("button", name="Approve")).to_have_count(0)

    approver.goto("/console/broadcasts")
    approver.get_by_role("link", name="Road closed").click()
    approver.get_by_role("button", name="Approve").wait_for()
    approver.locator("body").press("y")
    approve = approver.get_by_role("dialog").get_by_role("button", name="Approve")
    expect(approve).to_be_disabled()
    approver.get_by_label("I have read every word of it").check()
    approve.click()
    expect(author.locator(".case-head").get_by_text("Being published")).to_be_visible(timeout=WITHIN)
    (one,) = operators.desk.records.broadcasts.values()
    assert (one.submitted.name, one.approved.name) == ("Olivia Operator", "Parveen Publisher")  # type: ignore[union-attr]

    approver.get_by_role("link", name="Correct").click()
    expect(approver.get_by_label("What", exact=True)).to_have_value("Road closed")
    approver.get_by_label("Where", exact=True).fill("Queensway tunnel, towards Birkenhead")
    approver.get_by_role("button", name="Save the draft and see it").click()
    expect(approver.get_by_role("link", name="the one before")).to_be_visible()

    approver.goto(f"/console/broadcasts/{one.broadcast_id}")
    approver.get_by_role("button", name="Cancel").click()
    approver.get_by_label("Why, for the record").fill("It has opened again.")
    approver.get_by_role("button", name="Cancel it on every channel").click()
    expect(approver.locator(".case-head .tag")).to_have_text("Cancelled")
    assert operators.desk.records.broadcasts[one.broadcast_id].state is BroadcastState.CANCELLED


def test_only_the_words_that_were_read_are_approved(operators: OperatorsDesk) -> None:
    author, approver = operators.signed_in("operator"), operators.signed_in("publisher")
    drafted(author)
    author.keyboard.press("Control+Enter")
    author.get_by_role("button", name="Submit for approval").click()
    author.get_by_text("You submitted it").wait_for()
    approver.goto(author.url)
    approver.get_by_role("button", name="Approve").wait_for()
    approver.locator("body").press("y")
    window = approver.get_by_role("dialog")
    window.get_by_label("I have read every word of it").focus()
    approver.keyboard.press("Control+Enter")
    (before,) = operators.desk.records.broadcasts.values()
    assert before.state is BroadcastState.SUBMITTED
    window.get_by_label("I have read every word of it").check()

    author.get_by_role("link", name="Edit").click()
    expect(author.get_by_label("Words on X")).to_have_value("The Queensway tunnel is closed both ways.")
    expect(author.get_by_label("Words on Facebook page")).to_have_value("")
    author.get_by_label("Words on X").fill("Something else altogether.")
    author.get_by_role("button", name="Save the draft and see it").click()
    author.get_by_role("button", name="Submit for approval").click()
    author.get_by_text("You submitted it").wait_for()

    expect(window.get_by_role("alert")).to_contain_text("It has been edited", timeout=WITHIN)
    expect(window).not_to_contain_text("Something else altogether.")
    expect(window.get_by_role("button", name="Approve")).to_be_disabled()
    (after,) = operators.desk.records.broadcasts.values()
    assert after.state is BroadcastState.SUBMITTED


def test_what_cannot_be_read_is_not_written_anew_as_another(operators: OperatorsDesk) -> None:
    page = operators.signed_in("publisher")
    drafted(page)
    page.keyboard.press("Control+Enter")
    page.get_by_role("link", name="Edit").wait_for()
    page.route("**/desk/broadcasts/*", lambda route: route.abort())
    page.get_by_role("link", name="Edit").click()
    expect(page.get_by_role("alert").last).to_contain_text("The desk cannot be reached.")
    expect(page.get_by_role("button", name="Save the draft and see it")).to_have_count(0)


def test_a_fault_stands_by_its_field_and_nothing_typed_is_lost(operators: OperatorsDesk) -> None:
    page = operators.signed_in("operator")
    drafted(page)
    page.get_by_label("Until").fill("2001-01-31T14:00")
    page.get_by_label("Words on X").fill("x " * 200)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert").last).to_contain_text("Until: ")
    expect(page.get_by_role("alert").last).to_be_in_viewport()
    expect(page.locator(".channel-choice .fault")).to_be_visible()
    expect(page.get_by_label("Until")).to_have_accessible_description(re.compile("future"))
    page.reload()
    expect(page.get_by_label("Where", exact=True)).to_have_value("Queensway tunnel, both ways")
    page.get_by_role("button", name="Start with an empty form").click()
    expect(page.get_by_label("Where", exact=True)).to_have_value("")


def test_everybody_may_stop_publishing_and_a_supervisor_starts_it(operators: OperatorsDesk) -> None:
    page, boss = operators.signed_in("operator"), operators.signed_in("supervisor")
    page.locator("body").press("b")
    page.get_by_role("button", name="Stop all publishing").click()
    page.get_by_label("Why").fill("A wrong name has gone out.")
    page.get_by_role("button", name="Stop everything now").click()
    stopped = "All publishing is stopped by Olivia Operator"
    expect(boss.get_by_text(stopped)).to_be_visible(timeout=WITHIN)
    page.get_by_role("button", name="Start publishing again").click()
    expect(page.get_by_text("Only a supervisor may start publishing again.")).to_be_visible()
    boss.locator("body").press("b")
    boss.get_by_role("button", name="Start publishing again").click()
    boss.get_by_label("Why").fill("It was taken back.")
    boss.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_text(stopped)).to_have_count(0, timeout=WITHIN)


def test_nobody_starts_publishing_over_a_stop_that_they_have_not_read(operators: OperatorsDesk) -> None:
    desk = operators.desk
    desk.put("/desk/publishing", {"on": False, "reason": "A rehearsal."})
    boss = operators.signed_in("supervisor", "/console/broadcasts")
    boss.get_by_role("button", name="Start publishing again").click()
    window = boss.get_by_role("dialog")
    expect(window).to_contain_text("A rehearsal.")
    desk.put("/desk/publishing", {"on": False, "reason": "The page is taken over."})
    window.get_by_label("Why").fill("It is over.")
    window.get_by_role("button", name="Start", exact=True).click()
    expect(window.get_by_role("alert")).to_contain_text("Read why first.")
    expect(window).to_contain_text("The page is taken over.")
    assert not desk.records.switch.on
    window.get_by_role("button", name="Start", exact=True).click()
    expect(window).to_have_count(0)
    assert desk.records.switch.on


def test_communications_see_broadcasts_and_no_cases(operators: OperatorsDesk) -> None:
    operators.arrives("Lads on bikes again")
    page = operators.signed_in("publisher")
    expect(page.get_by_role("heading", name="Broadcasts")).to_be_visible()
    expect(page.get_by_role("link", name="Queue")).to_have_count(0)
    page.goto("/console/desk")
    expect(page.get_by_role("heading", name="Broadcasts")).to_be_visible()
