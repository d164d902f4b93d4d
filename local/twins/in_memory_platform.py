"""A platform in memory: what people can see of what was sent, and the ways a platform goes wrong."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from contact_desk.clock import Clock
from contact_desk.outbox import OutboxItem
from functions.notify.platform_answers import (
    Absent,
    CredentialsRefused,
    Found,
    LookUpAnswer,
    RetryLater,
    SendAnswer,
    Sent,
)


@dataclass(frozen=True, slots=True)
class Visible:
    """Something that people can see."""

    platform_id: str
    outbox_id: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Mishap:
    """How one call goes: whether the words become visible, what is answered, and what happens meanwhile."""

    answer: SendAnswer
    takes_effect: bool = False
    meanwhile: Callable[[], None] | None = None


class InMemoryPlatform:
    """A sender of any kind of item.

    `mishaps` befall the next sends in order, `blind` answers the next look-ups, `unready` the next preparations.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.visible: list[Visible] = []
        self.mishaps: deque[Mishap] = deque()
        self.blind: deque[LookUpAnswer] = deque()
        self.unready: deque[RetryLater | CredentialsRefused] = deque()
        self.sends = 0
        self.look_ups = 0

    def prepare(self, item: OutboxItem) -> RetryLater | CredentialsRefused | None:  # noqa: ARG002 one for all
        """What was planned for the account, nothing unless planned."""
        return self.unready.popleft() if self.unready else None

    def send(self, item: OutboxItem, *, within: timedelta) -> SendAnswer:
        """Make the item's words visible, unless a mishap befalls the call."""
        self._take(within)
        self.sends += 1
        mishap = self.mishaps.popleft() if self.mishaps else None
        if mishap and mishap.meanwhile:
            mishap.meanwhile()
        if mishap and not mishap.takes_effect:
            return mishap.answer
        shown = Visible(f"native-{self.sends}", item.outbox_id, item.text, self._clock.now())
        self.visible.append(shown)
        return mishap.answer if mishap else Sent(shown.platform_id)

    def look_up(self, item: OutboxItem, *, within: timedelta) -> LookUpAnswer:
        """Whether the item's words are visible."""
        self._take(within)
        self.look_ups += 1
        if self.blind:
            return self.blind.popleft()
        shown = [seen.platform_id for seen in self.visible if seen.outbox_id == item.outbox_id]
        return Found(shown[0]) if shown else Absent()

    def _take(self, within: timedelta) -> None:
        if within <= timedelta(0):
            raise ValueError("a call must be given some time")
