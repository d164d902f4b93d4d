"""The report's plots as SVG: shapes, hatches and printed numbers carry the meaning, and no colour has to."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from html import escape
from typing import TYPE_CHECKING, Any

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt

from cli.reporting.periods import DAYS, HOURS, Month
from cli.reporting.wording import duration
from contact_desk.numbers.definitions import Measure, Standing
from contact_desk.numbers.offset import Offset
from contact_desk.numbers.stats import Times

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, PALE, LINE = "#1b2a4a", "#dfe3ea", "#8a94a6"
WIDE, HALF = (7.4, 2.7), (3.6, 2.7)
MOST_BARS = 10
STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.size": 8,
    "axes.edgecolor": LINE,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "hatch.linewidth": 0.6,
    # Words stay words, for whoever searches, copies or listens; the same figures are the same bytes.
    "svg.fonttype": "none",
    "svg.hashsalt": "contact-desk",
}
FEWEST_SECONDS = 1.0
MARKS = (("p50", "o"), ("p90", "s"), ("p99", "D"))


def by_month(months: Sequence[Month]) -> str:
    """Significant contacts by month: final below, provisional hatched above, the sum over the bar."""
    with mpl.rc_context(STYLE):
        figure, axes = _axes(WIDE)
        names = [month.name if month.whole else f"{month.name}*" for month in months]
        final = [month.stats.number(Measure.SIGNIFICANT, Standing.FINAL) for month in months]
        provisional = [month.stats.number(Measure.SIGNIFICANT, Standing.PROVISIONAL) for month in months]
        axes.bar(names, final, color=INK, width=0.62, label="final")
        axes.bar(
            names, provisional, bottom=final, color="white", edgecolor=INK, hatch="////", width=0.62,
            label="provisional", linewidth=0.8,
        )  # fmt: skip
        for place, month in enumerate(months):
            axes.annotate(
                f"{month.stats.significant:,}", (place, month.stats.significant), ha="center", va="bottom",
                xytext=(0, 2), textcoords="offset points", fontweight="bold",
            )  # fmt: skip
        axes.margins(y=0.18)
        axes.legend(frameon=False, loc="upper left", ncols=2)
        _bare(axes, "y")
        return _svg(figure, "Significant contacts by month")


def by_hour_of_week(week: Sequence[Sequence[float]]) -> str:
    """Mean significant contacts an hour, by day and hour; each cell has its number."""
    with mpl.rc_context(STYLE):
        figure, axes = _axes((7.4, 2.3))
        most = max(max(row) for row in week) or 1.0
        axes.pcolormesh(week, cmap="Greys", vmin=0, vmax=most * 1.35, edgecolors="white", linewidth=0.8)
        for day, row in enumerate(week):
            for hour, number in enumerate(row):
                colour = "white" if number > most * 0.8 else "black"
                axes.text(
                    hour + 0.5,
                    day + 0.5,
                    f"{number:.1f}",
                    ha="center",
                    va="center",
                    fontsize=5.6,
                    color=colour,
                )
        axes.set_yticks([place + 0.5 for place in range(len(DAYS))], DAYS)
        axes.set_xticks(
            [hour + 0.5 for hour in range(0, HOURS, 2)], [f"{hour:02}" for hour in range(0, HOURS, 2)]
        )
        axes.invert_yaxis()
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        return _svg(figure, "Mean significant contacts an hour, by day and hour of the week")


def bars(title: str, counts: Mapping[str, int], names: Mapping[str, str]) -> str:
    """The largest kinds of a count as bars, each with its number and its share of all."""
    with mpl.rc_context(STYLE):
        everything = sum(counts.values()) or 1
        shown = sorted(counts.items(), key=lambda kind: (-kind[1], kind[0]))
        shown, rest = shown[:MOST_BARS], sum(number for _, number in shown[MOST_BARS:])
        rows = [(names.get(kind, kind.replace("_", " ")), number) for kind, number in shown]
        rows += [("all others", rest)] if rest else []
        figure, axes = _axes((HALF[0], 0.5 + 0.21 * max(3, len(rows))))
        places = range(len(rows))
        axes.barh(places, [number for _, number in rows], color=INK, height=0.66)
        for place, (_, number) in enumerate(rows):
            axes.annotate(
                f"{number:,}  ({number / everything:.0%})", (number, place), va="center",
                xytext=(3, 0), textcoords="offset points", fontsize=7,
            )  # fmt: skip
        axes.set_yticks(places, [name for name, _ in rows])
        axes.invert_yaxis()
        axes.margins(x=0.38)
        _bare(axes, "x")
        return _svg(figure, title)


def response_times(rows: Mapping[str, Times], title: str) -> str:
    """p50, p90 and p99 of each row on one logarithmic line: a dot, a square, a diamond, each with its words."""
    with mpl.rc_context(STYLE):
        shown = {name: times for name, times in rows.items() if times.cases}
        figure, axes = _axes((7.4, 0.6 + 0.36 * max(1, len(shown))))
        for place, times in enumerate(shown.values()):
            found = [max(FEWEST_SECONDS, getattr(times, share) or 0) for share, _ in MARKS]
            axes.plot([found[0], found[-1]], [place, place], color=LINE, linewidth=1, zorder=1)
            for (_, mark), seconds in zip(MARKS, found, strict=True):
                axes.scatter(seconds, place, marker=mark, s=26, color="white", edgecolors=INK, zorder=2)
            # One line of words for all three: over each mark they would run into each other.
            told = " / ".join(duration(timedelta(seconds=seconds)) for seconds in found)
            axes.annotate(
                told, (found[-1], place), xytext=(8, 0), textcoords="offset points", va="center", fontsize=7
            )
        axes.set_xscale("log")
        axes.set_yticks(range(len(shown)), list(shown))
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.margins(x=0.28)
        ticks = [10, 60, 600, 3600, 6 * 3600, 24 * 3600, 7 * 24 * 3600]
        low, high = axes.get_xlim()
        kept = [tick for tick in ticks if low <= tick <= high]
        axes.set_xticks(kept, [duration(timedelta(seconds=tick)) for tick in kept])
        axes.minorticks_off()
        axes.grid(axis="x", color=PALE, linewidth=0.6)
        axes.set_axisbelow(True)
        return _svg(figure, title)


def offset_intervals(found: Offset) -> str:
    """The offset and the new demand, each as a point in its interval, never as one sum."""
    with mpl.rc_context(STYLE):
        rows = (
            ("would have rung 101", found.off_101),
            ("would not have made contact", found.new_demand),
            ("would have rung 999", found.off_999),
            ("do not know", found.unknown),
        )
        figure, axes = _axes((7.4, 1.7))
        for place, (_, one) in enumerate(rows):
            axes.plot(
                [one.lowest, one.highest], [place, place], color=INK, linewidth=2.4, solid_capstyle="butt"
            )
            axes.scatter(one.number, place, marker="o", s=30, color="white", edgecolors=INK, zorder=2)
            axes.annotate(
                f"{one.number:,}  ({one.lowest:,} to {one.highest:,})", (one.highest, place), va="center",
                xytext=(8, 0), textcoords="offset points",
            )  # fmt: skip
        axes.set_yticks(range(len(rows)), [name for name, _ in rows])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(0, max(1, found.contacts) * 1.02)
        axes.xaxis.set_major_formatter(lambda number, _: f"{number:,.0f}")
        axes.grid(axis="x", color=PALE, linewidth=0.6)
        axes.set_axisbelow(True)
        return _svg(figure, "What people would have done without the desk, with 95 per cent intervals")


def _axes(size: tuple[float, float]) -> tuple[Figure, Axes]:
    figure, axes = plt.subplots(figsize=size, layout="constrained")
    return figure, axes


def _bare(axes: Axes, numbers_on: str) -> None:
    """Numbers stand at the bars: an axis of them would say it twice."""
    getattr(axes, f"{numbers_on}axis").set_visible(False)
    axes.spines["left" if numbers_on == "y" else "bottom"].set_visible(False)
    axes.tick_params(length=0)


def _svg(figure: Figure, title: str) -> str:
    """The drawing as an inline element, told to those who cannot see it by its title."""
    written = io.StringIO()
    figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None, "Title": title})
    plt.close(figure)
    svg = written.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    return svg.replace("<svg", f'<svg role="img" aria-label="{escape(title)}"', 1)
