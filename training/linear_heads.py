"""Logistic heads over a table of likeness between messages, which both halves of the model share.

It is the sum of what they have in common of words, letters and concepts, and of how alike their sentences are. From the
table alone come the heads and their figures on messages left out; weights of buckets and landmarks are for what
ships. A hand is left out by cutting its rows from the table.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve, lapack

from functions.triage.meanings import Heard
from functions.triage.ngrams import BUCKETS, KINDS, features
from training.bank import CATEGORIES, GRADES, Labelled

Array = np.ndarray[Any, Any]
WEIGH = {"words": 1.4, "letters": 1.1, "concepts": 1.0}
"""How loud each kind of bucket speaks beside the likeness of sentences."""
RARE = 2
"""Buckets that fewer lines than this fill are left out: a word that one person used once teaches nothing."""
WIDTHS = {"emergency": 1, "significant": 1, "grade": len(GRADES), "category": len(CATEGORIES)}
BINARY = ("emergency", "significant")
STRENGTH = 24.0
ROUNDS = 16
STEEPEST = 0.5
"""How steep the loss of a head can be: a quarter where it is one chance, half where it is shares."""
COMMON = 60
"""A bucket that one line in so many fills is worked on with the other common ones as a full table: it is quicker."""
BIAS = 10.0
"""What each line has in common with every other, so that a head may lean to its commoner label."""


def buckets(texts: Sequence[tuple[Heard, str]]) -> dict[str, Any]:
    """For each kind of bucket the texts on their surfaces as rows of ones."""
    found = [features(heard, surface) for heard, surface in texts]
    return {kind: _rows([one[number] for one in found]) for number, kind in enumerate(KINDS)}


def _rows(found: Sequence[frozenset[int]]) -> Any:
    ends = np.cumsum([0, *map(len, found)])
    places = np.fromiter((bucket for one in found for bucket in sorted(one)), dtype=np.int32, count=ends[-1])
    ones = np.ones(len(places), np.float32)
    return sparse.csr_matrix((ones, places, ends), shape=(len(found), BUCKETS), dtype=np.float32)


def rarity(rows: Any) -> Array:
    """How much each bucket counts, from how many lines fill it; 0 for those left out."""
    lines = np.asarray(rows.sum(axis=0)).ravel()
    counts = np.log((1 + rows.shape[0]) / (1 + lines)) + 1
    return np.where(lines >= RARE, counts, 0).astype(np.float16).astype(np.float32)


def weighed(seen: dict[str, Any]) -> Any:
    """One row a message: each kind as long as it is loud, side by side."""
    parts = [_normed(rows, rarity(rows)) * WEIGH[kind] for kind, rows in seen.items()]
    return sparse.hstack(parts, format="csr", dtype=np.float32)


def _normed(rows: Any, counts: Array) -> Any:
    heavy = rows @ sparse.diags(counts)
    length = np.sqrt(np.asarray(heavy.multiply(heavy).sum(axis=1)).ravel())
    return sparse.diags((1 / np.maximum(length, 1e-6)).astype(np.float32)) @ heavy


def alike(rows: Any) -> Array:
    """How alike each two messages are."""
    filled = np.diff(rows.tocsc().indptr)
    common = np.ascontiguousarray(rows[:, filled > rows.shape[0] / COMMON].toarray())
    rare = rows[:, (filled >= RARE) & (filled <= rows.shape[0] / COMMON)]
    table: Array = common @ common.T
    table += (rare @ rare.T).toarray()
    return table


def targets(bank: Sequence[Labelled]) -> dict[str, Array]:
    """What each head is to say of each line: ones and zeros, one column a label."""
    return {
        "emergency": np.array([[line.emergency] for line in bank], np.float32),
        "significant": np.array([[line.significant] for line in bank], np.float32),
        "grade": np.eye(len(GRADES), dtype=np.float32)[[GRADES.index(line.grade) for line in bank]],
        "category": np.eye(len(CATEGORIES), dtype=np.float32)[
            [CATEGORIES.index(line.category) for line in bank]
        ],
    }


@dataclass(frozen=True, slots=True)
class Table:
    """How alike each two messages are, and the inverse of a bowl that lies above the loss of any head trained on it."""

    alike: Array
    inverse: Array


def table_of(alike: Array) -> Table:
    """Makes the bowl, once for all the hands that will be left out; `alike` is taken over."""
    alike += BIAS
    bowl = STEEPEST * alike
    bowl[np.diag_indices(len(bowl))] += 1 / STRENGTH
    factor, failed = lapack.spotrf(bowl, lower=1, overwrite_a=1)
    inverse, failed = lapack.spotri(factor, lower=1, overwrite_c=1) if not failed else (factor, failed)
    if failed:
        raise np.linalg.LinAlgError(failed)
    lower = np.tril(inverse, -1)
    inverse = np.tril(inverse)
    inverse += lower.T
    return Table(alike, inverse)


def fitted(table: Table, truth: dict[str, Array], out: Array | None = None) -> dict[str, Array]:
    """How much each line speaks for each label of each head: logistic regression, solved from the table.

    The lines that `out` marks are not learnt from and speak for nothing. Each round goes to the lowest point of a
    bowl that lies above the loss (as steep as the loss can ever be), from a little beyond where the last one went
    (Nesterov), so that it needs no step size and ends alike on every run.
    """
    wanted = np.hstack(list(truth.values()))
    ends = np.cumsum([one.shape[1] for one in truth.values()])[:-1]
    left = np.flatnonzero(out) if out is not None else np.zeros(0, np.int64)
    corner = cho_factor(table.inverse[np.ix_(left, left)], check_finite=False) if len(left) else None
    beside = table.inverse[:, left]
    weights = ahead = np.zeros_like(wanted)
    pace = 1.0
    for _ in range(ROUNDS):
        logits = np.split(table.alike @ ahead, ends, axis=1)
        told = np.hstack(
            [probabilities(part, name in BINARY) for name, part in zip(truth, logits, strict=True)]
        )
        slope = told - wanted + ahead / STRENGTH
        slope[left] = 0
        step = table.inverse @ slope
        if corner is not None:
            step -= beside @ cho_solve(corner, step[left], check_finite=False)
            step[left] = 0
        reached = ahead - step
        quicker = (1 + math.sqrt(1 + 4 * pace * pace)) / 2
        ahead = reached + ((pace - 1) / quicker) * (reached - weights)
        weights, pace = reached, quicker
    return dict(zip(truth, np.split(weights, ends, axis=1), strict=True))


def logits_of(table: Array, spoken: dict[str, Array]) -> dict[str, Array]:
    """The heads' logits of messages; the table has a row for each, and a column for each line trained on."""
    return {name: table @ weights for name, weights in spoken.items()}


def probabilities(logits: Array, binary: bool) -> Array:  # noqa: FBT001 - which of two curves
    """Each column by itself, or all of them as shares."""
    if binary:
        return 1 / (1 + np.exp(-logits))
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Array = raised / raised.sum(axis=1, keepdims=True)
    return shares
