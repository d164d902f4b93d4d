"""Rules and model together on hands left out: lines read as the desk does, by a model that never heard their hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from contact_desk.contacts import Surface
from contact_desk.decisions import TriageDecision
from contact_desk.grades import Band
from functions.triage.first_reader import SURE_OF_DANGER, FirstReader, Utterance
from functions.triage.rule_set import RuleSet
from functions.triage.trained_model import Chances, Thresholds, TrainedModel
from training import figures
from training.bank import CATEGORIES, GRADES, Labelled, hands_of

Array = np.ndarray[Any, Any]
EVERY = 3
"""Of how many lines one is read: the rules take longer over the bank than all heads."""
LOW, HIGH = -1.0, 2.0
"""Thresholds that every chance passes, and that none does."""


class Told(TrainedModel):
    """A model that says what it is told to, of whatever it is asked."""

    def __init__(self, model: TrainedModel, thresholds: Thresholds) -> None:
        for name in model.__dataclass_fields__:
            object.__setattr__(self, name, getattr(model, name))
        object.__setattr__(self, "thresholds", thresholds)

    def says(self, chances: Chances) -> None:
        """What it holds of the next text."""
        object.__setattr__(self, "_told", chances)

    def chances(self, text: str, surface: str, bare: str | None = None) -> Chances:  # noqa: ARG002 - told beforehand
        """What it was told to say."""
        told: Chances = self._told  # type: ignore[attr-defined]
        return told


@dataclass(frozen=True, slots=True)
class Apart:
    """What raises each line: rules by themselves, hints where the model holds danger possible, the model itself."""

    rules: Array
    hints: Array
    model: Array

    def raised(self, danger: Array, at: float, possible: float) -> Array:
        """Which lines are raised where the model raises at this chance, and bears hints out at the other."""
        marks: Array = self.rules | (self.hints & (danger >= possible)) | (self.model & (danger >= at))
        return marks


def chances_of(told: dict[str, Array], line: int) -> Chances:
    """One line's chances as the reader takes them."""
    return Chances(
        emergency=float(told["emergency"][line, 0]),
        significant=float(told["significant"][line, 0]),
        grades=dict(zip(GRADES, map(float, told["grade"][line]), strict=True)),
        categories=dict(zip(CATEGORIES, map(float, told["category"][line]), strict=True)),
    )


def read_all(
    bank: Sequence[Labelled], rules: RuleSet, model: Told, told: dict[str, Array], danger: float | None = None
) -> list[TriageDecision]:
    """Every line's decision; `danger` stands for the model's own chance of an emergency where it is given."""
    reader, decided = FirstReader(rules, model, ()), []
    for number, line in enumerate(bank):
        chances = chances_of(told, number)
        model.says(chances if danger is None else replace(chances, emergency=danger))
        decided.append(reader.read(Utterance(line.text, line.channel, Surface(line.surface))))
    return decided


def apart(
    bank: Sequence[Labelled], rules: RuleSet, model: TrainedModel, told: dict[str, Array]
) -> dict[Band, Apart]:
    """For red, and for red or amber, what raises each line."""

    def bands(danger: float, **cut: float) -> list[Band]:
        asked = Told(model, replace(model.thresholds, **cut))
        return [one.band for one in read_all(bank, rules, asked, told, danger)]

    silent = bands(0.0, red=HIGH, amber=HIGH, possible=HIGH)
    hinted = bands(0.0, red=HIGH, amber=HIGH, possible=LOW)
    amber = bands(SURE_OF_DANGER - 0.01, red=HIGH, amber=LOW, possible=HIGH)
    red = bands(SURE_OF_DANGER - 0.01, red=LOW, amber=LOW, possible=HIGH)

    def marks(found: list[Band], *wanted: Band) -> Array:
        return np.array([band in wanted for band in found])

    both = (Band.RED, Band.AMBER)
    return {
        Band.RED: Apart(marks(silent, Band.RED), marks(hinted, Band.RED), marks(red, Band.RED)),
        Band.AMBER: Apart(marks(silent, *both), marks(hinted, *both), marks(amber, *both)),
    }


def per_hand(bank: Sequence[Labelled], raised: Array) -> dict[str, dict[str, float]]:
    """Recall and false alarms of each hand."""
    return {
        hand: {
            "recall": figures.share(
                [
                    bool(up)
                    for up, line in zip(raised, bank, strict=True)
                    if line.hand == hand and line.emergency
                ]
            ),
            "false_alarms": figures.share(
                [
                    bool(up)
                    for up, line in zip(raised, bank, strict=True)
                    if line.hand == hand and not line.emergency
                ]
            ),
        }
        for hand in hands_of(bank)
    }


def table(bank: Sequence[Labelled], rules: RuleSet, model: TrainedModel, told: dict[str, Array]) -> str:
    """The figures as lines of text, for red and for red or amber."""
    danger, emergency = told["emergency"][:, 0], np.array([line.emergency for line in bank])
    thresholds, lines = model.thresholds, []
    ways = {Band.RED: thresholds.red, Band.AMBER: thresholds.amber}
    for band, found in apart(bank, rules, model, told).items():
        raised = found.raised(danger, ways[band], thresholds.possible)
        recalls = [hand["recall"] for hand in per_hand(bank, raised).values()]
        lines.append(
            f"{band:5}  recall {raised[emergency].mean():.3f}, worst hand {min(recalls):.3f}, false alarms "
            f"{raised[~emergency].mean():.3f}; rules by themselves {found.rules[emergency].mean():.3f}, "
            f"{found.rules[~emergency].mean():.3f}"
        )
    return "\n".join(lines)
