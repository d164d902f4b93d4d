"""Many voices about one happening: an operator sees them together, and sees each of them."""

from __future__ import annotations

from playwright.sync_api import expect

from contact_desk.decisions import Place
from tests.web.operators_desk import OperatorsDesk
from tests.web.test_console_work import press


def test_cases_about_one_happening_are_seen_together_and_none_is_hidden(operators: OperatorsDesk) -> None:
    place = (Place("Queens Drive", 0.7),)
    for words in ("Bad crash on Queens Drive", "whats going on queens drive??", "RTC Queens Drive"):
        operators.arrives(words, places=place)
    operators.arrives("My cat is on Bold Street", places=(Place("Bold Street", 0.7),))
    page = operators.signed_in()
    rows = page.get_by_role("list", name="Cases, most urgent first").get_by_role("listitem")
    expect(rows).to_have_count(4)
    expect(page.get_by_text("2 more: Queens Drive")).to_have_count(3)

    press(page, "j", "m")
    expect(page.get_by_role("status")).to_contain_text("3 cases of the last hours name Queens Drive")
    expect(rows).to_have_count(3)
    press(page, "Enter")
    side = page.get_by_role("complementary")
    expect(side.get_by_role("heading", name="May be about the same")).to_be_visible()
    expect(side.locator("ul.alike").get_by_role("link")).to_have_count(2)
    press(page, "q")
    expect(rows).to_have_count(3)
    press(page, "m")
    expect(rows).to_have_count(4)
