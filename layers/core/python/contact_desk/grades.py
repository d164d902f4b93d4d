"""How urgent a case is: the four grades, and the three bands of the machine's own reading."""

from __future__ import annotations

from enum import StrEnum


class Grade(StrEnum):
    """The desk's four grades, most urgent first; a force may show its own names for them."""

    EMERGENCY = "emergency"
    PRIORITY = "priority"
    SCHEDULED = "scheduled"
    RESOLVE = "resolve"

    @property
    def rank(self) -> int:
        """0 for the most urgent."""
        return list(Grade).index(self)


class Band(StrEnum):
    """The machine's reading: red is an emergency, amber may be one, green shows no sign of one."""

    RED = "red"
    AMBER = "amber"
    GREEN = "green"

    @property
    def rank(self) -> int:
        """0 for the most urgent."""
        return list(Band).index(self)


def higher_grade(first: Grade, second: Grade) -> Grade:
    """The more urgent of two grades."""
    return min(first, second, key=lambda grade: grade.rank)


def higher_band(first: Band, second: Band) -> Band:
    """The more urgent of two bands."""
    return min(first, second, key=lambda band: band.rank)
