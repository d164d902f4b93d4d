"""From the bank to the model: the table, the heads, their chances on hands left out, thresholds, and what ships."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from functions.triage import likeness_model, ngram_model
from functions.triage.meanings import lexicon
from functions.triage.trained_model import FACTS, TOGETHER, Thresholds, danger_of
from training import figures
from training.bank import CATEGORIES, GRADES, Labelled, hands_of
from training.encoder_weights import eight_bits
from training.linear_heads import (
    BIAS,
    BINARY,
    WEIGH,
    WIDTHS,
    Table,
    alike,
    buckets,
    fitted,
    logits_of,
    probabilities,
    rarity,
    table_of,
    targets,
    weighed,
)
from training.sentences import Landmarks, landmarks_of, means_of, standard_of

Array = np.ndarray[Any, Any]
GROUPS = 6
"""Groups of hands that are left out together where leaving out each by itself would take too long."""
LETS_LOSE = 0.005
TOO_LOW = 0.028
"""What share of grades may be too low by two on hands left out."""
POSSIBLE = 1.6
"""How many times the false alarms of amber a cue may have that needs the model."""


@dataclass(frozen=True, slots=True)
class Material:
    """The bank, what both halves of the model see of it, and the table of how alike its lines are."""

    bank: Sequence[Labelled]
    seen: dict[str, Any]
    rows: Any
    vectors: Array
    means: Array
    landmarks: Landmarks
    worded: Array
    table: Table
    truth: dict[str, Array]

    @property
    def hands(self) -> Array:
        """Whose each line is."""
        return np.array([line.hand for line in self.bank])


def material(bank: Sequence[Labelled], model_folder: Path) -> Material:
    """Work out the table; the longest part is the encoder's, which is kept on disk."""
    heard = [lexicon().hear(line.text) for line in bank]
    seen = buckets([(one, line.surface) for one, line in zip(heard, bank, strict=True)])
    means = means_of([one.in_english for one in heard], model_folder)
    vectors = standard_of(means).vector(means)
    landmarks = landmarks_of(vectors)
    likenesses = landmarks.features(vectors)
    rows = weighed(seen)
    worded = alike(rows)
    table = table_of(worded + likenesses @ likenesses.T)
    return Material(bank, seen, rows, vectors, means, landmarks, worded, table, targets(bank))


NEAR_WORDS, NEAR_SENSE = 0.3, 0.85
"""From how much in common on a line is near to another: of its weighed buckets, or of its vector's cosine."""


def near(made: Material, out: Array) -> Array:
    """Marks the lines that are near to one of those left out: hands of one time and place share jokes and pretexts."""
    words = made.worded[:, out].max(axis=1) / sum(loud**2 for loud in WEIGH.values())
    sense = (made.vectors @ made.vectors[out].T).max(axis=1)
    marks: Array = (words >= NEAR_WORDS) | (sense >= NEAR_SENSE)
    return marks


def left_out(
    made: Material, groups: Sequence[Sequence[str]], heads: Sequence[str], *, strictly: bool = False
) -> dict[str, Array]:
    """The logits of each line by heads that have never heard its hand; of emergencies as two heads tell them together.

    `strictly` nothing is learnt from that is near to any line left out.
    """
    told = {head: np.zeros((len(made.bank), WIDTHS[head]), np.float32) for head in heads}
    truth = {head: made.truth[head] for head in heads}
    for group in groups:
        out = np.isin(made.hands, group)
        spoken = fitted(made.table, truth, near(made, out) | out if strictly else out)
        for head, logits in logits_of(made.table.alike[out], spoken).items():
            told[head][out] = logits
    return told | {"emergency": danger_of(told["emergency"], told["grade"])}


def each_left_out(made: Material) -> dict[str, Array]:
    """Every hand left out by itself."""
    return left_out(made, [[name] for name in hands_of(made.bank)], [*WIDTHS])


def sharpness_of(logits: dict[str, Array], truth: dict[str, Array]) -> dict[str, float]:
    """By how much each head's logits are to be stretched so that its chances are honest on hands left out."""
    return {head: _sharpness(head, logits[head], truth[head]) for head in logits}


def _sharpness(head: str, logits: Array, wanted: Array) -> float:
    def loss(stretch: float) -> float:
        told = np.clip(probabilities(stretch * logits, head in BINARY), 1e-6, 1 - 1e-6)
        if head in BINARY:
            return float(-np.mean(wanted * np.log(told) + (1 - wanted) * np.log(1 - told)))
        return float(-np.mean(np.log(told[wanted > 0])))

    return float(min(np.arange(0.3, 4.05, 0.05).round(2), key=loss))


