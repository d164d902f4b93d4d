"""What the second reader adds to the first on labelled lines: the figures of both, and what each asking came to."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from cli.labelled import LabelledLine, Read, Scored
from cli.promotion import false_alarms, recall, under_graded
from contact_desk.grades import Band
from contact_desk.masking import masked
from contact_desk.second_reads import ReadOutcome
from functions.triage.first_reader import Reading, Utterance
from functions.triage.second_reads.answers import Found
from functions.triage.second_reads.bedrock import Model, SecondReaderError
from functions.triage.second_reads.prompt import PROMPT_VERSION, Words
from functions.triage.second_reads.raising import raised

MILLISECONDS = 1000
NO_ANSWER = "no_answer"


@dataclass(frozen=True, slots=True)
class ReadTwice:
    """A line as the first reader scored it, as it stands after the second, and how that went."""

    first: Scored
    both: Scored
    outcome: str
    milliseconds: float


def read_twice(lines: Iterable[LabelledLine], first: Read, second: Model) -> Iterable[ReadTwice]:
    """Read each line as the desk does: what is red stays so, everything else is masked and read again."""
    for line in lines:
        decision, chance = first(line.utterance)
        before = Scored(line, decision, chance)
        if decision.band is Band.RED:
            yield ReadTwice(before, before, "red_already", 0.0)
            continue
        began, after, outcome = time.perf_counter(), before, NO_ANSWER
        try:
            answer = second.read(Words(masked(line.text), line.channel, line.surface))
        except SecondReaderError:
            answer = None
        if isinstance(answer, Found):
            higher = raised(decision, answer.finding)
            outcome = ReadOutcome.READ.value
            after = replace(before, decision=higher) if higher else before
        elif answer is not None:
            outcome = answer.outcome.value
        yield ReadTwice(before, after, outcome, (time.perf_counter() - began) * MILLISECONDS)


def reading_twice(first: Callable[[Utterance], Reading], second: Model) -> Callable[[Utterance], Reading]:
    """The first reading, raised by the second reader where that finds more in it; unanswered, the first stands."""

    def read(utterance: Utterance) -> Reading:
        reading = first(utterance)
        if reading.decision.band is Band.RED:
            return reading
        try:
            answer = second.read(Words(masked(utterance.text), utterance.channel, utterance.surface))
        except SecondReaderError:
            return reading
        higher = raised(reading.decision, answer.finding) if isinstance(answer, Found) else None
        return replace(reading, decision=higher) if higher else reading

    return read


def told(read: Iterable[ReadTwice]) -> dict[str, Any]:
    """The figures of the first reader alone and of both."""
    rows = list(read)
    times = sorted(one.milliseconds for one in rows if one.outcome != "red_already")
    return {
        "rows": len(rows),
        "prompt_version": PROMPT_VERSION,
        "outcomes": dict(sorted(Counter(one.outcome for one in rows).items())),
        "first": _figures([one.first for one in rows]),
        "both": _figures([one.both for one in rows]),
        "raised": sum(one.both.decision != one.first.decision for one in rows),
        "lowered": sum(one.both.decision.band.rank > one.first.decision.band.rank for one in rows),
        "milliseconds": {
            "median": round(statistics.median(times), 1) if times else 0.0,
            "p95": round(times[int(0.95 * (len(times) - 1))], 1) if times else 0.0,
        },
    }


def _figures(scored: list[Scored]) -> dict[str, float]:
    red = [replace(one, decision=replace(one.decision, band=_red_alone(one))) for one in scored]
    figures = {
        "recall": recall(scored),
        "false_alarm_rate": false_alarms(scored),
        "red_recall": recall(red),
        "red_false_alarm_rate": false_alarms(red),
        "grade_accuracy": sum(one.decision.grade is one.line.grade for one in scored) / max(1, len(scored)),
        "under": under_graded(scored),
    }
    return {name: round(figure, 4) for name, figure in figures.items()}


def _red_alone(one: Scored) -> Band:
    return Band.RED if one.decision.band is Band.RED else Band.GREEN
