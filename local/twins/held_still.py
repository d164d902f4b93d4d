"""Time and names that stand still until a test moves them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from contact_desk.clock import encode_ulid

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


class FrozenClock:
    """A clock that moves only when told to."""

    def __init__(self, at: datetime = NOON) -> None:
        """Start at a moment; noon of 2 November 2026 unless told otherwise."""
        self.at = at

    def now(self) -> datetime:
        """The moment it was set to."""
        return self.at

    def advance(self, **by: float) -> None:
        """Move on by a timedelta's keywords: `advance(minutes=3)`."""
        self.at += timedelta(**by)


class CountedIds:
    """Names in order: the first, the second, the third."""

    def __init__(self) -> None:
        """Start before the first name."""
        self.made = 0

    def ulid(self, at: datetime) -> str:
        """A ULID whose chance is the count."""
        self.made += 1
        return encode_ulid(at, self.made)

    def token(self) -> str:
        """The count as 32 hexadecimal characters."""
        self.made += 1
        return f"{self.made:032x}"
