"""The figures that steer the work: trained on all hands but one, scored on that one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from functions.triage.trained_model import danger_of
from training import figures
from training.bank import CATEGORIES, GRADES, Labelled, hands_of
from training.learnt import GROUPS, Material, left_out, near
from training.linear_heads import BIAS, fitted, logits_of, table_of

Array = np.ndarray[Any, Any]
ALLOWED = 0.10
DANGER = ("emergency", "grade")


def per_hand(bank: Sequence[Labelled], danger: Sequence[float]) -> dict[str, dict[str, float]]:
    """For each hand: recall and false alarms at the threshold that the other hands set, and recall at its own."""
    told = {}
    for hand in hands_of(bank):
        mine = [
            (score, line.emergency) for score, line in zip(danger, bank, strict=True) if line.hand == hand
        ]
        others = [
            (score, line.emergency) for score, line in zip(danger, bank, strict=True) if line.hand != hand
        ]
        threshold = figures.threshold_at([one[0] for one in others], [one[1] for one in others], ALLOWED)
        told[hand] = {
            "lines": len(mine),
            "recall": figures.share([score >= threshold for score, emergency in mine if emergency]),
            "false_alarms": figures.share([score >= threshold for score, emergency in mine if not emergency]),
            "recall_at_own": figures.recall_at([one[0] for one in mine], [one[1] for one in mine], ALLOWED),
        }
    return told


def summary(bank: Sequence[Labelled], told: dict[str, Array]) -> dict[str, Any]:
    """All figures of one reading of the bank by hands left out."""
    danger = told["emergency"][:, 0].tolist()
    hands = per_hand(bank, danger)
    recalls = [hand["recall"] for hand in hands.values()]
    grades = [GRADES[place] for place in told["grade"].argmax(axis=1)]
    categories = [CATEGORIES[place] for place in told["category"].argmax(axis=1)]
    best = np.argsort(-told["category"], axis=1)[:, :3]
    truth = [line.category for line in bank]
    return {
        "emergency": {
            "recall_mean": float(np.mean(recalls)),
            "recall_worst": min(recalls),
            "false_alarms_mean": float(np.mean([hand["false_alarms"] for hand in hands.values()])),
            "false_alarms_worst": max(hand["false_alarms"] for hand in hands.values()),
            "recall_at_own_mean": float(np.mean([hand["recall_at_own"] for hand in hands.values()])),
            "recall_at_own_worst": min(hand["recall_at_own"] for hand in hands.values()),
            "recall_pooled": figures.recall_at(danger, [line.emergency for line in bank], ALLOWED),
        },
        "category": {
            "macro_f1": figures.macro_f1(categories, truth)[0],
            "macro_f1_mean_of_hands": float(np.mean(by_hand(bank, categories))),
            "top3": figures.share(
                [
                    line.category in {CATEGORIES[place] for place in row}
                    for line, row in zip(bank, best, strict=True)
                ]
            ),
        },
        "grade": figures.grade_figures(grades, [line.grade for line in bank]),
        "chatter_folded": figures.folded_at(
            told["significant"][:, 0].tolist(), [line.significant for line in bank], 0.005
        ),
        "languages": by_language(bank, danger),
        "hands": hands,
    }


def by_hand(bank: Sequence[Labelled], categories: Sequence[str]) -> list[float]:
    """Each hand's own macro-F1, over the categories that it wrote of."""
    told = []
    for hand in hands_of(bank):
        own = [
            (mine, line.category) for mine, line in zip(categories, bank, strict=True) if line.hand == hand
        ]
        told.append(figures.macro_f1([one[0] for one in own], [one[1] for one in own])[0])
    return told


