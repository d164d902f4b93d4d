"""Packs py3langid's own model for a quick start: unpacking its archive takes three times as long as reading this."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from py3langid.langid import MODEL_DIR, MODEL_FILE
from py3langid.modelio import load_model

from functions.triage.language import FILE, LETTERS


def pack(folder: Path) -> None:
    """Write it: of each state's moves only those that its first state would not make, and chances by language."""
    chances, priors, languages, moves, rows, features = load_model(MODEL_DIR / MODEL_FILE)
    table = np.asarray(moves, np.uint32).reshape(-1, LETTERS)
    usual = table[rows[0]].copy()
    unusual = table != usual
    np.savez_compressed(
        folder / FILE,
        usual=usual,
        counts=unusual.sum(axis=1).astype(np.uint16),
        letters=np.nonzero(unusual)[1].astype(np.uint8),
        moves=table[unusual],
        rows=np.asarray(rows, np.uint32),
        features=np.asarray(features, np.int32),
        chances=np.ascontiguousarray(chances.T),
        priors=priors,
        languages=np.array(languages),
    )
