"""An operator's work in a real browser: new work, claims, replies, windows, ends, and what goes wrong."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from contact_desk.cases import CaseState, Disposition
from contact_desk.contacts import Surface
from contact_desk.decisions import Place, Reason
from contact_desk.grades import Grade
from tests.proving import TOLD
from tests.web.operators_desk import OperatorsDesk, Record

WITHIN = 2_000
KEYS_PER_CASE = 6


def opened(page: Page, case_id: str) -> None:
    page.goto(f"/console/cases/{case_id}")
    page.get_by_label("Reply on").wait_for()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_new_work_appears_by_itself_where_it_belongs(
    operators: OperatorsDesk, record_property: Record
) -> None:
    operators.arrives("Lads on bikes again")
    page = operators.signed_in()
    rows = page.get_by_role("list", name="Cases, most urgent first").get_by_role("listitem")
    expect(rows).to_have_count(1)

    operators.arrives(
        "He has a knife",
        grade=Grade.EMERGENCY,
        reasons=(Reason("weapon", "A weapon, here and now", ("knife",)),),
    )
    started = time.monotonic()
    expect(rows.first).to_contain_text("A weapon, here and now", timeout=WITHIN)
    record_property(TOLD, f"new work was on the screen after {time.monotonic() - started:.2f} s")

    # However long nothing came: right after an answer, in the middle of one that is held, and after many.
    slowest = 0.0
    for number, quiet in enumerate((100, 700, 1_900, 4_800)):
        page.wait_for_timeout(quiet)
        operators.arrives(f"Question {number}")
        began = time.monotonic()
        expect(rows).to_have_count(number + 3, timeout=WITHIN)
        slowest = max(slowest, time.monotonic() - began)
    record_property(TOLD, f"the slowest of four more after {slowest:.2f} s")

    expect(rows.first).to_contain_text("Emergency")
    expect(page.get_by_role("alert")).to_contain_text("Life may be at risk")
    expect(page).to_have_title(re.compile("A1 alert"))


def test_a_report_is_answered_by_email_and_says_where_it_gives_none(operators: OperatorsDesk) -> None:
    form: dict[str, Any] = {"channel": "report_form", "reply_until": None}
    named = operators.arrives("A man tries doors", report={"contact": {"email": "ada@example.org"}}, **form)
    nameless = operators.arrives(
        "A man tries cars", report={"safe_contact": {"ok": False}, "language": "cy"}, **form
    )
    page = operators.signed_in(path=f"/console/cases/{named}")
    none = page.get_by_text("The report gives no e-mail address to reply to")
    expect(page.get_by_label("Reply by e-mail")).to_be_visible()
    expect(none).to_have_count(0)
    page.goto(f"/console/cases/{nameless}")
    expect(none).to_be_visible()
    expect(page.locator(".timeline .facts > div")).to_have_text(["Safe to contactno", "LanguageWelsh"])


def test_places_and_earlier_cases_stand_beside_the_timeline(operators: OperatorsDesk) -> None:
    before = operators.arrives("Lads on bikes", person="6120")
    records = operators.desk.records
    records.cases[before] = replace(
        records.cases[before], state=CaseState.CLOSED, disposition=Disposition.ADVICE_GIVEN
    )
    case_id = operators.arrives(
        "They are back, Hope St, by L1 9BN <b>", places=(Place("L1 9BN", 0.9), Place("Hope St", 0.4))
    )
    records.cases[case_id] = replace(records.cases[case_id], previous_case=before)
    page = operators.signed_in()
    opened(page, case_id)
    side = page.get_by_role("complementary")
    expect(side.get_by_text("L1 9BN very likely")).to_be_visible()
    expect(side.get_by_text("Hope St perhaps")).to_be_visible()
    expect(side).to_contain_text("Advice given")
    side.get_by_role("link", name=operators.reference_of(before)).click()
    expect(page.locator(".timeline")).to_contain_text("Lads on bikes")


def test_a_case_is_claimed_answered_and_closed(operators: OperatorsDesk) -> None:
    case_id = operators.arrives("Is the tunnel open?")
    page = operators.signed_in()
    page.get_by_text("Is the tunnel open?").wait_for()
    page.keyboard.press("c")
    expect(page.get_by_text("Yours until")).to_be_visible()
    page.keyboard.press("r")
    page.keyboard.type("Yes, both ways.")
    expect(page.get_by_text("15 of 2,000 characters")).to_be_visible()
    page.keyboard.press("Control+Enter")
    reply = page.locator(".entry.ours")
    expect(reply).to_contain_text("Yes, both ways.")
    expect(reply).to_contain_text("Sent")
    expect(page.get_by_label("Reply on")).to_have_value("")
    press(page, "x")
    expect(page.get_by_role("radio", name="Advice given")).to_be_checked()
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Queue")).to_be_visible()
    expect(page.get_by_text("Nothing waits here.")).to_be_visible()

    closed = operators.desk.records.cases[case_id]
    assert (closed.state, closed.disposition) == (CaseState.CLOSED, Disposition.ADVICE_GIVEN)


def test_twenty_cases_are_cleared_by_the_keyboard_alone(
    operators: OperatorsDesk, record_property: Record
) -> None:
    for number in range(20):
        operators.arrives(f"Question number {number}", minutes_ago=number)
    page = operators.signed_in()
    page.get_by_text("20 cases").wait_for()
    pressed = 0

    def key(name: str) -> None:
        nonlocal pressed
        pressed += 1
        page.keyboard.press(name)

    for left in range(20, 0, -1):
        key("c")
        page.get_by_text("Yours until").wait_for()
        key("a")
        page.get_by_role("option").first.wait_for()
        key("Enter")
        expect(page.get_by_label("Reply on")).to_be_focused()
        key("Control+Enter")
        page.locator(".entry.ours").wait_for()
        key("x")
        page.get_by_role("radio", name="Advice given").wait_for()
        key("Enter")
        page.get_by_role("heading", name="Queue").wait_for()
        if left > 1:
            page.get_by_text(f"{left - 1} case").wait_for()
    record_property(TOLD, f"{pressed} keystrokes for 20 cases, {pressed / 20:.1f} a case")

    states = {case.state for case in operators.desk.records.cases.values()}
    assert (states, pressed) == ({CaseState.CLOSED}, 20 * KEYS_PER_CASE)


def test_two_operators_on_one_case_and_a_supervisor_takes_over(operators: OperatorsDesk) -> None:
    case_id = operators.arrives("Lads on bikes again")
    first, second, boss = (operators.signed_in(who) for who in ("operator", "operator2", "supervisor"))
    for page in (first, second, boss):
        opened(page, case_id)
    first.keyboard.press("c")
    expect(first.get_by_text("Yours until")).to_be_visible()
    expect(second.get_by_text("With Olivia Operator until")).to_be_visible(timeout=WITHIN)
    second.keyboard.press("c")
    expect(second.get_by_role("alert")).to_contain_text("Olivia Operator is working on this case.")
    first.keyboard.press("r")
    first.keyboard.type("We are on")
    expect(boss.get_by_text("With Olivia Operator until")).to_be_visible(timeout=WITHIN)
    boss.keyboard.press("o")
    expect(boss.get_by_text("Yours until")).to_be_visible()

    expect(first.get_by_text("With Sian Supervisor until")).to_be_visible(timeout=WITHIN)
    expect(first.get_by_text("Your draft is kept.")).to_be_visible()
    expect(first.get_by_label("Reply on")).to_have_value("We are on")
    expect(first.locator(".timeline")).to_contain_text("Taken over Sian Supervisor")


def test_what_a_reply_promises_is_said_before_it_is_sent(operators: OperatorsDesk) -> None:
    case_id = operators.arrives("Lads on bikes again")
    page = operators.signed_in()
    opened(page, case_id)
    page.keyboard.press("c")
    expect(page.get_by_text("Yours until")).to_be_visible()
    page.get_by_label("Reply on").fill("An officer will be with you in ten minutes.")
    press(page, "Control+Enter")
    expect(page.get_by_text("This promises what the desk cannot keep")).to_be_visible()
    assert not any(one.author for one in operators.desk.records.outbox.values())
    page.get_by_role("button", name="Send all the same").click()
    expect(page.locator(".entry.ours")).to_have_count(1)


def test_what_is_too_long_is_offered_in_parts_and_sent_in_order(operators: OperatorsDesk) -> None:
    case_id = operators.arrives("Lads on bikes again")
    page = operators.signed_in()
    opened(page, case_id)
    page.keyboard.press("c")
    expect(page.get_by_text("Yours until")).to_be_visible()
    page.get_by_label("Reply on").fill("\n\n".join(["One. " * 190, "Two. " * 190, "Three. " * 100]))
    expect(page.locator(".counter.over")).to_be_visible()
    press(page, "Control+Enter")
    page.get_by_role("button", name="Send all 2 parts").click()
    expect(page.locator(".entry.ours")).to_have_count(2)
    texts = [one.text for one in operators.desk.records.outbox.values() if one.author]
    assert texts[0].startswith("One.")
    assert texts[-1].rstrip().endswith("Three.")


def test_a_window_counts_down_and_public_words_are_called_public(operators: OperatorsDesk) -> None:
    soon = operators.desk.clock.now() + timedelta(minutes=50)
    private = operators.arrives("A message", reply_until=soon)
    public = operators.arrives(
        "A comment", channel="facebook_page", surface=Surface.PUBLIC, native_id="55_66"
    )
    page = operators.signed_in()
    opened(page, private)
    expect(page.get_by_text("Messenger takes a reply for 50 min")).to_be_visible()
    opened(page, public)
    expect(page.get_by_text("In public: everybody can read it")).to_be_visible()
    page.keyboard.press("c")
    page.get_by_role("button", name="Answer this").click()
    page.keyboard.type("Please send us a private message.")
    press(page, "Control+Enter")
    expect(page.locator(".entry.ours")).to_have_count(1)
    (item,) = [one for one in operators.desk.records.outbox.values() if one.author]
    assert item.target == "55_66"


def test_note_grade_assessment_hand_over_and_safe_contact(operators: OperatorsDesk) -> None:
    case_id = operators.arrives("She is scared of him")
    page = operators.signed_in()
    opened(page, case_id)
    page.keyboard.press("c")
    expect(page.get_by_text("Yours until")).to_be_visible()

    press(page, "n")
    page.keyboard.type("Rang twice last week.")
    press(page, "Control+Enter")
    expect(page.locator(".timeline")).to_contain_text("Rang twice last week.")

    press(page, "g")
    page.get_by_role("radio", name="Priority").check()
    page.get_by_label("Why").fill("She is alone with him.")
    press(page, "Enter")
    expect(page.locator(".case-head")).to_contain_text("Priority")

    press(page, "h")
    page.get_by_label("Threat").fill("He has hit her before.")
    press(page, "Control+Enter")
    expect(page.get_by_role("complementary")).to_contain_text("Threat: He has hit her before.")

    press(page, "t")
    page.get_by_label("What", exact=True).fill("Domestic, he is in the house")
    page.get_by_label("Accepted under").fill("CAD 412")
    press(page, "Control+Enter")
    expect(page.get_by_role("complementary")).to_contain_text("Accepted under: CAD 412")

    press(page, "v")
    page.get_by_role("radio", name="No", exact=True).check()
    page.get_by_label("Not when").fill("after six")
    press(page, "Enter")
    expect(page.get_by_text("Not safe to contact.").first).to_be_visible()

    kinds = [entry.kind.value for entry in operators.desk.records.timelines[case_id].values()]
    assert {"note", "grade", "thrive", "transfer", "safe_contact"} <= set(kinds)


def test_what_the_desk_answered_is_confirmed_in_bulk(operators: OperatorsDesk) -> None:
    for number in range(5):
        operators.arrives(f"Noise {number}", grade=Grade.RESOLVE, state=CaseState.ANSWERED)
    waits = operators.arrives("Lads on bikes again")
    page = operators.signed_in()
    page.get_by_text("6 cases").wait_for()
    press(page, "3")
    page.get_by_text("5 cases").wait_for()
    press(page, "j", "x")
    expect(page.get_by_role("button", name="Confirm 1 marked")).to_be_visible()
    press(page, "A", "y")
    expect(page.get_by_role("radio", name="Signposted")).to_be_checked()
    press(page, "Enter")
    page.get_by_role("button", name="Back to the queue").click()
    expect(page.get_by_text("Nothing waits here.")).to_be_visible()

    left = [one.case_id for one in operators.desk.records.cases.values() if one.state is not CaseState.CLOSED]
    assert left == [waits]
    ends = {one.disposition for one in operators.desk.records.cases.values() if one.disposition}
    assert ends == {Disposition.SIGNPOSTED}


def test_what_the_desk_answers_while_one_confirms_stands_there_too(operators: OperatorsDesk) -> None:
    operators.arrives("Noise", grade=Grade.RESOLVE, state=CaseState.ANSWERED)
    page = operators.signed_in("operator", "/console/")
    page.get_by_text("1 case").wait_for()
    press(page, "3")
    box = page.get_by_role("checkbox")
    expect(box).to_have_count(1)
    operators.arrives("More noise", grade=Grade.RESOLVE, state=CaseState.ANSWERED)
    expect(box).to_have_count(2, timeout=WITHIN)
    # A box that was ticked by the mouse leaves the keys to the queue.
    box.first.click()
    press(page, "j", "x")
    expect(page.get_by_role("button", name="Confirm 2 marked")).to_be_visible()


def test_a_supervisor_sees_how_much_waits_and_who_holds_what(operators: OperatorsDesk) -> None:
    held = operators.arrives("Lads on bikes again", minutes_ago=300)
    operators.arrives("A purse", grade=Grade.RESOLVE)
    page = operators.signed_in("operator")
    opened(page, held)
    page.keyboard.press("c")
    expect(page.get_by_text("Yours until")).to_be_visible()
    boss = operators.signed_in("supervisor", "/console/desk")
    row = boss.get_by_role("row", name="Scheduled")
    expect(row.get_by_role("cell")).to_have_text(["1", "1", "0", "0", "5 h", "5 h"])
    expect(boss.get_by_role("heading", name="Olivia Operator 1 case")).to_be_visible()
    boss.get_by_role("button", name="Take over").click()
    expect(boss.get_by_role("heading", name="Sian Supervisor 1 case")).to_be_visible()


@pytest.mark.parametrize(
    ("who", "told"),
    [("stranger", "You have no role at this desk"), ("auditor", "Figures")],
)
def test_who_has_no_business_with_cases_sees_none(operators: OperatorsDesk, who: str, told: str) -> None:
    operators.arrives("Lads on bikes again")
    page = operators.signed_in(who)
    expect(page.get_by_role("heading", name=told)).to_be_visible()
    expect(page.get_by_role("link", name="Queue")).to_have_count(0)
    page.wait_for_timeout(2_200)
    assert "/desk/watch" not in {path for _, _, path in operators.api.asked}


def test_the_keys_are_listed_and_can_be_switched_off(operators: OperatorsDesk) -> None:
    page = operators.signed_in()
    press(page, "?")
    expect(page.get_by_role("dialog")).to_contain_text("Claim the case and open it")
    # Under a window no key acts on what cannot be seen.
    page.get_by_role("dialog").get_by_role("button", name="Close").focus()
    press(page, "b")
    expect(page).to_have_url(re.compile("/console/$"))
    page.get_by_label("Keys of one letter").uncheck()
    press(page, "Escape", "b")
    expect(page.get_by_role("heading", name="Queue")).to_be_visible()


def test_signing_out_ends_it_and_a_link_leads_back_after_signing_in(operators: OperatorsDesk) -> None:
    case_id = operators.arrives("Lads on bikes again")
    page = operators.page(f"/console/cases/{case_id}")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Olivia Operator").click()
    expect(page.locator(".timeline")).to_contain_text("Lads on bikes again")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
