"""Figures of a reading against the labels: shares with their intervals, and scores cut at a rate of false alarms."""

from __future__ import annotations

import math
from collections.abc import Sequence

GRADES = ("emergency", "priority", "scheduled", "resolve")
Z95 = 1.959964


def share(counted: Sequence[bool]) -> float:
    """The share of what holds; 0 of nothing."""
    return sum(counted) / len(counted) if counted else 0.0


def interval(found: int, of: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    if not of:
        return 0.0, 1.0
    rate, square = found / of, Z95**2
    middle = (rate + square / (2 * of)) / (1 + square / of)
    reach = Z95 * math.sqrt(rate * (1 - rate) / of + square / (4 * of**2)) / (1 + square / of)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def threshold_at(scores: Sequence[float], truth: Sequence[bool], false_alarms: float) -> float:
    """The lowest score from which at most this share of what is no emergency would be raised."""
    calm = sorted(
        (score for score, emergency in zip(scores, truth, strict=True) if not emergency), reverse=True
    )
    allowed = int(false_alarms * len(calm))
    return calm[allowed] + 1e-9 if allowed < len(calm) else 0.0


def recall_at(scores: Sequence[float], truth: Sequence[bool], false_alarms: float) -> float:
    """The share of emergencies raised where at most this share of the others is."""
    threshold = threshold_at(scores, truth, false_alarms)
    return share([score >= threshold for score, emergency in zip(scores, truth, strict=True) if emergency])


def macro_f1(told: Sequence[str | None], truth: Sequence[str]) -> tuple[float, dict[str, float]]:
    """The mean over the labels that occur of their F1, and each of them."""
    each = {}
    for label in sorted(set(truth)):
        hits = sum(mine == label == theirs for mine, theirs in zip(told, truth, strict=True))
        said = sum(mine == label for mine in told)
        each[label] = 2 * hits / (said + sum(theirs == label for theirs in truth)) if hits else 0.0
    return (sum(each.values()) / len(each) if each else 0.0), each


def grade_figures(told: Sequence[str], truth: Sequence[str]) -> dict[str, float]:
    """Accuracy, the share graded below its label, and below by two or more."""
    below = [GRADES.index(mine) - GRADES.index(theirs) for mine, theirs in zip(told, truth, strict=True)]
    return {
        "accuracy": share([distance == 0 for distance in below]),
        "under": share([distance > 0 for distance in below]),
        "under_by_two": share([distance > 1 for distance in below]),
    }


def folded_at(scores: Sequence[float], significant: Sequence[bool], lost: float) -> float:
    """The share of chatter folded where at most this share of significant messages is; scores say how significant."""
    kept = sorted(score for score, matters in zip(scores, significant, strict=True) if matters)
    threshold = kept[int(lost * len(kept))] if kept else 0.0
    return share(
        [score < threshold for score, matters in zip(scores, significant, strict=True) if not matters]
    )