def grade_leans_of(logits: Array, sharpness: float, bank: Sequence[Labelled]) -> list[float]:
    """What is added to the grades' logits before the likeliest is taken: hardly any too low by two, most right."""
    stretched = sharpness * logits
    truth = np.array([GRADES.index(line.grade) for line in bank])
    best, chosen = -1.0, [0.0] * len(GRADES)
    for lean in itertools.product(np.arange(-0.4, 2.01, 0.1).round(1).tolist(), repeat=3):
        told = (stretched + np.array([*lean, 0.0], np.float32)).argmax(axis=1)
        right, low = float((told == truth).mean()), float((told - truth > 1).mean())
        if low <= TOO_LOW and right > best:
            best, chosen = right, [*lean, 0.0]
    return chosen


def chances(
    logits: dict[str, Array], sharpness: dict[str, float], grade_leans: Sequence[float]
) -> dict[str, Array]:
    """The heads' chances."""
    told = {head: sharpness[head] * values for head, values in logits.items()}
    told["grade"] = told["grade"] + np.array(grade_leans, np.float32)
    return {head: probabilities(values, head in BINARY) for head, values in told.items()}


def thresholds(bank: Sequence[Labelled], told: dict[str, Array], red: float, amber: float) -> Thresholds:
    """From the chances on hands left out: red and amber at these shares of false alarms."""
    danger = told["emergency"][:, 0].tolist()
    truth = [line.emergency for line in bank]
    kept = sorted(
        chance
        for chance, line in zip(told["significant"][:, 0].tolist(), bank, strict=True)
        if line.significant
    )
    return Thresholds(
        red=round(figures.threshold_at(danger, truth, red), 4),
        amber=round(figures.threshold_at(danger, truth, amber), 4),
        possible=round(figures.threshold_at(danger, truth, POSSIBLE * amber), 4),
        folded=round(kept[int(LETS_LOSE * len(kept))], 4),
        category=0.7,
        categories=0.35,
    )


def write(
    made: Material,
    folder: Path,
    *,
    sharpness: dict[str, float],
    grade_leans: Sequence[float],
    cut: Thresholds,
    together: Array,
) -> str:
    """Train on the whole bank and write what ships; gives the model's version."""
    np.savez(folder / TOGETHER, together=together.astype(np.float32))
    spoken = fitted(made.table, made.truth)
    weights = np.hstack([spoken[head] for head in WIDTHS])
    _write_ngrams(made, weights, folder)
    _write_likeness(made, weights, folder)
    return _write_facts(made.bank, folder, sharpness, grade_leans, cut)


def _write_facts(
    bank: Sequence[Labelled],
    folder: Path,
    sharpness: dict[str, float],
    grade_leans: Sequence[float],
    cut: Thresholds,
) -> str:
    facts = {
        "thresholds": asdict(cut),
        "sharpness": sharpness,
        "grade_leans": list(grade_leans),
        "labels": {"grade": GRADES, "category": CATEGORIES},
        "bank": {"lines": len(bank), "hands": len(hands_of(bank))},
    }
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    for path in sorted(folder.iterdir()):
        if path.name != FACTS:
            digest.update(path.read_bytes())
    version = f"model-{digest.hexdigest()[:12]}"
    (folder / FACTS).write_text(json.dumps({"version": version, **facts}, indent=1) + "\n", encoding="utf-8")
    return version


def _write_ngrams(made: Material, spoken: Array, folder: Path) -> None:
    counts = np.concatenate([rarity(rows) for rows in made.seen.values()])
    used = np.flatnonzero(counts)
    small, scale = eight_bits(np.asarray(made.rows.T @ spoken)[used].T)
    np.savez(
        folder / ngram_model.FILE,
        buckets=used.astype(np.uint32),
        rarity=counts[used].astype(np.float16),
        weights=np.ascontiguousarray(small.T),
        scale=scale,
        bias=BIAS * spoken.sum(axis=0),
        heads=np.array(list(WIDTHS)),
        widths=np.array(list(WIDTHS.values())),
        weigh=np.array(list(WEIGH.values()), np.float32),
    )


def _write_likeness(made: Material, spoken: Array, folder: Path) -> None:
    standard = standard_of(made.means)
    remembered, scale = eight_bits(made.landmarks.vectors)
    np.savez(
        folder / likeness_model.FILE,
        middle=standard.middle,
        spread=standard.spread,
        remembered=remembered,
        scale=scale,
        weights=made.landmarks.weights(made.landmarks.features(made.vectors), spoken),
        heads=np.array(list(WIDTHS)),
        widths=np.array(list(WIDTHS.values())),
    )
