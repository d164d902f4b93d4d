"""The report's files: the page, and every figure of it by month as JSON and CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cli.reporting.page import page
from cli.reporting.periods import Reported
from contact_desk.force_file import ForceFile
from contact_desk.numbers.definitions import DEFINITIONS, Measure
from contact_desk.numbers.stats import definitions_fields

COLUMNS = ("period", "measure", "by", "number", "definition_version")


@dataclass(frozen=True, slots=True)
class Written:
    """Where the report's files are."""

    html: Path
    json: Path
    csv: Path


def write(found: Reported, force: ForceFile, folder: Path, made_at: datetime) -> Written:
    """Write the three files into the folder, named by the period."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{force.short_code.lower()}-{found.first}-{found.last}"
    written = Written(*(folder / f"{name}.{kind}" for kind in ("html", "json", "csv")))
    written.html.write_text(page(found, force, made_at), encoding="utf-8")
    fields = json.dumps(as_fields(found, force, made_at), indent=2, ensure_ascii=False)
    written.json.write_text(fields + "\n", encoding="utf-8")
    with written.csv.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        rows.writerows(as_rows(found))
    return written


def as_fields(found: Reported, force: ForceFile, made_at: datetime) -> dict[str, Any]:
    """The report's figures, ready for JSON: the whole period, its months, the week, and what they all mean."""
    return {
        "force": force.name,
        "first": found.first.isoformat(),
        "last": found.last.isoformat(),
        "time_zone": found.zone.key,
        "growth_a_month": found.growth,
        "all": found.whole.fields(made_at),
        "months": [
            {"name": month.name, "whole": month.whole, "days": month.days, **month.stats.fields(made_at)}
            for month in found.months
        ],
        "week": [list(hours) for hours in found.week],
        "definitions": definitions_fields(),
    }


def as_rows(found: Reported) -> Iterator[tuple[str, str, str, int, int]]:
    """Every count by month, one to a row; of times the classes are left to the JSON's percentiles."""
    for month in found.months:
        for figure, number in sorted(month.stats.figures.items()):
            measure = Measure(figure[0])
            if not measure.value.startswith("to_"):
                version = DEFINITIONS[measure].version
                yield month.name, measure.value, "/".join(figure[1:]), number, version
