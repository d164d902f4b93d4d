"""Ids in the form of the platforms', new at every run of the day and the same for the same seed and start."""

from __future__ import annotations

import random
import uuid
from datetime import UTC, datetime
from itertools import count


class FreshIds:
    """Names for one run; `seed` and `began` decide every one of them."""

    def __init__(self, seed: int, began: datetime) -> None:
        self._chance = random.Random(f"{seed}:{began.isoformat()}")  # noqa: S311 - ids of a play, not secrets
        self._began_ms = int(began.timestamp() * 1000)
        self._ticks = count()
        self._run = f"{self._began_ms:x}{self._chance.getrandbits(24):06x}"

    def message(self) -> str:
        """The id of a Messenger message."""
        return f"m_{self._run}{next(self._ticks):04x}"

    def person(self) -> str:
        """A page-scoped person id: 16 digits."""
        return self._digits(16)

    def post_number(self) -> str:
        """The last part of a post's id, which is the first part of its comments' ids."""
        return self._digits(15)

    def comment(self, post_number: str) -> str:
        """The id of a comment under a post."""
        return f"{post_number}_{self._digits(15)}"

    def report(self) -> str:
        """The id that the report form makes for a report."""
        return str(uuid.UUID(int=self._chance.getrandbits(128), version=4))

    def x(self) -> str:
        """The id of a post, a message or an event of X's: 19 digits."""
        return self._digits(19)

    def mobile(self) -> str:
        """A mobile number that no network gives out: two digits too long."""
        return f"+44770090{self._digits(6)}"

    def text_message(self) -> str:
        """Twilio's name of a text message."""
        return f"SM{self._chance.getrandbits(128):032x}"

    def now_iso(self) -> str:
        """The start, as X writes moments."""
        return datetime.fromtimestamp(self._began_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")

    def now_ms(self) -> int:
        """A moment shortly after the start, in milliseconds since 1970; later at every call."""
        return self._began_ms + next(self._ticks)

    def now_s(self) -> int:
        """The start in seconds since 1970."""
        return self._began_ms // 1000

    def _digits(self, number: int) -> str:
        return str(self._chance.randrange(10 ** (number - 1), 10**number))