def curve(made: Material, steps: Sequence[int]) -> list[dict[str, float]]:
    """Recall on hands left out, learnt from so many others: all their lines, and half of them."""
    names, told = hands_of(made.bank), []
    half = np.arange(len(made.bank)) % 2 == 0
    most = len(names) - -(-len(names) // GROUPS)
    for hands in [step for step in steps if step < most] + [most]:
        for share, lines in ((0.5, half), (1.0, half | ~half)):
            scores = np.zeros(len(made.bank))
            for start in range(GROUPS):
                out = names[start::GROUPS]
                learnt = [name for name in (*names[start:], *names[:start]) if name not in out][:hands]
                marks = np.isin(made.hands, out)
                scores[marks] = _danger(made, lines & np.isin(made.hands, learnt))[marks]
            recalls = [hand["recall_at_own"] for hand in per_hand(made.bank, scores.tolist()).values()]
            told.append(
                {"hands": hands, "share_of_lines": share, "recall": round(float(np.mean(recalls)), 3)}
            )
    return told


def _danger(made: Material, known: Array) -> Array:
    """The logits of all lines by heads that learnt from those marked: few are solved anew."""
    truth = {head: made.truth[head] for head in DANGER}
    if 2 * known.sum() > len(known):
        told = logits_of(made.table.alike, fitted(made.table, truth, ~known))
    else:
        places = np.flatnonzero(known)
        table = table_of(made.table.alike[np.ix_(places, places)] - BIAS)
        spoken = fitted(table, {head: wanted[known] for head, wanted in truth.items()})
        told = logits_of(made.table.alike[:, places], spoken)
    return danger_of(told["emergency"], told["grade"])[:, 0]


def strictly(made: Material) -> dict[str, float]:
    """Recall with groups of hands left out, and with them every line of the others that is near to one of theirs."""
    names = hands_of(made.bank)
    groups = [names[start::GROUPS] for start in range(GROUPS)]
    scores = left_out(made, groups, DANGER, strictly=True)["emergency"][:, 0]
    hands = per_hand(made.bank, scores.tolist()).values()
    kept = [1 - float(near(made, np.isin(made.hands, group)).mean()) for group in groups]
    return {
        "recall_mean": float(np.mean([hand["recall"] for hand in hands])),
        "recall_worst": min(hand["recall"] for hand in hands),
        "recall_at_own_mean": float(np.mean([hand["recall_at_own"] for hand in hands])),
        "lines_learnt_from": float(np.mean(kept)),
    }


def by_language(bank: Sequence[Labelled], danger: Sequence[float]) -> dict[str, dict[str, float]]:
    """Recall and false alarms at one threshold for all, of English and of all else."""
    threshold = figures.threshold_at(danger, [line.emergency for line in bank], ALLOWED)
    told = {}
    for name, english in (("English", True), ("other languages", False)):
        marked = [
            (score >= threshold, line.emergency)
            for score, line in zip(danger, bank, strict=True)
            if (line.lang == "en") is english
        ]
        told[name] = {
            "emergencies": sum(emergency for _, emergency in marked),
            "recall": figures.share([raised for raised, emergency in marked if emergency]),
            "false_alarms": figures.share([raised for raised, emergency in marked if not emergency]),
        }
    return told


def table(told: dict[str, Any]) -> str:
    """The figures as lines of text."""
    one = told["left_out"]
    danger, grade = one["emergency"], one["grade"]
    lines = [
        (
            f"recall at 10 %: mean {danger['recall_mean']:.3f}, worst hand {danger['recall_worst']:.3f} "
            f"(false alarms {danger['false_alarms_mean']:.3f}, worst {danger['false_alarms_worst']:.3f}); "
            f"at each hand's own threshold {danger['recall_at_own_mean']:.3f}, "
            f"worst {danger['recall_at_own_worst']:.3f}; "
            f"category {one['category']['macro_f1']:.3f} "
            f"(mean of hands {one['category']['macro_f1_mean_of_hands']:.3f}), "
            f"top three {one['category']['top3']:.3f}; "
            f"grade {grade['accuracy']:.3f}, under by two {grade['under_by_two']:.3f}; "
            f"chatter folded {one['chatter_folded']:.3f}"
        )
    ]
    lines += [
        f"{name}: {found['emergencies']} emergencies, recall {found['recall']:.3f}, "
        f"false alarms {found['false_alarms']:.3f}"
        for name, found in one["languages"].items()
    ]
    strict = told["strictly"]
    lines.append(
        f"strictly   recall at 10 %: mean {strict['recall_mean']:.3f}, worst hand {strict['recall_worst']:.3f} "
        f"(groups of hands left out, and of the rest all that is near to them: {strict['lines_learnt_from']:.0%} stay)"
    )
    for name, hand in one["hands"].items():
        lines.append(
            f"  {name}  {hand['lines']:4.0f} lines  recall {hand['recall']:.3f}  "
            f"false alarms {hand['false_alarms']:.3f}  recall at its own 10 % {hand['recall_at_own']:.3f}"
        )
    return "\n".join(lines)
