"""The backlog: how many cases wait for an answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waiting:
    """The open cases, and how many of them should have been answered by now."""

    cases: int
    overdue: int


@dataclass(frozen=True, slots=True)
class UnseenCase:
    """A case that no operator has acted on."""

    case_id: str
    reference: str
