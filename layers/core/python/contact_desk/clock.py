"""Time and fresh names: the two sources of chance, kept where a test can hold them still."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Protocol

CROCKFORD_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ULID_LETTERS = frozenset(CROCKFORD_BASE32)
ULID_CHARACTERS = 26
LATEST_MILLISECONDS = 32_503_680_000_000
"""The year 3000: what a text claims beyond it is no ULID of ours."""


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class Ids(Protocol):
    """Makes names that nothing else has."""

    def ulid(self, at: datetime) -> str:
        """A 26-character ULID whose first ten characters sort by `at`."""
        ...

    def token(self) -> str:
        """32 hexadecimal characters that nobody can guess."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)


class RandomIds:
    """Names from the operating system's source of chance."""

    def ulid(self, at: datetime) -> str:
        """A 26-character ULID whose first ten characters sort by `at`."""
        return encode_ulid(at, secrets.randbits(80))

    def token(self) -> str:
        """32 hexadecimal characters that nobody can guess."""
        return secrets.token_hex(16)


def encode_ulid(at: datetime, chance: int) -> str:
    """A ULID of the moment `at` (48 bits of milliseconds) and 80 bits of chance."""
    number = (int(at.timestamp() * 1000) << 80) | chance
    return "".join(CROCKFORD_BASE32[(number >> shift) & 31] for shift in range(125, -1, -5))


def moment_of_ulid(ulid: str) -> datetime | None:
    """The moment that a ULID was made for, to the millisecond; None where the text is no ULID."""
    if len(ulid) != ULID_CHARACTERS or not ULID_LETTERS.issuperset(ulid):
        return None
    milliseconds = 0
    for letter in ulid[:10]:
        milliseconds = milliseconds << 5 | CROCKFORD_BASE32.index(letter)
    return None if milliseconds > LATEST_MILLISECONDS else datetime.fromtimestamp(milliseconds / 1000, UTC)


def to_rfc3339(moment: datetime) -> str:
    """The moment in UTC with milliseconds and `Z`: the only way the desk writes a time."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def from_rfc3339(text: str) -> datetime:
    """The moment that `to_rfc3339` wrote; raises ValueError for anything that is not an aware time."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment.astimezone(UTC)
