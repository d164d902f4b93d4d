"""What goes wrong at the screen: alerts over everything, lost lines, words that wait, cases that move on meanwhile."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

from playwright.sync_api import Route, expect

from contact_desk.cases import CaseState
from contact_desk.contacts import Surface
from contact_desk.grades import Grade
from contact_desk.outbox import OutboxState
from tests.web.operators_desk import OperatorsDesk
from tests.web.test_console_work import WITHIN, opened, press


def test_an_alert_stays_on_every_view_until_a_person_acknowledges_it(operators: OperatorsDesk) -> None:
    operators.arrives("He has a knife", grade=Grade.EMERGENCY)
    page = operators.signed_in()
    alarm = page.locator(".alarm")
    for key in "bsq":
        page.keyboard.press(key)
        expect(alarm).to_be_visible()
    press(page, "!", "Enter")
    expect(alarm).to_have_count(0)

    (alert,) = operators.desk.records.alerts.values()
    assert not alert.open
    expect(page).to_have_title(re.compile(r"^Queue . Contact Desk$"))


def test_an_alert_is_seen_in_a_window_too_and_is_read_out_once(operators: OperatorsDesk) -> None:
    page = operators.signed_in()
    press(page, "?")
    window = page.get_by_role("dialog")
    window.wait_for()
    operators.arrives("He has a knife", grade=Grade.EMERGENCY)
    expect(window.get_by_role("alert")).to_contain_text("A1 alert: Life may be at risk.", timeout=WITHIN)
    press(page, "Escape")
    read_out = page.get_by_role("alert")
    expect(read_out).to_have_text("A1 alert: Life may be at risk.")
    before = page.locator(".alarm").inner_text()
    page.wait_for_timeout(2_100)
    # The time that it has been open goes on for the eye alone.
    assert page.locator(".alarm").inner_text() != before
    expect(read_out).to_have_text("A1 alert: Life may be at risk.")


def test_an_alert_that_was_raised_anew_is_not_acknowledged_unseen(operators: OperatorsDesk) -> None:
    operators.arrives("He has a knife", grade=Grade.EMERGENCY)
    page = operators.signed_in()
    line = page.locator(".alarm")
    expect(line).to_be_visible()
    alerts = operators.desk.records.alerts

    def raised_anew(route: Route) -> None:
        for name, one in alerts.items():
            alerts[name] = replace(one, opened_at=one.opened_at + timedelta(seconds=1))
        route.continue_()

    page.route("**/acknowledge", raised_anew, times=1)
    press(page, "!", "Enter")
    expect(line.get_by_role("alert")).to_be_visible()
    assert all(one.open for one in alerts.values())
    page.wait_for_timeout(WITHIN)
    press(page, "!", "Enter")
    expect(line).to_have_count(0)


def test_a_draft_survives_a_reload(operators: OperatorsDesk) -> None:
    case_id = operators.arrives("Lads on bikes again")
    page = operators.signed_in()
    opened(page, case_id)
    page.get_by_label("Reply on").fill("Half a sen")
    page.reload()
    expect(page.get_by_label("Reply on")).to_have_value("Half a sen")


def test_a_risk_assessment_survives_a_closed_window_and_a_reload(operators: OperatorsDesk) -> None:
    case_id = operators.arrives("She is scared of him")
    page = operators.signed_in()
    opened(page, case_id)
    page.keyboard.press("c")
    expect(page.get_by_text("Yours until")).to_be_visible()
    press(page, "h")
    page.get_by_label("Threat").fill("He has hit her before.")
    press(page, "Escape")
    press(page, "t")
    page.get_by_label("What", exact=True).fill("Domestic")
    press(page, "Escape")
    page.reload()
    expect(page.get_by_text("Yours until")).to_be_visible()
    press(page, "t")
    expect(page.get_by_label("What", exact=True)).to_have_value("Domestic")
    press(page, "Escape", "h")
    expect(page.get_by_label("Threat")).to_have_value("He has hit her before.")
    press(page, "Control+Enter")
    expect(page.get_by_role("complementary")).to_contain_text("Threat: He has hit her before.")
    press(page, "h")
    expect(page.get_by_label("Threat")).to_have_value("")


def test_a_lost_connection_says_so_and_recovers(operators: OperatorsDesk) -> None:
    operators.arrives("Lads on bikes again")
    page = operators.signed_in()
    page.get_by_text("Lads on bikes again").wait_for()
    operators.api.down = True
    lost = page.get_by_text("No connection since")
    expect(lost).to_be_visible(timeout=10_000)
    operators.api.down = False
    operators.arrives("A new one")
    expect(lost).to_have_count(0, timeout=12_000)
    expect(page.get_by_text("A new one")).to_be_visible()


def test_an_act_whose_answer_was_lost_is_done_once(operators: OperatorsDesk) -> None:
    case_id = operators.arrives("Lads on bikes again")
    page = operators.signed_in()
    opened(page, case_id)
    page.keyboard.press("c")
    expect(page.get_by_text("Yours until")).to_be_visible()
    lost = []

    def lose_the_first(route) -> None:  # type: ignore[no-untyped-def]
        route.fetch()
        lost.append(route.request.headers["idempotency-key"])
        if len(lost) == 1:
            route.abort()
        else:
            route.continue_()

    page.route("**/replies", lose_the_first)
    page.get_by_label("Reply on").fill("Once")
    press(page, "Control+Enter")
    expect(page.locator(".entry.ours")).to_have_count(1)

    assert len(set(lost)) == 1
    assert len([one for one in operators.desk.records.outbox.values() if one.text == "Once"]) == 1


def test_what_nobody_knows_the_fate_of_waits_for_a_persons_word(operators: OperatorsDesk) -> None:
    case_id = operators.arrives("Lads on bikes again")
    operators.desk.nudges.ends = OutboxState.NEEDS_HUMAN  # type: ignore[attr-defined]
    page = operators.signed_in()
    opened(page, case_id)
    page.keyboard.press("c")
    expect(page.get_by_text("Yours until")).to_be_visible()
    page.get_by_label("Reply on").fill("Did it come?")
    press(page, "Control+Enter")
    page.get_by_role("button", name="It arrived").click()
    expect(page.locator(".entry.ours .tag")).to_have_text("Sent")


def test_who_writes_again_before_the_end_is_read_first(operators: OperatorsDesk) -> None:
    case_id = operators.arrives("Lads on bikes again", person="6120")
    page = operators.signed_in()
    opened(page, case_id)
    page.keyboard.press("c")
    expect(page.get_by_text("Yours until")).to_be_visible()
    press(page, "x")
    page.get_by_role("radio", name="Advice given").wait_for()
    operators.arrives("He is back now!", person="6120")
    press(page, "Enter")
    expect(page.get_by_role("alert").last).to_contain_text("The person wrote again.")
    page.get_by_role("button", name="Read what they wrote").click()
    expect(page.locator(".timeline")).to_contain_text("He is back now!")
    assert operators.desk.records.cases[case_id].state is CaseState.OPEN


def test_a_reply_that_came_too_late_still_answers_the_comment_that_was_chosen(
    operators: OperatorsDesk,
) -> None:
    comments: dict[str, Any] = {"channel": "facebook_page", "surface": Surface.PUBLIC, "person": "6120"}
    case_id = operators.arrives("Is the tunnel shut?", native_id="55_66", **comments)
    operators.arrives("And the ferry?", native_id="55_67", **comments)
    page = operators.signed_in()
    opened(page, case_id)
    page.keyboard.press("c")
    page.get_by_role("button", name="Answer this").first.click()
    expect(page.get_by_text("Answers the contact you chose: “Is the tunnel shut?”")).to_be_visible()
    page.keyboard.type("It is open.")

    def noted_meanwhile(route: Route) -> None:
        case = operators.desk.records.cases[case_id]
        operators.desk.records.cases[case_id] = replace(case, version=case.version + 1)
        route.continue_()

    page.route("**/replies", noted_meanwhile, times=1)
    press(page, "Control+Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    page.wait_for_timeout(WITHIN)
    page.get_by_label("Reply on").press("Control+Enter")
    expect(page.locator(".entry.ours")).to_have_count(1)
    (item,) = [one for one in operators.desk.records.outbox.values() if one.author]
    assert item.target == "55_66"


def test_another_view_begins_at_its_top_and_a_key_in_vain_says_why(operators: OperatorsDesk) -> None:
    for number in range(40):
        operators.arrives(f"Question {number}", minutes_ago=60 - number)
    last = operators.arrives("A long story", minutes_ago=0)
    page = operators.signed_in(viewport={"width": 1280, "height": 500})
    page.get_by_text("41 cases").wait_for()
    page.evaluate("scrollTo(0, 2000)")
    page.keyboard.press("s")
    page.get_by_role("row", name="Priority").wait_for()
    assert page.evaluate("scrollY") == 0
    opened(page, last)
    press(page, "x")
    expect(page.get_by_role("alert")).to_contain_text("Claim the case first")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.goto(f"/console/cases/{last}0")
    expect(page.get_by_role("heading", name="This case cannot be shown")).to_be_visible()
