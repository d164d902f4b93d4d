"""The trained half of the first reader: n-grams and likeness together, as chances, and the thresholds for them.

It is made by `make train` from the written bank and never by hand.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from functions.triage.likeness_model import LikenessModel, load_likeness_model
from functions.triage.meanings import lexicon
from functions.triage.ngram_model import NgramModel, load_ngram_model
from functions.triage.sentence_encoder import load_encoder

FOLDER = Path(__file__).parent / "model"
FACTS = "model.json"
TOGETHER = "together.npz"
HEADS = ("emergency", "significant", "grade", "category")
Logits = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Chances:
    """What the model holds likely: each between 0 and 1; categories and grades sum to 1."""

    emergency: float
    significant: float
    grades: Mapping[str, float]
    categories: Mapping[str, float]

    def likeliest_categories(self, most: int) -> list[tuple[str, float]]:
        """The likeliest first."""
        return sorted(self.categories.items(), key=lambda one: (-one[1], one[0]))[:most]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which chance on a contact is red, amber, or an emergency possible where a rule points to one; the rest is of
    significance, below which it is put aside, and of how sure a category is, to be shown alone or as one of three.
    """

    red: float
    amber: float
    possible: float
    folded: float
    category: float
    categories: float


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """Both halves and the facts about them.

    Logits are stretched by their head's `sharpness`, so that chances are honest; those of grades are moved by
    `grade_leans`, so that hardly any is too low by two. `together` turns what all heads say into what danger and
    category are.
    """

    version: str
    ngrams: NgramModel
    likeness: LikenessModel
    thresholds: Thresholds
    sharpness: Mapping[str, float]
    grade_leans: Logits
    labels: Mapping[str, Sequence[str]]
    together: Logits

    def chances(self, text: str, surface: str, bare: str | None = None) -> Chances:
        """What the model holds likely of a text. Never raises: any text has chances.

        Of `bare`, the same without its courtesies, the n-grams are counted too where they speak more for an emergency,
        and the sentences are read by it alone.
        """
        heard = lexicon().hear(text)
        barely_heard = lexicon().hear(bare) if bare else heard
        sentences = self.likeness.logits(barely_heard.in_english)
        told = self._joined(self.ngrams.logits(heard, surface), sentences)
        if bare:
            barely = self._joined(self.ngrams.logits(barely_heard, surface), sentences)
            told["emergency"] = np.maximum(told["emergency"], barely["emergency"])
        return Chances(
            emergency=_chance(told["emergency"]),
            significant=_chance(told["significant"]),
            grades=dict(zip(self.labels["grade"], _shares(told["grade"]), strict=True)),
            categories=dict(zip(self.labels["category"], _shares(told["category"]), strict=True)),
        )

    def _joined(self, first: Mapping[str, Logits], second: Mapping[str, Logits]) -> dict[str, Logits]:
        logits = {head: first[head] + second[head] for head in first}
        logits["emergency"] = danger_of(logits["emergency"], logits["grade"])
        anew = heads_side_by_side(logits) @ self.together
        logits |= {"emergency": anew[:1], "category": anew[1:]}
        told = {head: self.sharpness[head] * values for head, values in logits.items()}
        told["grade"] += self.grade_leans
        return told


def danger_of(emergency: Logits, grade: Logits) -> Logits:
    """Logits of an emergency as its own head and the grades' head tell it together; they err apart."""
    calmer = grade[..., 1:]
    most = calmer.max(axis=-1, keepdims=True)
    together: Logits = (
        emergency + grade[..., :1] - most - np.log(np.exp(calmer - most).sum(axis=-1, keepdims=True))
    )
    return together


def heads_side_by_side(logits: Mapping[str, Logits]) -> Logits:
    """All heads' logits in one row, or in one row for each message, with a one at the end for a lean."""
    rows = [logits[head] for head in HEADS]
    side_by_side: Logits = np.concatenate([*rows, np.ones_like(rows[0][..., :1])], axis=-1)
    return side_by_side


def _chance(logits: Logits) -> float:
    return round(1 / (1 + math.exp(-float(logits[0]))), 4)


def _shares(logits: Logits) -> list[float]:
    raised = np.exp(logits - logits.max())
    return [round(float(share), 4) for share in raised / raised.sum()]


def load_model(folder: Path = FOLDER) -> TrainedModel:
    """The model that ships; reading it takes a fraction of a second."""
    facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    with np.load(folder / TOGETHER) as stored:
        together = stored["together"]
    return TrainedModel(
        version=facts["version"],
        ngrams=load_ngram_model(folder),
        likeness=load_likeness_model(folder, load_encoder(folder)),
        thresholds=Thresholds(**facts["thresholds"]),
        sharpness=facts["sharpness"],
        grade_leans=np.array(facts["grade_leans"], np.float32),
        labels=facts["labels"],
        together=together,
    )
