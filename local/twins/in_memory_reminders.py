"""Reminders in memory."""

from __future__ import annotations

from datetime import datetime, timedelta

from contact_desk.clock import Clock


class InMemoryReminders:
    """Reminders as a list: what to nudge, and when."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.left: list[tuple[datetime, str]] = []

    def remind(self, outbox_id: str, after: timedelta) -> None:
        """Keep the reminder."""
        self.left.append((self._clock.now() + after, outbox_id))

    def take_due(self) -> list[str]:
        """The items to nudge now; they are taken off."""
        due = [outbox_id for at, outbox_id in self.left if at <= self._clock.now()]
        self.left = [(at, outbox_id) for at, outbox_id in self.left if at > self._clock.now()]
        return due
