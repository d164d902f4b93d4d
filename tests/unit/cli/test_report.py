"""The report's files: one page that explains every figure, the same figures in CSV and JSON."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cli.report import differences
from cli.reporting.files import Written, write
from cli.reporting.periods import Reported, reported
from cli.reporting.wording import duration
from contact_desk.numbers.counting import HourTotal
from contact_desk.numbers.definitions import DEFINITIONS, VERSION, Measure
from tests.builders import force

LONDON = ZoneInfo("Europe/London")
MADE_AT = datetime(2026, 8, 1, 9, tzinfo=UTC)


def found(first: date = date(2026, 5, 1), last: date = date(2026, 8, 1)) -> Reported:
    """Totals that grow by a tenth a month, from every hour of the period."""
    totals = []
    hour = datetime(2026, 4, 30, 23, tzinfo=UTC)
    while hour < datetime(2026, 7, 31, 23, tzinfo=UTC):
        number = round(100 * 1.1 ** (hour.astimezone(LONDON).month - 5))
        figures = Counter(
            {
                (Measure.CONTACTS, "messenger"): 6 * number,
                (Measure.CASES, "messenger"): number,
                (Measure.SIGNIFICANT, "final"): number - 1,
                (Measure.SIGNIFICANT, "provisional"): 1,
                (Measure.BY_CHANNEL, "messenger"): number,
                (Measure.BY_GRADE, "emergency"): number,
                (Measure.BY_CATEGORY, "<b>odd & old</b>"): number,
                (Measure.BY_ORIGIN, "AU", "text"): 1,
                (Measure.MACHINE_SIGNPOSTS, "council"): 2,
                (Measure.TO_EYES, "emergency", "messenger", "40"): number,
                (Measure.SURVEYS, "101"): 61,
                (Measure.SURVEYS, "none"): 27,
                (Measure.SURVEYS, "unknown"): 12,
            }
        )
        totals.append(HourTotal(hour, figures, hour))
        hour += timedelta(hours=1)
    return reported(totals, first, last, LONDON)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return write(found(), force(), tmp_path_factory.mktemp("report"), MADE_AT)


def test_months_are_those_of_the_forces_clock_and_growth_is_between_whole_ones() -> None:
    told = found()
    assert [(month.name, month.days, month.whole) for month in told.months] == [
        ("May 2026", 31, True),
        ("Jun 2026", 30, True),
        ("Jul 2026", 31, True),
    ]
    assert sum(month.stats.significant for month in told.months) == told.whole.significant
    assert told.growth == pytest.approx(0.1, abs=0.001)
    parts = found(date(2026, 5, 10), date(2026, 6, 10))
    assert [month.whole for month in parts.months] == [False, False]
    assert parts.growth is None


def test_the_page_explains_every_figure_and_runs_nothing(written: Written) -> None:
    page = written.html.read_text()
    for measure, definition in DEFINITIONS.items():
        assert f"{measure.value} v{definition.version}" in page
    assert f"Definitions, version {VERSION}" in page
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="(?!#)', page)
    assert page.count("<svg") == page.count('role="img"') >= 7


def test_the_page_says_what_the_figures_are(written: Written) -> None:
    page, told = written.html.read_text(), found().whole
    offset = told.offset
    assert offset is not None
    for number in (told.significant, offset.off_101.number, offset.off_101.lowest, offset.new_demand.number):
        assert f"{number:,}" in page
    assert "Australia" in page
    assert "<b>odd &" not in page


def test_the_same_figures_are_the_same_bytes(written: Written, tmp_path: Path) -> None:
    again = write(found(), force(), tmp_path, MADE_AT)
    for one, other in ((written.html, again.html), (written.json, again.json), (written.csv, again.csv)):
        assert one.read_bytes() == other.read_bytes()


def test_csv_and_json_hold_the_same_counts_and_their_versions(written: Written) -> None:
    fields = json.loads(written.json.read_text())
    with written.csv.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for month in fields["months"]:
        told = [row for row in rows if row["period"] == month["name"] and row["measure"] == "significant"]
        assert sum(int(row["number"]) for row in told) == month["significant"]["all"]
    assert {row["definition_version"] for row in rows} == {"1"}
    assert fields["definitions"]["measures"].keys() == {measure.value for measure in DEFINITIONS}


def test_a_report_of_nothing_says_so(tmp_path: Path) -> None:
    nothing = reported([], date(2026, 5, 1), date(2026, 5, 2), LONDON)
    page = write(nothing, force(), tmp_path, MADE_AT).html.read_text()
    assert "Too few people have answered" in page
    assert "too short to speak of growth" in page


def test_what_differs_from_a_recount_is_named() -> None:
    contacts, cases = (Measure.CONTACTS, "sms"), (Measure.CASES, "sms")
    totals: Counter[tuple[str, ...]] = Counter({contacts: 3, cases: 2})
    assert differences(totals, Counter({contacts: 3}), Counter({cases: 2})) == []
    assert differences(totals, Counter({contacts: 4}), Counter()) == [
        "contacts sms: totals 3, the archive 4",
        "cases sms: totals 2, the cases 0",
    ]


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.4, "0 s"), (89, "89 s"), (90, "2 min"), (5_400, "1.5 h"), (36_000, "10 h"), (180_000, "2 days")],
)
def test_durations_are_told_as_people_say_them(seconds: float, told: str) -> None:
    assert duration(timedelta(seconds=seconds)) == told
