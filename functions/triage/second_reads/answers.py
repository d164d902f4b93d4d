"""What an answer of Amazon Bedrock's says: a finding by the schema, or why there is none. Pure; never raises."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contact_desk.grades import Band, Grade, higher_band, higher_grade
from contact_desk.second_reads import Finding, ReadOutcome
from functions.triage.second_reads.prompt import MARKERS, TOOL

REASON_CHARACTERS = 240
OUTPUT_CHARACTERS = 2_000
REFUSALS = frozenset({"content_filtered", "guardrail_intervened", "refusal"})
WITHOUT_REASON = "A second reading finds more risk in it"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069]+")


class Reading(BaseModel):
    """The tool's input as the schema wants it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    band: Band
    grade: Grade
    reason: str
    markers: Annotated[
        tuple[Literal["child", "domestic_abuse", "hate", "suicide_risk", "vulnerable", "weapon"], ...],
        Field(max_length=20),
    ]


@dataclass(frozen=True, slots=True)
class Found:
    """A finding, and the tool's inputs as the model wrote them (JSON, cut where it is too long to keep)."""

    finding: Finding
    output: str


@dataclass(frozen=True, slots=True)
class NotUsable:
    """There is no finding: `outcome` is `refused` or `unusable`, `why` a code."""

    outcome: ReadOutcome
    why: str


def found_in(answer: Mapping[str, Any]) -> Found | NotUsable:
    """What the answer to `Converse` says. Of several findings the highest of each holds: uncertain goes up."""
    inputs = list(_inputs(answer))
    readings = [reading for given in inputs if (reading := _reading(given)) is not None]
    if not readings:
        return _why_not(answer, inputs)
    finding = _finding(readings[0])
    for reading in readings[1:]:
        finding = _higher(finding, _finding(reading))
    return Found(finding, json.dumps(inputs, ensure_ascii=False)[:OUTPUT_CHARACTERS])


def _inputs(answer: Mapping[str, Any]) -> Iterator[object]:
    """The inputs of every call of the tool; whatever else the model wrote is nobody's."""
    for block in _content(answer):
        used = block.get("toolUse") if isinstance(block, dict) else None
        if isinstance(used, dict) and used.get("name") == TOOL:
            yield used.get("input")


def _content(answer: Mapping[str, Any]) -> list[Any]:
    match answer:
        case {"output": {"message": {"content": [*blocks]}}}:
            return blocks
    return []


def _reading(given: object) -> Reading | None:
    try:
        return Reading.model_validate(given)
    except ValidationError:
        return None


def _finding(reading: Reading) -> Finding:
    """Red and emergency are one, amber is at least priority: an answer at odds with itself goes up."""
    band, grade = reading.band, reading.grade
    if Band.RED is band or Grade.EMERGENCY is grade:
        band, grade = Band.RED, Grade.EMERGENCY
    if band is Band.AMBER:
        grade = higher_grade(grade, Grade.PRIORITY)
    markers = tuple(marker for marker in MARKERS if marker in reading.markers)
    return Finding(band, grade, sentence(reading.reason), markers)


def _higher(first: Finding, second: Finding) -> Finding:
    reason = second.reason if second.band.rank < first.band.rank else first.reason
    return Finding(
        higher_band(first.band, second.band),
        higher_grade(first.grade, second.grade),
        reason,
        tuple(marker for marker in MARKERS if marker in {*first.markers, *second.markers}),
    )


def sentence(reason: str) -> str:
    """The reason as one line for an operator: without what a screen would obey, and never too long."""
    line = " ".join(_CONTROL.sub(" ", reason).split())
    if len(line) > REASON_CHARACTERS:
        line = line[: REASON_CHARACTERS - 1] + "…"
    return line or WITHOUT_REASON


def _why_not(answer: Mapping[str, Any], inputs: list[object]) -> NotUsable:
    if inputs:
        return NotUsable(ReadOutcome.UNUSABLE, "wrong_schema")
    if answer.get("stopReason") in REFUSALS:
        return NotUsable(ReadOutcome.REFUSED, str(answer["stopReason"]))
    if any(isinstance(block, dict) and block.get("text") for block in _content(answer)):
        return NotUsable(ReadOutcome.REFUSED, "words_instead")
    return NotUsable(ReadOutcome.UNUSABLE, "empty")
