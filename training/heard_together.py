"""The heads heard together: what danger and category are once every head has spoken, learnt from hands left out.

Each head learns by itself; on hands that it never heard it errs in ways that the others know of: what sounds like
domestic abuse is nearer to an emergency than what sounds like a theft. It costs one small matrix.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize

from functions.triage.trained_model import heads_side_by_side
from training.bank import Labelled, hands_of
from training.linear_heads import BINARY, WIDTHS, probabilities, targets

Array = np.ndarray[Any, Any]
HEARD = ("emergency", "category")
"""The heads that are told anew."""
HELD = 30.0
"""How much it is held to each head's own word: as much as thirty lines speak."""
FOLDS = 5
ROUNDS = 100


def matrix_of(logits: dict[str, Array], bank: Sequence[Labelled], sharpness: dict[str, float]) -> Array:
    """One row for each logit of each head and one for a lean, one column for each label of those told anew."""
    rows, truth = heads_side_by_side(logits).astype(np.float64), targets(bank)
    return np.hstack(
        [_fitted(rows, truth[head], _own(head, sharpness[head]), head in BINARY) for head in HEARD]
    )


def on_hands_left_out(
    logits: dict[str, Array], bank: Sequence[Labelled], sharpness: dict[str, float]
) -> dict[str, Array]:
    """All logits, of those told anew by what was learnt from other hands than the line's own."""
    hands, names = np.array([line.hand for line in bank]), hands_of(bank)
    told = dict(logits)
    ends = np.cumsum([WIDTHS[head] for head in HEARD])[:-1]
    anew = np.zeros((len(bank), sum(WIDTHS[head] for head in HEARD)), np.float32)
    for start in range(FOLDS):
        out = np.isin(hands, names[start::FOLDS])
        known = {head: values[~out] for head, values in logits.items()}
        learnt = matrix_of(known, [line for line, left in zip(bank, out, strict=True) if not left], sharpness)
        anew[out] = heads_side_by_side({head: values[out] for head, values in logits.items()}) @ learnt
    return told | dict(zip(HEARD, np.split(anew, ends, axis=1), strict=True))


def _own(head: str, sharpness: float) -> Array:
    """The head's own word alone, as sharp as it deserves."""
    before = [*WIDTHS]
    first = sum(WIDTHS[name] for name in before[: before.index(head)])
    own = np.zeros((sum(WIDTHS.values()) + 1, WIDTHS[head]))
    own[first : first + WIDTHS[head]] = sharpness * np.eye(WIDTHS[head])
    return own


def _fitted(rows: Array, wanted: Array, own: Array, binary: bool) -> Array:  # noqa: FBT001 - which of two curves
    def loss(flat: Array) -> tuple[float, Array]:
        moved = flat.reshape(own.shape)
        told = np.clip(probabilities(rows @ (own + moved), binary), 1e-9, 1 - 1e-9)
        missed = wanted * np.log(told) + (binary * (1 - wanted) * np.log(1 - told))
        slope = rows.T @ (told - wanted) + HELD * moved
        return float(HELD / 2 * (moved * moved).sum() - missed.sum()), slope.ravel()

    found = minimize(loss, np.zeros(own.size), jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS})
    return np.asarray(own + found.x.reshape(own.shape))
