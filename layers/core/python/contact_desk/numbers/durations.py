"""How long things took, counted in classes, so that any number of hours can be put together and asked for a percentile.

A class is a tenth wider than the one before it: whatever is read back from the classes is right to within 5 per cent.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta

GROWTH = 1.1
LAST_CLASS = 175
"""The class of everything from 200 days on."""


def duration_class(took: timedelta) -> int:
    """The class of a duration: 0 up to one second, then each a tenth wider."""
    seconds = took.total_seconds()
    if seconds <= 1:
        return 0
    # Rounded, so that a duration on the border of two classes is always in the lower one.
    return min(math.ceil(round(math.log(seconds, GROWTH), 9)), LAST_CLASS)


def typical(duration: int) -> timedelta:
    """The middle of a class."""
    return timedelta(seconds=1.0 if duration == 0 else GROWTH ** (duration - 0.5))


def percentile(counts: Mapping[int, int], share: float) -> timedelta | None:
    """The nearest-rank percentile of durations counted by class, to within 5 per cent; None of none."""
    total = sum(counts.values())
    if total == 0:
        return None
    rank, passed = math.ceil(share * total), 0
    for duration in sorted(counts):
        passed += counts[duration]
        if passed >= rank:
            return typical(duration)
    raise AssertionError("the classes hold every rank")
