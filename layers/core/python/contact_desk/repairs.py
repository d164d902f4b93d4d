"""What sweep finds between two steps of the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ExpiredClaim:
    """A claim whose lease ran out; `token` tells it from a later claim of the same case."""

    case_id: str
    token: str
    name: str
    until: datetime


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message on a dead-letter queue; `rounds` counts how often it was redriven before."""

    message_id: str
    body: str
    rounds: int
    receipt_handle: str


@dataclass(frozen=True, slots=True)
class QuarantinedMessage:
    """A message that three rounds could not save, kept whole until a person has dealt with it."""

    queue: str
    message_id: str
    body: str
    quarantined_at: datetime
