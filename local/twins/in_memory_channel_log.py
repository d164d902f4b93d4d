"""The channel log in memory."""

from __future__ import annotations

from datetime import datetime

from contact_desk.canaries import CanarySeen
from contact_desk.contacts import Contact
from contact_desk.errors import StoreBusyError


class InMemoryChannelLog:
    """When each channel account was last heard of; a test may make it `busy`."""

    def __init__(self) -> None:
        self.moments: dict[tuple[str, str], datetime] = {}
        self.canaries: dict[tuple[str, str], CanarySeen] = {}
        self.closed: set[str] = set()
        self.notes = 0
        self.busy = False

    def heard(self, channel: str, account: str, at: datetime) -> None:
        """Note a contact; an earlier one than is known changes nothing."""
        if self.busy:
            raise StoreBusyError("the channel log in memory was told to be busy")
        self.notes += 1
        self.moments[channel, account] = max(at, self.moments.get((channel, account), at))

    def last_heard(self, channel: str, account: str) -> datetime | None:
        """The moment of the last one; None where there never was one."""
        return self.moments.get((channel, account))

    def canary_seen(self, canary: Contact, at: datetime) -> None:
        """Note that triage had the account's canary, and close its delivery."""
        if self.busy:
            raise StoreBusyError("the channel log in memory was told to be busy")
        seen = CanarySeen(canary.native_id, canary.received_at, at)
        last = self.canaries.get((canary.channel, canary.account))
        if last is None or last.received_at <= seen.received_at:
            self.canaries[canary.channel, canary.account] = seen
        if canary.last:
            self.closed.add(canary.archive_key)

    def last_canary(self, channel: str, account: str) -> CanarySeen | None:
        """The last canary that triage had; None where there never was one."""
        return self.canaries.get((channel, account))
