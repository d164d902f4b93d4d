"""A small sentence encoder (MiniLM) at run time, in numpy alone: texts as means of what upper layers make of them.

Weights are kept in eight bits with one scale a row. Training uses this same code for its features, so that what the
heads learnt from is exactly what they are given.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from functions.triage.word_pieces import pieces

FILE = "encoder.npz"
VOCABULARY = "vocabulary.txt"
MOST_PIECES = 160
ATTENTION_HEADS = 12
EPSILON = 1e-12
Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: attention over the pieces, then each piece by itself; the weights stand transposed for `@`."""

    asked: Array
    asked_bias: Array
    attended: Array
    attended_bias: Array
    attended_norm: tuple[Array, Array]
    inner: Array
    inner_bias: Array
    outer: Array
    outer_bias: Array
    norm: tuple[Array, Array]

    def __call__(self, hidden: Array) -> Array:
        """What the layer makes of the pieces, one row each."""
        return self.worked_over(self.looked_around(hidden))

    def looked_around(self, hidden: Array) -> Array:
        """The pieces after each has taken in the others."""
        length, width = hidden.shape
        asked = (hidden @ self.asked + self.asked_bias).reshape(length, 3, ATTENTION_HEADS, -1)
        query, key, value = asked.transpose(1, 2, 0, 3)
        heed = query @ key.transpose(0, 2, 1)
        heed *= 1 / math.sqrt(width / ATTENTION_HEADS)
        heed -= heed.max(axis=-1, keepdims=True)
        np.exp(heed, out=heed)
        heed /= heed.sum(axis=-1, keepdims=True)
        joined = (heed @ value).transpose(1, 0, 2).reshape(length, width)
        return _normed(hidden + joined @ self.attended + self.attended_bias, *self.attended_norm)

    def worked_over(self, hidden: Array) -> Array:
        """Each piece by itself, and what its inner units make of it."""
        return _normed(hidden + self.stirred(hidden) @ self.outer + self.outer_bias, *self.norm)

    def stirred(self, hidden: Array) -> Array:
        """How far each piece stirs each of the inner units."""
        return _bent(hidden @ self.inner + self.inner_bias)


@dataclass(frozen=True, slots=True)
class SentenceEncoder:
    """Words to vectors; `shown` are the layers whose means are given, counted from one."""

    vocabulary: Mapping[str, int]
    words: Array
    words_scale: Array
    places: Array
    norm: tuple[Array, Array]
    layers: Sequence[Layer]
    shown: frozenset[int]

    def means(self, text: str) -> Array:
        """One row for each shown layer: the mean over the text's pieces."""
        hidden, told = self.begun(text), []
        for number, layer in enumerate(self.layers, 1):
            hidden = layer(hidden)
            if number in self.shown:
                told.append(hidden.mean(axis=0))
        return np.stack(told)

    def begun(self, text: str) -> Array:
        """The text's pieces as the first layer takes them."""
        tokens = pieces(text, self.vocabulary, MOST_PIECES)
        hidden = self.words[tokens].astype(np.float32) * self.words_scale[tokens, None]
        return _normed(hidden + self.places[: len(tokens)], *self.norm)


def _normed(rows: Array, scale: Array, shift: Array) -> Array:
    rows = rows - rows.mean(axis=-1, keepdims=True)
    spread = np.einsum("ij,ij->i", rows, rows)[:, None] / rows.shape[1]
    normed: Array = rows / np.sqrt(spread + EPSILON) * scale + shift
    return normed


def _bent(rows: Array) -> Array:
    """GELU by its usual approximation with tanh: numpy has no error function."""
    inner = rows * rows
    inner *= 0.044715
    inner += 1
    inner *= rows
    inner *= math.sqrt(2 / math.pi)
    np.tanh(inner, out=inner)
    inner += 1
    inner *= rows
    inner *= 0.5
    return inner


def load_encoder(folder: Path) -> SentenceEncoder:
    """The encoder as it was packed (`training.encoder_weights`)."""
    listed = (folder / VOCABULARY).read_text(encoding="utf-8").split("\n")
    with np.load(folder / FILE) as stored:
        held = {name: stored[name] for name in stored.files}
    shown = frozenset(held["shown"].tolist())
    return SentenceEncoder(
        vocabulary={piece: number for number, piece in enumerate(listed)},
        words=held["words"],
        words_scale=held["words.scale"],
        places=held["places"].astype(np.float32),
        norm=(held["norm.weight"], held["norm.bias"]),
        layers=[_layer(held, number) for number in range(max(shown))],
        shown=shown,
    )


def _layer(held: Mapping[str, Array], number: int) -> Layer:
    def weights(name: str) -> Array:
        whole = held[f"{number}.{name}"].astype(np.float32) * held[f"{number}.{name}.scale"][:, None]
        return np.ascontiguousarray(whole.T)

    def plain(name: str) -> Array:
        return held[f"{number}.{name}"]

    return Layer(
        asked=weights("asked"),
        asked_bias=plain("asked.bias"),
        attended=weights("attended"),
        attended_bias=plain("attended.bias"),
        attended_norm=(plain("attended_norm.weight"), plain("attended_norm.bias")),
        inner=weights("inner"),
        inner_bias=plain("inner.bias"),
        outer=weights("outer"),
        outer_bias=plain("outer.bias"),
        norm=(plain("norm.weight"), plain("norm.bias")),
    )
