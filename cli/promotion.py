"""Whether a candidate may take the first reader's place: rules of promotion, each a refusal with its figures. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cli.labelled import Scored

MOST_FALSE_ALARMS_MORE = 0.01
MOST_CALIBRATION_ERROR = 0.08
BINS = 10
NAMED = 10


def refusals(
    shipped: Sequence[Scored],
    candidate: Sequence[Scored],
    *,
    never_again: Sequence[Scored],
    lost_in_shadow: Sequence[str] = (),
) -> list[str]:
    """Why the candidate may not be promoted; empty where it may.

    `shipped` and `candidate` read the same lines, `never_again` is what the candidate makes of the misses that must
    pass, `lost_in_shadow` names emergencies that it would have missed among live decisions.
    """
    told: list[str] = []
    lost = [
        old.line.id
        for old, new in zip(shipped, candidate, strict=True)
        if old.line.emergency and old.raised and not new.raised
    ]
    if lost:
        told.append(f"emergencies that are caught today are lost: {_named(lost)}")
    if lost_in_shadow:
        told.append(f"emergencies of the live desk would be lost: {_named(lost_in_shadow)}")
    if again := [one.line.id for one in never_again if one.line.emergency and not one.raised]:
        told.append(f"missed again: {_named(again)}")
    told += _lower_recall(shipped, candidate)
    before, after = under_graded(shipped), under_graded(candidate)
    if after > before:
        told.append(f"more is graded too low: {after:.1%}, today {before:.1%}")
    before, after = false_alarms(shipped), false_alarms(candidate)
    if after - before > MOST_FALSE_ALARMS_MORE + 1e-9:
        told.append(f"false alarms rise by more than a point: {after:.1%}, today {before:.1%}")
    return told + _badly_calibrated(candidate)


def _lower_recall(shipped: Sequence[Scored], candidate: Sequence[Scored]) -> list[str]:
    """Overall and in each slice of its own."""
    told = []
    for name in ("overall", *sorted({name for one in shipped for name in one.line.slices})):
        before, after = (
            recall(one for one in scored if name in {"overall", *one.line.slices})
            for scored in (shipped, candidate)
        )
        if after < before:
            told.append(f"recall is lower, {name}: {after:.1%}, today {before:.1%}")
    return told


def _badly_calibrated(candidate: Sequence[Scored]) -> list[str]:
    if any(one.chance is None for one in candidate):
        return ["calibration cannot be judged: the candidate gives no chances"]
    error = calibration_error(candidate)
    if error > MOST_CALIBRATION_ERROR:
        return [f"its chances are off by {error:.3f}, at most {MOST_CALIBRATION_ERROR} is allowed"]
    return []


def recall(scored: Iterable[Scored]) -> float:
    """The share of emergencies raised; 1 where there are none."""
    raised = [one.raised for one in scored if one.line.emergency]
    return sum(raised) / len(raised) if raised else 1.0


def false_alarms(scored: Iterable[Scored]) -> float:
    """The share raised of what is no emergency."""
    raised = [one.raised for one in scored if not one.line.emergency]
    return sum(raised) / len(raised) if raised else 0.0


def under_graded(scored: Sequence[Scored]) -> float:
    """The share graded below its label."""
    below = [one.decision.grade.rank > one.line.grade.rank for one in scored]
    return sum(below) / len(below) if below else 0.0


def calibration_error(scored: Sequence[Scored]) -> float:
    """The expected error of the chances of an emergency, over ten bins of equal width; those without one count none."""
    known = [(one.chance, one.line.emergency) for one in scored if one.chance is not None]
    bins: dict[int, list[tuple[float, bool]]] = {}
    for chance, emergency in known:
        bins.setdefault(min(BINS - 1, int(chance * BINS)), []).append((chance, emergency))
    off = sum(
        abs(sum(chance for chance, _ in each) - sum(emergency for _, emergency in each))
        for each in bins.values()
    )
    return off / len(known) if known else 0.0


def _named(ids: Sequence[str]) -> str:
    rest = f" and {len(ids) - NAMED} more" if len(ids) > NAMED else ""
    return ", ".join(ids[:NAMED]) + rest
