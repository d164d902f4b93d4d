"""The sentence half of the model at run time: how alike a text is to landmarks of the bank, and what those speak for.

A kernel machine: each landmark is a message's vector and a weight for each label; no text of the bank is in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from functions.triage.sentence_encoder import SentenceEncoder

FILE = "likeness.npz"
HEIGHT = 6.0
Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Standard:
    """What the encoder's means are measured against: the mean and spread of each dimension over the bank."""

    middle: Array
    spread: Array

    def vector(self, means: Array) -> Array:
        """One vector of length one for each message; `means` is layers by width, or messages by layers by width."""
        rows = (means - self.middle) / self.spread
        rows /= np.linalg.norm(rows, axis=-1, keepdims=True)
        flat: Array = rows.reshape(*rows.shape[:-2], -1) / np.sqrt(rows.shape[-2])
        return flat


def likeness(cosines: Array) -> Array:
    """How much a message speaks for another, from the cosine between their vectors."""
    told: Array = HEIGHT * np.exp(cosines - 1)
    return told


@dataclass(frozen=True, slots=True)
class LikenessModel:
    """The landmarks, and what each says for every label."""

    encoder: SentenceEncoder
    standard: Standard
    remembered: Array
    weights: Array
    columns: Mapping[str, slice]

    def logits(self, text: str) -> dict[str, Array]:
        """The logits of each head."""
        vector = self.standard.vector(self.encoder.means(text))
        told = likeness(self.remembered @ vector) @ self.weights
        return {head: told[columns] for head, columns in self.columns.items()}


def load_likeness_model(folder: Path, encoder: SentenceEncoder) -> LikenessModel:
    """The model as training wrote it."""
    with np.load(folder / FILE) as stored:
        widths = dict(zip(stored["heads"].tolist(), stored["widths"].tolist(), strict=True))
        return LikenessModel(
            encoder=encoder,
            standard=Standard(stored["middle"], stored["spread"]),
            remembered=stored["remembered"].astype(np.float32) * stored["scale"][:, None],
            weights=stored["weights"],
            columns=columns_of(widths),
        )


def columns_of(widths: Mapping[str, int]) -> dict[str, slice]:
    """Which columns belong to which head, where they stand side by side."""
    columns, end = {}, 0
    for head, width in widths.items():
        columns[head] = slice(end, end + width)
        end += width
    return columns
