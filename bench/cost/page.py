"""The sheet as people read it: in a terminal, and in docs/cost.md."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.cost.durations import Durations
from bench.cost.sheet import FIXED, VARIABLE, Line, Month, Price

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/cost.md"
BEGINS, ENDS = "<!-- by make cost -->\n", "<!-- end -->\n"
LEVERS_SHOWN = 3
YEARS = {1: "a year", 3: "three", 7: "seven"}
CENT = 0.005
PLAINLY = 100
"""From here on a quantity is told without its fraction."""
AMOUNTS = 3
"""The column of a line's dollars."""
AMOUNT = re.compile(r"[\d,]+\.\d\d")


def sheet(months: Sequence[Month], design: Month) -> str:
    """All that the command tells: totals at each profile, the lines of the design's month, the levers."""
    return "\n".join(
        [
            *_totals(months),
            "",
            f"### The fixed part: ${design.total(FIXED):,.2f}",
            "",
            "| line | quantity | price | $ a month | can it be switched off? |",
            "|---|--:|--:|--:|---|",
            *(f"{_row(design, line)} {line.off} |" for line in _of(design, FIXED)),
            "",
            f"### The variable part at {design.contacts_a_day} contacts a day: ${design.total(VARIABLE):,.2f}",
            "",
            f"{design.contacts:,.0f} contacts a month. Quantity times price is the amount.",
            "",
            "| line | quantity | price | $ a month |",
            "|---|--:|--:|--:|",
            *(_row(design, line) for line in _of(design, VARIABLE)),
            "",
            "What is kept grows: "
            + ", ".join(f"${design.kept(years):,.2f} a month after {name}" for years, name in YEARS.items())
            + ", where nothing is disposed of. The lines above have the mean of the first year.",
            "",
            "### The largest levers",
            "",
            *(
                f"{number}. {lever.what}: ${lever.saves:,.2f} a month."
                for number, lever in enumerate(design.levers()[:LEVERS_SHOWN], start=1)
            ),
            "",
            f"Logs come to {design.log_gb():.1f} GB a month, the desk's own metrics to {len(design.series())}."
            + (
                f" Taken for the mean of the other jobs: {', '.join(design.uncounted)}."
                if design.uncounted
                else ""
            ),
            "",
        ]
    )


def extras(plain: Month, full: Month) -> str:
    """The lines that a stage with an edge and a second reader has beside those of a plain one."""
    known = {line.what for line in plain.lines()}
    added = [line for line in full.lines() if line.what not in known]
    return "\n".join(
        [
            "| line | quantity | price | $ a month |",
            "|---|--:|--:|--:|",
            *(_row(full, line) for line in added),
            "",
        ]
    )


def sources(prices: dict[str, Price], told: dict[str, str]) -> str:
    """Where each price is from, and which of them nobody has confirmed."""
    rows = []
    for key, words in told.items():
        names = [name for name, price in prices.items() if price.source == key]
        sure = all(prices[name].confirmed for name in names)
        rows.append(f"| {', '.join(names)} | {words} | {'yes' if sure else '**no**'} |")
    return "\n".join(["| prices | source | confirmed for London |", "|---|---|---|", *rows, ""])


def write(blocks: Sequence[str], page: Path = PAGE) -> None:
    """Put the blocks into the page, each in the place of its predecessor."""
    page.write_text(with_blocks(page.read_text(), blocks))


def with_blocks(text: str, blocks: Sequence[str]) -> str:
    """The page's text with these blocks between its marks."""
    parts = text.split(BEGINS)
    if len(parts) != len(blocks) + 1:
        raise ValueError(f"the page has {len(parts) - 1} places for {len(blocks)} blocks")
    return parts[0] + "".join(
        f"{BEGINS}\n{block}\n{ENDS}{part.partition(ENDS)[2]}"
        for block, part in zip(blocks, parts[1:], strict=True)
    )


def amounts(text: str) -> dict[str, float]:
    """The dollars of each line of a sheet, for a test that compares two."""
    found: dict[str, float] = {}
    part = ""
    for row in text.splitlines():
        part = row if row.startswith("###") else part
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        amount = AMOUNT.fullmatch(cells[AMOUNTS]) if part and len(cells) > AMOUNTS else None
        if amount:
            found[f"{part.partition(':')[0]} {cells[0]}"] = float(amount[0].replace(",", ""))
    return found


def _totals(months: Sequence[Month]) -> Iterator[str]:
    yield "| profile | contacts a day | fixed | variable | together | a contact |"
    yield "|---|--:|--:|--:|--:|--:|"
    for month in months:
        fixed, variable = month.total(FIXED), month.total(VARIABLE)
        name = next(
            name for name, number in month.demand["profiles"].items() if number == month.contacts_a_day
        )
        yield (
            f"| {name} | {month.contacts_a_day} | ${fixed:,.2f} | ${variable:,.2f} | ${fixed + variable:,.2f} | "
            f"${(fixed + variable) / month.contacts:,.4f} |"
        )


def _of(month: Month, part: str) -> list[Line]:
    """The lines of a part, the dearest first; what is less than half a cent together is left to the total."""
    lines = [line for line in month.lines() if line.part == part and month.dollars(line) >= CENT]
    return sorted(lines, key=lambda line: -month.dollars(line))


def _row(month: Month, line: Line) -> str:
    price = month.prices[line.price]
    per = f"/{price.per / 1_000_000:g} M" if price.per > 1 else ""
    quantity = (
        f"{line.quantity:,.0f}"
        if line.quantity >= PLAINLY
        else f"{line.quantity:,.2f}".rstrip("0").rstrip(".")
    )
    mark = "" if price.confirmed else " ?"
    return (
        f"| {line.what} | {quantity} {price.unit} | ${price.usd:g}{per}{mark} | {month.dollars(line):,.2f} |"
    )


def measured_line(durations: Durations) -> str:
    """When durations were measured."""
    return f"Durations: {durations.measured}."
