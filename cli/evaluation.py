"""Triage against labelled lines: totals, intervals and slices; never a row, and of a miss its id alone."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from contact_desk.contacts import Surface
from contact_desk.decisions import TriageDecision
from contact_desk.grades import Band
from functions.triage.first_reader import Reading, Utterance
from training import figures
from training.bank import Labelled

SLICES = ("lang", "channel", "surface", "category", "grade")
MILLISECONDS = 1000


@dataclass(frozen=True, slots=True)
class Judged:
    """One labelled line and what triage made of it; `candidates` are its likeliest categories."""

    line: Labelled
    decision: TriageDecision
    candidates: Sequence[str]
    milliseconds: float

    @property
    def best_category(self) -> str | None:
        """The one that it shows, else the likeliest of those that it did not."""
        return self.decision.category or next(iter(self.candidates), None)

    @property
    def raised(self) -> bool:
        """Red and amber count as raised."""
        return self.decision.band is not Band.GREEN


def judge(lines: Iterable[Labelled], read: Callable[[Utterance], Reading]) -> list[Judged]:
    """Read each line as a message of a person who has said nothing before."""
    judged = []
    for line in lines:
        began = time.perf_counter()
        reading = read(Utterance(line.text, line.channel, Surface(line.surface)))
        took = (time.perf_counter() - began) * MILLISECONDS
        judged.append(Judged(line, reading.decision, reading.candidates, took))
    return judged


def told(judged: Sequence[Judged]) -> dict[str, Any]:
    """The figures in the shape of `desk evaluate --json`."""
    lines = [one.line for one in judged]
    f1, each = figures.macro_f1([one.best_category for one in judged], [line.category for line in lines])
    grade = figures.grade_figures([one.decision.grade for one in judged], [line.grade for line in lines])
    times = sorted(one.milliseconds for one in judged)
    return {
        "rows": len(judged),
        "emergency": _emergency(judged),
        "category": {
            "macro_f1": _short(f1),
            "top3": _short(figures.share([one.line.category in one.candidates for one in judged])),
            "shown": _share(one.decision.category is not None for one in judged),
            "shown_right": _share(
                one.decision.category == one.line.category for one in judged if one.decision.category
            ),
            "per_category": {name: _short(one) for name, one in each.items()},
        },
        "grade": {name: _short(one) for name, one in grade.items()},
        "significant": {
            "kept": _share(one.decision.significant for one in judged if one.line.significant),
            "removed": _share(not one.decision.significant for one in judged if not one.line.significant),
        },
        "language": {"accuracy": _share((one.decision.language or "en") == one.line.lang for one in judged)},
        "slices": {name: _slices(judged, name) for name in SLICES},
        "milliseconds": {
            "median": _short(statistics.median(times)) if times else 0.0,
            "p95": _short(times[int(0.95 * (len(times) - 1))]) if times else 0.0,
        },
    }


def missed(judged: Sequence[Judged]) -> list[str]:
    """The ids of emergencies that stayed green."""
    return [one.line.id for one in judged if one.line.emergency and not one.raised]


def _emergency(judged: Sequence[Judged]) -> dict[str, Any]:
    found = [one.raised for one in judged if one.line.emergency]
    red = [one.decision.band is Band.RED for one in judged if one.line.emergency]
    calm = [one for one in judged if not one.line.emergency]
    return {
        "recall": _share(found),
        "false_alarm_rate": _share(one.raised for one in calm),
        "red_recall": _share(red),
        "red_false_alarm_rate": _share(one.decision.band is Band.RED for one in calm),
        "interval": [_short(end) for end in figures.interval(sum(found), len(found))],
        "false_alarm_interval": [
            _short(end) for end in figures.interval(sum(one.raised for one in calm), len(calm))
        ],
    }


def _slices(judged: Sequence[Judged], name: str) -> dict[str, dict[str, Any]]:
    parts: dict[str, list[Judged]] = {}
    for one in judged:
        parts.setdefault(str(getattr(one.line, name)), []).append(one)
    return {
        value: {
            "rows": len(part),
            "emergencies": sum(one.line.emergency for one in part),
            "recall": _share(one.raised for one in part if one.line.emergency),
            "false_alarm_rate": _share(one.raised for one in part if not one.line.emergency),
        }
        for value, part in sorted(parts.items())
    }


def _share(counted: Iterable[bool]) -> float:
    return _short(figures.share(list(counted)))


def _short(figure: float) -> float:
    return round(figure, 4)
