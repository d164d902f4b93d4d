"""What a look found, and what to do next, as a command that can be pasted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How it stands; `unknown` is what could not be looked at, or cannot be told yet."""

    WELL = "well"
    FAULT = "fault"
    UNKNOWN = "unknown"


SIGNS = {State.WELL: "ok     ", State.FAULT: "FAULT  ", State.UNKNOWN: "unknown"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what (`signposts`), how it stands, what was found, and the next step."""

    about: str
    state: State
    found: str
    next_step: str | None = None


def well(about: str, found: str) -> Finding:
    """Nothing need be done."""
    return Finding(about, State.WELL, found)


def fault(about: str, found: str, next_step: str) -> Finding:
    """Something must be done."""
    return Finding(about, State.FAULT, found, next_step)


def unknown(about: str, found: str, next_step: str | None = None) -> Finding:
    """It could not be looked at, or cannot be told yet."""
    return Finding(about, State.UNKNOWN, found, next_step)
