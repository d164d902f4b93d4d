"""The figures on the screen: what the totals hold, told in words and tables, for the desk and for auditors."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from contact_desk.numbers.counting import HourTotal
from contact_desk.numbers.definitions import DEFINITIONS, Measure, Standing
from contact_desk.numbers.stats import day_begins
from tests.builders import force
from tests.web.operators_desk import OperatorsDesk

Figure = tuple[str, ...]

ZONE = ZoneInfo(force().time_zone)
CHANNELS = {"messenger": 14, "facebook_page": 9, "x": 5, "report_form": 6}
MATTERS = {
    "anti_social_behaviour": 2,
    "road": 1.5,
    "missing_person": 0.6,
    "domestic_abuse": 0.9,
    "fraud": 1.1,
}
COUNTRIES = {"GB": 0.9, "IE": 0.5, "PL": 0.4, "FR": 0.3}
LANGUAGES = {"en": 6, "cy": 0.5, "pl": 0.4}
SURVEY = {"101": 0.9, "none": 0.5, "999": 0.3, "unknown": 0.4}
TIMES = (
    (Measure.TO_ACKNOWLEDGEMENT, 0),
    (Measure.TO_EYES, 8),
    (Measure.TO_REPLY, 16),
    (Measure.TO_CLOSE, 30),
)
GRADES = {"emergency": (2, 20), "priority": (5, 30), "scheduled": (14, 43), "resolve": (13, 48)}


def six_months(operators: OperatorsDesk) -> None:
    """Totals of half a year, growing, as the sweep would have written them."""
    draw = random.Random(7)
    now = operators.desk.clock.now().astimezone(ZONE)
    first = day_begins((now - timedelta(days=214)).date(), ZONE)
    hours = int((now - first) / timedelta(hours=1))
    # Every fifth hour: in five days every hour of the day has had its turn.
    for number in range(0, hours, 5):
        hour = first + timedelta(hours=number)
        busy = 1 + number / hours + (2 if 15 <= hour.astimezone(ZONE).hour <= 22 else 0)
        operators.desk.desk.totals.put(HourTotal(hour, _figures(draw, busy), hour))


def _figures(draw: random.Random, busy: float) -> Counter[Figure]:
    """What an hour may hold: each figure with its most, of which an hour has some part."""
    drawn = {figure: round(draw.random() * most * busy) for figure, most in _most().items()}
    return Counter({figure: number for figure, number in drawn.items() if number})


def _most() -> dict[Figure, float]:
    by_channel: dict[Figure, float] = {
        (measure, channel): weight / part
        for channel, weight in CHANNELS.items()
        for measure, part in ((Measure.CONTACTS, 3), (Measure.CASES, 5), (Measure.BY_CHANNEL, 6))
    }
    times: dict[Figure, float] = {
        (measure, grade, channel, str(took + later)): share / 8
        for channel in CHANNELS
        for grade, (share, took) in GRADES.items()
        for measure, later in TIMES
    }
    return {
        **by_channel,
        **times,
        **{(Measure.BY_GRADE, grade): share / 3 for grade, (share, _) in GRADES.items()},
        **{(Measure.BY_CATEGORY, matter): share for matter, share in MATTERS.items()},
        **{(Measure.BY_ORIGIN, country, "text"): share for country, share in COUNTRIES.items()},
        **{(Measure.BY_LANGUAGE, language): share for language, share in LANGUAGES.items()},
        **{(Measure.CONTACT_LANGUAGES, language): 2 * share for language, share in LANGUAGES.items()},
        **{(Measure.SURVEYS, answer): share for answer, share in SURVEY.items()},
        (Measure.SIGNIFICANT, Standing.FINAL): 5,
        (Measure.SIGNIFICANT, Standing.PROVISIONAL): 1,
        (Measure.NOT_SIGNIFICANT, Standing.MACHINE): 1.5,
        (Measure.NOT_SIGNIFICANT, Standing.REPEAT): 1,
        (Measure.MACHINE_SIGNPOSTS, "council"): 1.2,
        (Measure.DISPOSITIONS, "advice_given"): 3,
        (Measure.DISPOSITIONS, "crime_recorded"): 1.4,
        (Measure.ALERTS, "A1"): 0.4,
        (Measure.TO_ALERT_SEEN, "A1", "14"): 0.4,
        (Measure.SURVEYS_ASKED,): 4,
    }


def one_day(operators: OperatorsDesk) -> datetime:
    """Four contacts yesterday from eight in the morning, of which three were significant."""
    yesterday = (operators.desk.clock.now().astimezone(ZONE) - timedelta(days=1)).date()
    hour = day_begins(yesterday, ZONE) + timedelta(hours=8)
    figures: Counter[Figure] = Counter(
        {
            (Measure.CONTACTS, "messenger"): 4,
            (Measure.SIGNIFICANT, Standing.FINAL): 3,
            (Measure.BY_CHANNEL, "messenger"): 3,
            (Measure.SURVEYS, "101"): 30,
            (Measure.SURVEYS, "none"): 10,
        }
    )
    operators.desk.desk.totals.put(HourTotal(hour, figures, hour))
    return hour.astimezone(ZONE)


def sheet(page: Page) -> None:
    expect(page.get_by_role("heading", name="Figures", exact=True)).to_be_visible()
    expect(page.locator(".headline")).to_contain_text("3 significant contacts, 0.1 a day")


@pytest.mark.parametrize("who", ["operator", "auditor"])
def test_the_figures_are_those_of_the_totals_each_with_its_meaning(
    operators: OperatorsDesk, who: str
) -> None:
    hour = one_day(operators)
    page = operators.signed_in(who)
    page.get_by_role("heading", level=1).wait_for()
    page.keyboard.press("f")
    sheet(page)
    expect(page.locator(".headline")).to_contain_text("4 messages, comments and reports taken in")
    expect(
        page.get_by_role("table", name="Significant contacts, by channel").get_by_role("row")
    ).to_have_text(["Messenger3"])
    day = page.locator(".hours tbody tr").nth(hour.weekday()).get_by_role("cell")
    assert [int(number) for number in day.all_inner_texts()] == [3 if one == 8 else 0 for one in range(24)]
    off = page.get_by_role("table", name="What the survey says").get_by_role(
        "row", name="Calls to 101 not made"
    )
    expect(off.get_by_role("cell")).to_have_text(["75 %", "2", "2", "3", ""])
    page.get_by_text("What each figure means").click()
    expect(page.locator(".meanings dt")).to_have_count(len(DEFINITIONS))


def test_a_period_is_chosen_by_its_days_and_one_that_is_none_is_said(operators: OperatorsDesk) -> None:
    hour = one_day(operators)
    page = operators.signed_in("supervisor", "/console/figures")
    sheet(page)
    page.get_by_label("First day").fill((hour - timedelta(days=300)).date().isoformat())
    expect(page.get_by_role("alert")).to_contain_text("At most 190 days")
    page.get_by_label("First day").fill((hour + timedelta(days=1)).date().isoformat())
    expect(page.get_by_role("alert")).to_contain_text("The last day lies before the first.")
    page.get_by_role("button", name="Last six months").click()
    expect(page.get_by_role("region", name="By month").get_by_role("row")).to_have_count(7)


def test_communications_have_no_figures(operators: OperatorsDesk) -> None:
    page = operators.signed_in("publisher", "/console/figures")
    expect(page.get_by_role("heading", name="Broadcasts")).to_be_visible()
    expect(page.get_by_role("link", name="Figures")).to_have_count(0)
