"""What a catch-up reader is: everything in an account's span of time, as the platform's webhook sends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from contact_desk.errors import ContactDeskError

Delivery = Mapping[str, Any]
TimeLeft = Callable[[], timedelta]


class StopCause(StrEnum):
    """Why a reader stopped before the end: few and fixed, because each is the dimension of a metric."""

    CREDENTIALS = "credentials"
    OUT_OF_TIME = "out_of_time"
    REFUSED = "refused"
    THROTTLED = "throttled"
    UNREACHABLE = "unreachable"


class ReadingStoppedError(ContactDeskError):
    """A reader could not read all; `wait` is how long its platform wants not to be asked again."""

    def __init__(self, cause: StopCause, wait: timedelta | None = None) -> None:
        super().__init__(cause.value)
        self.cause = cause
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Span:
    """A time that is read: after `since`, up to and with `until`."""

    since: datetime
    until: datetime

    def holds(self, moment: datetime | None) -> bool:
        """Whether the moment lies in it."""
        return moment is not None and self.since < moment <= self.until


class Reader(Protocol):
    """One way to read one channel's account.

    `channel` is the force file's name of it, `webhook` the one whose deliveries it writes. `name` is the reader's own,
    under which it is noted how far it has read: a channel may have several.
    """

    @property
    def name(self) -> str:
        """The reader's own name."""
        ...

    @property
    def channel(self) -> str:
        """The channel whose account it reads."""
        ...

    @property
    def webhook(self) -> str:
        """The webhook that should have brought it all."""
        ...

    def read(self, account: str, span: Span, time_left: TimeLeft) -> Iterator[Delivery]:
        """Each thing that people sent in the span, as a delivery of its own, always the same for the same thing.

        Raises ReadingStoppedError where it cannot go on; what it gave until then is good.
        """
        ...
