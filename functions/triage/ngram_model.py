"""The trained n-gram model at run time: hashed words, letters and concepts in, logits of four heads out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from functions.triage.likeness_model import columns_of
from functions.triage.meanings import Heard
from functions.triage.ngrams import BUCKETS, KINDS, WORD_NAMES, features, names_of

FILE = "ngrams.npz"
NOWHERE = -1
HEAVIEST = 5


@dataclass(frozen=True, slots=True)
class NgramModel:
    """Weights of the buckets that training saw, eight bits each, and a scale and a bias for each output.

    `place` says where a bucket's weights stand (-1 where it has none); the buckets of each kind
    follow those of the one before. `weigh` is how loud each kind speaks.
    """

    place: np.ndarray[Any, Any]
    rarity: np.ndarray[Any, Any]
    weights: np.ndarray[Any, Any]
    scale: np.ndarray[Any, Any]
    bias: np.ndarray[Any, Any]
    columns: Mapping[str, slice]
    weigh: np.ndarray[Any, Any]

    def logits(self, heard: Heard, surface: str) -> dict[str, np.ndarray[Any, Any]]:
        """The logits of each head."""
        told = np.zeros(len(self.scale), np.float32)
        for number, buckets in enumerate(features(heard, surface)):
            told += self._told(buckets, number * BUCKETS, float(self.weigh[number]))
        told = told * self.scale + self.bias
        return {head: told[columns] for head, columns in self.columns.items()}

    def _told(self, buckets: frozenset[int], first: int, weigh: float) -> np.ndarray[Any, Any]:
        places = self.place[np.fromiter(sorted(buckets), np.int64, len(buckets)) + first]
        places = places[places != NOWHERE]
        if not len(places):
            return np.zeros(len(self.scale), np.float32)
        rarity = self.rarity[places].astype(np.float32)
        length = math.sqrt(float(rarity @ rarity))
        told: np.ndarray[Any, Any] = (rarity * (weigh / length)) @ self.weights[places].astype(np.float32)
        return told

    def heaviest(self, heard: Heard, surface: str) -> tuple[str, ...]:
        """The words and pairs of words that speak most for an emergency, the heaviest first."""
        column = self.columns["emergency"].start
        found: dict[str, float] = {}
        for name in names_of(heard, surface):
            place = int(self.place[name.bucket])
            if name.kind in WORD_NAMES and place != NOWHERE:
                found[name.shown] = float(self.weights[place, column]) * float(self.rarity[place])
        ordered = sorted(found.items(), key=lambda told: (-told[1], told[0]))
        return tuple(shown for shown, weight in ordered[:HEAVIEST] if weight > 0)


def load_ngram_model(folder: Path) -> NgramModel:
    """The model as training wrote it."""
    with np.load(folder / FILE) as stored:
        place = np.full(len(KINDS) * BUCKETS, NOWHERE, np.int32)
        buckets = stored["buckets"]
        place[buckets] = np.arange(len(buckets), dtype=np.int32)
        widths = dict(zip(stored["heads"].tolist(), stored["widths"].tolist(), strict=True))
        return NgramModel(
            place=place,
            rarity=stored["rarity"],
            weights=stored["weights"],
            scale=stored["scale"],
            bias=stored["bias"],
            columns=columns_of(widths),
            weigh=stored["weigh"],
        )
