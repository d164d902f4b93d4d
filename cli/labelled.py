"""Labelled lines as `tests/triage/TRIAGE_LABELS.md` describes them, and what a reader makes of each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contact_desk.contacts import Surface
from contact_desk.decisions import TriageDecision
from contact_desk.errors import ContactDeskError
from contact_desk.grades import Band, Grade
from functions.triage.first_reader import Utterance


class LabelledFileError(ContactDeskError):
    """A file of labelled lines cannot be read; the message names file and line, never the words."""


@dataclass(frozen=True, slots=True)
class LabelledLine:
    """One message with its labels, as far as urgency goes."""

    id: str
    text: str
    channel: str
    surface: Surface
    lang: str
    category: str
    grade: Grade

    @property
    def emergency(self) -> bool:
        """An emergency is the grade of that name."""
        return self.grade is Grade.EMERGENCY

    @property
    def utterance(self) -> Utterance:
        """The message as a reader gets it."""
        return Utterance(self.text, self.channel, self.surface)

    @property
    def slices(self) -> tuple[str, ...]:
        """The slices that it is in, each as `field=value`."""
        return (
            f"lang={self.lang}",
            f"channel={self.channel}",
            f"surface={self.surface.value}",
            f"category={self.category}",
        )


@dataclass(frozen=True, slots=True)
class Scored:
    """A reader's decision on a line, and how likely it holds an emergency; None where a reader has no such chance."""

    line: LabelledLine
    decision: TriageDecision
    chance: float | None = None

    @property
    def raised(self) -> bool:
        """Red and amber count as raised."""
        return self.decision.band is not Band.GREEN


Read = Callable[[Utterance], tuple[TriageDecision, float | None]]


def read_labelled(path: Path) -> list[LabelledLine]:
    """The lines of a file; raises LabelledFileError naming the line that is none."""
    lines = []
    for number, written in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if written.strip():
            try:
                lines.append(_line(json.loads(written)))
            except (ValueError, KeyError, TypeError):
                raise LabelledFileError(f"{path.name}:{number}: not a labelled line") from None
    return lines


def score(lines: Iterable[LabelledLine], read: Read) -> list[Scored]:
    """Read each line as a message of a person who has said nothing before."""
    return [Scored(line, *read(line.utterance)) for line in lines]


def _line(fields: dict[str, Any]) -> LabelledLine:
    return LabelledLine(
        id=str(fields["id"]),
        text=str(fields["text"]),
        channel=str(fields["channel"]),
        surface=Surface(fields["surface"]),
        lang=str(fields["lang"]),
        category=str(fields["category"]),
        grade=Grade(fields["grade"]),
    )
