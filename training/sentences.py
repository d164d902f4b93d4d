"""The bank through the sentence encoder, kept on disk in sixteen bits: each text is read once."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.linalg import cholesky, solve_triangular

from functions.triage.likeness_model import Standard, likeness
from functions.triage.sentence_encoder import FILE, SentenceEncoder, load_encoder
from training.encoder_weights import eight_bits

JITTER = 1e-2
KEPT = Path(__file__).parent / ".kept"
THREADS = "OPENBLAS_NUM_THREADS"
Array = np.ndarray[Any, Any]
_ENCODERS: list[SentenceEncoder] = []
"""The one of a reading process, filled when it begins."""


def means_of(texts: Sequence[str], model_folder: Path) -> Array:
    """What the encoder makes of each text: messages by layers by width."""
    code = hashlib.sha256((model_folder / FILE).read_bytes()).hexdigest()[:12]
    path = KEPT / f"means-{code}.npz"
    known: dict[str, Array] = {}
    if path.exists():
        with np.load(path) as stored:
            known = dict(zip(stored["names"].tolist(), stored["means"], strict=True))
    names = [hashlib.sha256(text.encode("utf-8", errors="replace")).hexdigest()[:24] for text in texts]
    if lacking := {name: text for name, text in zip(names, texts, strict=True) if name not in known}:
        known |= zip(lacking, _read(list(lacking.values()), model_folder), strict=True)
        KEPT.mkdir(exist_ok=True)
        np.savez(path, names=np.array(list(known)), means=np.stack(list(known.values())))
    return np.stack([known[name] for name in names]).astype(np.float32)


def _read(texts: Sequence[str], model_folder: Path) -> list[Array]:
    """Each text on one thread, a process for every processor: threads that share a text wait for each other."""
    before = os.environ.get(THREADS)
    os.environ[THREADS] = "1"
    try:
        with ProcessPoolExecutor(
            mp_context=multiprocessing.get_context("spawn"), initializer=_begin, initargs=(model_folder,)
        ) as readers:
            return list(readers.map(_mean, texts, chunksize=100))
    finally:
        os.environ.pop(THREADS)
        if before is not None:
            os.environ[THREADS] = before


def _begin(model_folder: Path) -> None:
    _ENCODERS.append(load_encoder(model_folder))


def _mean(text: str) -> Array:
    told: Array = _ENCODERS[0].means(text).astype(np.float16)
    return told


def standard_of(means: Array) -> Standard:
    """Mean and spread of each dimension over these messages."""
    return Standard(means.mean(axis=0), means.std(axis=0) + np.float32(1e-3))


LANDMARKS = 2048
"""How many messages of the bank are compared with; all of them bring nothing more, and take a third of the time."""


@dataclass(frozen=True, slots=True)
class Landmarks:
    """The messages that every other is compared with, and what turns their likeness into features (Nyström)."""

    vectors: Array
    root: Array

    def features(self, vectors: Array) -> Array:
        """One row for each message; the product of two rows is how alike two messages are, seen from the landmarks."""
        seen = likeness(vectors @ self.vectors.T).astype(np.float32)
        return np.asarray(solve_triangular(self.root, seen.T, lower=True, check_finite=False).T)

    def weights(self, features: Array, spoken: Array) -> Array:
        """What each landmark says for every label, from what each message does."""
        return np.asarray(solve_triangular(self.root, features.T @ spoken, lower=True, trans="T"))


def landmarks_of(vectors: Array) -> Landmarks:
    """Messages from all over the bank, in equal steps."""
    chosen = vectors[np.linspace(0, len(vectors) - 1, min(LANDMARKS, len(vectors))).astype(np.int64)]
    # As run time has them, in eight bits.
    small, scale = eight_bits(chosen)
    chosen = small.astype(np.float32) * scale[:, None]
    table = likeness(chosen @ chosen.T).astype(np.float64)
    table[np.diag_indices(len(table))] += JITTER
    return Landmarks(chosen, cholesky(table, lower=True).astype(np.float32))
