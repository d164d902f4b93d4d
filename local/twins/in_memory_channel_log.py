"""The channel log in memory."""

from __future__ import annotations

from datetime import datetime

from contact_desk.errors import StoreBusyError


class InMemoryChannelLog:
    """When each channel account was last heard of; a test may make it `busy`."""

    def __init__(self) -> None:
        self.moments: dict[tuple[str, str], datetime] = {}
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
