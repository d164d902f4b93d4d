"""Parking and holds in memory."""

from __future__ import annotations

from datetime import datetime

from contact_desk.archive_keys import parking_key
from contact_desk.stores.parking import slots_for


class InMemoryParking:
    """What was parked, by its key; a test may make it `busy`."""

    def __init__(self) -> None:
        self.parked: dict[str, bytes] = {}
        self.busy = False

    def park(self, channel: str, parked: bytes, *, at: datetime, slots: int, tries: int) -> bool:
        """Keep one delivery; False where this minute's slots are taken."""
        for slot in slots_for(parked, slots, tries):
            key = parking_key(channel, slot, at)
            if not self.busy and key not in self.parked:
                self.parked[key] = parked
                return True
        return False


class InMemoryHolds:
    """Which webhooks are on hold."""

    def __init__(self) -> None:
        self.held: set[str] = set()

    def on_hold(self, channel: str) -> bool:
        """Whether the webhook is on hold."""
        return channel in self.held
