"""What a desk costs: the page against the command's arithmetic, and the budgets that the desk is held to."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from bench.cost import durations
from bench.cost.counting import COUNTED, Counted
from bench.cost.page import PAGE, amounts, extras, sheet
from bench.cost.sheet import FIXED, HERE, VARIABLE, Month, read_demand, read_prices
from bench.cost.stack import Stacks
from tests.infra.assembly import Assembly

ROOT = Path(__file__).parents[2]
NEAR_DOLLARS, NEAR_SHARE = 0.50, 0.05


@pytest.fixture(scope="module")
def counted() -> Counted:
    return Counted.of_json(json.loads(COUNTED.read_text()))


def months(assembly: Assembly, counted: Counted) -> dict[str, Month]:
    stacks = Stacks.read(sorted(assembly.folder.glob("*.template.json")))
    demand = read_demand()
    kept, prices = durations.kept(), read_prices()
    return {
        name: Month(stacks, counted, kept, demand, prices, contacts)
        for name, contacts in demand["profiles"].items()
    }


def design(assembly: Assembly, counted: Counted) -> Month:
    (month,) = (month for name, month in months(assembly, counted).items() if "design" in name)
    return month


def near(one: float, other: float) -> bool:
    return abs(one - other) <= max(NEAR_DOLLARS, NEAR_SHARE * other)


def test_the_page_shows_what_the_command_tells(
    example_desk: Assembly, full_desk: Assembly, counted: Counted
) -> None:
    at = months(example_desk, counted)
    month = design(example_desk, counted)
    made = f"{sheet(list(at.values()), month)}\n### Extras: \n{extras(month, design(full_desk, counted))}"
    page = PAGE.read_text()
    told, shown = amounts(made), amounts(page.replace("## What settings add", "### Extras: \n"))
    assert len(told) > 40
    assert {
        name for name in told.keys() ^ shown.keys() if told.get(name, shown.get(name, 0)) > NEAR_DOLLARS
    } == set()
    far = {
        name: (told[name], shown[name]) for name in told.keys() & shown if not near(told[name], shown[name])
    }
    assert far == {}, "make cost"
    for month in at.values():
        row = next(
            line
            for line in page.splitlines()
            if line.startswith("|") and f"| {month.contacts_a_day} |" in line
        )
        fixed, variable, *_ = (float(told.replace(",", "")) for told in re.findall(r"\$([\d,.]+)", row))
        assert near(month.total(FIXED), fixed), "make cost"
        assert near(month.total(VARIABLE), variable), "make cost"


def test_at_the_design_load_the_variable_part_is_within_its_budget(
    example_desk: Assembly, counted: Counted
) -> None:
    month = design(example_desk, counted)
    assert month.contacts_a_day == 475
    assert 10 < month.total(VARIABLE) <= month.demand["budget"]["variable_usd"] == 60


def test_logs_and_metrics_are_within_their_budgets(
    example_desk: Assembly, full_desk: Assembly, counted: Counted
) -> None:
    for assembly in (example_desk, full_desk):
        month = design(assembly, counted)
        assert month.log_gb() <= month.demand["budget"]["log_gb"]
        assert len(month.series()) <= month.demand["budget"]["metric_series"]
    assert counted.way.log_bytes <= read_demand()["budget"]["log_bytes_a_contact"]


def test_what_is_paid_by_the_month_is_read_from_the_templates(
    example_desk: Assembly, full_desk: Assembly
) -> None:
    plain, full = (
        Stacks.read(sorted(one.folder.glob("*.template.json"))) for one in (example_desk, full_desk)
    )
    assert plain.alarmed_metrics >= len(example_desk.watch.of_type("AWS::CloudWatch::Alarm"))
    assert 0 < plain.notices < plain.alarmed_metrics
    assert plain.count("AWS::KMS::Key") - full.count("AWS::KMS::Key") == 2  # a landing zone's own
    assert plain.web_acl_rules == 0
    assert full.web_acl_rules == len(Assembly(full_desk.folder, "Edge").properties("WebAcl")["Rules"])
    assert {"Webhooks", "Operate", "Report"} < {
        one.name for one in plain.functions.values() if one.behind_http
    }
    assert plain.jobs["SweepUnacknowledgedAlerts"] == 1
    assert plain.functions["Triage"].every is None
    assert plain.jobs.keys() == {
        name.removesuffix("Schedule") for name in example_desk.of_type("AWS::Scheduler::Schedule")
    }


def test_an_edge_and_a_second_reader_are_on_the_bill_of_a_stage_that_has_them(
    example_desk: Assembly, full_desk: Assembly, counted: Counted
) -> None:
    plain, full = ({line.what for line in design(one, counted).lines()} for one in (example_desk, full_desk))
    assert {"Web ACL", "Rules of the web ACL", "Second reader: what it is given"} <= full - plain


def test_a_total_is_the_sum_of_quantities_times_prices(example_desk: Assembly, counted: Counted) -> None:
    month = design(example_desk, counted)
    for part in (FIXED, VARIABLE):
        reckoned = sum(
            line.quantity * month.prices[line.price].usd / month.prices[line.price].per
            for line in month.lines()
            if line.part == part
        )
        assert month.total(part) == pytest.approx(reckoned)
    twice = next(one for one in months(example_desk, counted).values() if one.contacts_a_day == 950)
    assert twice.total(VARIABLE) == pytest.approx(2 * month.total(VARIABLE))
    assert twice.total(FIXED) == month.total(FIXED)


def test_every_fixed_line_says_what_can_be_done_about_it(full_desk: Assembly, counted: Counted) -> None:
    assert [line.what for line in design(full_desk, counted).fixed() if not line.off] == []


def test_levers_are_sorted_and_real(example_desk: Assembly, counted: Counted) -> None:
    month = design(example_desk, counted)
    saves = [lever.saves for lever in month.levers()]
    assert saves == sorted(saves, reverse=True)
    assert all(0 < saved < month.total(FIXED) + month.total(VARIABLE) for saved in saves[:3])


def test_every_price_has_a_source_and_the_page_names_those_that_nobody_has_confirmed() -> None:
    read = tomllib.loads((HERE / "prices.toml").read_text())
    prices = read_prices()
    assert {price.source for price in prices.values()} == read["sources"].keys()
    assert read["read_on"].year >= 2026
    page = PAGE.read_text().partition("## Where the figures are from")[2]
    for name, price in prices.items():
        (row,) = (line for line in page.splitlines() if re.search(rf"^\|[^|]*\b{name}\b", line))
        assert row.endswith("| yes |") is all(
            one.confirmed for one in prices.values() if one.source == price.source
        )


def test_a_screen_asks_as_often_as_the_sheet_says() -> None:
    live = (ROOT / "web/console/src/live.ts").read_text()
    (seconds,) = re.findall(r"^const HELD_SECONDS = (\d+);$", live, re.MULTILINE)
    assert int(seconds) == read_demand()["operators"]["seconds_between_looks"]
