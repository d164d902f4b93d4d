"""The report as one HTML file that prints: a page for the chief constable, then plots, tables and definitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cli.reporting import charts
from cli.reporting.periods import Reported
from cli.reporting.wording import CHANNELS, COUNTRY_NAMES, LANGUAGES, seconds_told
from contact_desk.force_file import ForceFile
from contact_desk.grades import Grade
from contact_desk.numbers.definitions import DEFINITIONS, VERSION, Measure, Standing
from contact_desk.numbers.offset import ASSUMPTIONS
from contact_desk.numbers.stats import TIMES, Stats
from contact_desk.web_pages import told_moment

FOLDER = Path(__file__).parent
HOME = "GB"
CATEGORIES = {"unknown": "none that the machine read", "withheld": "withheld (X's terms)"}
FINE = 0.1
"""Shares below it are told to a tenth of a per cent."""
STANDINGS = {
    Standing.MACHINE.value: "settled by the machine's signpost",
    Standing.REPEAT.value: "repeats within 24 hours",
    Standing.NOTHING.value: "nothing for police (thanks, spam, other)",
}


@dataclass(frozen=True, slots=True)
class Plot:
    """One plot with its heading, what it shows in words, and the measure whose definition holds."""

    title: str
    measure: Measure
    svg: str
    half: bool = False


def page(found: Reported, force: ForceFile, made_at: datetime) -> str:
    """The whole report; the same figures at the same moment are the same bytes."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"thousands": _thousands, "percent": _percent, "seconds": seconds_told}
    environment.filters["named_country"] = lambda code: COUNTRY_NAMES.get(code, code)
    return environment.get_template("report.html").render(
        categories=CATEGORIES,
        abroad=_abroad(found.whole),
        assumptions=ASSUMPTIONS,
        channels=CHANNELS,
        countries=COUNTRY_NAMES,
        definitions=DEFINITIONS,
        force=force,
        found=found,
        grades={grade: force.grades[grade].name for grade in Grade},
        home=HOME,
        languages=LANGUAGES,
        made_at=told_moment(made_at, found.zone),
        measure=Measure,
        now=made_at,
        plots=_plots(found, force),
        standings=STANDINGS,
        times=TIMES,
        version=VERSION,
        whole=found.whole,
    )


def _plots(found: Reported, force: ForceFile) -> list[Plot]:
    whole = found.whole
    signposts = {code: one.who for code, one in force.signposts.items()}
    grades = {grade.value: force.grades[grade].name for grade in Grade}
    drawn = [
        Plot("Demand by month", Measure.SIGNIFICANT, charts.by_month(found.months)),
        Plot("Demand by hour of the week", Measure.SIGNIFICANT, charts.by_hour_of_week(found.week)),
    ]
    for title, measure, counts, names in (
        ("Channels", Measure.BY_CHANNEL, whole.by(Measure.BY_CHANNEL), CHANNELS),
        ("Matters", Measure.BY_CATEGORY, whole.by(Measure.BY_CATEGORY), CATEGORIES),
        ("Writers from abroad", Measure.BY_ORIGIN, _abroad(whole), COUNTRY_NAMES),
        (
            "Signposts by the machine",
            Measure.MACHINE_SIGNPOSTS,
            whole.by(Measure.MACHINE_SIGNPOSTS),
            signposts,
        ),
    ):
        if counts:
            drawn.append(Plot(title, measure, charts.bars(title, counts, names), half=True))
    rows = {
        f"{grades[grade]}: {DEFINITIONS[measure].title.lower()}": whole.times(measure, grade=grade)
        for grade in Grade
        for measure in TIMES
    }
    if any(times.cases for times in rows.values()):
        title = "How fast, by grade (half, nine tenths and 99 in 100 of the cases)"
        drawn.append(Plot(title, Measure.TO_EYES, charts.response_times(rows, title)))
    if whole.offset:
        drawn.append(
            Plot("101 offset and new demand", Measure.SURVEYS, charts.offset_intervals(whole.offset))
        )
    return drawn


def _abroad(stats: Stats) -> Mapping[str, int]:
    return Counter({code: number for code, number in stats.by(Measure.BY_ORIGIN).items() if code != HOME})


def _thousands(number: float) -> str:
    return f"{number:,.0f}"


def _percent(share: float) -> str:
    return f"{share:.1%}" if abs(share) < FINE else f"{share:.0%}"
