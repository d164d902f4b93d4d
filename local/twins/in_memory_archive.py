"""The archive and the evidence store in memory."""

from __future__ import annotations

from collections.abc import Iterator

from contact_desk.clock import Clock
from contact_desk.errors import ArchiveBusyError
from contact_desk.stores.archive import StoredBody, StoredDelivery


class InMemoryArchive:
    """The archive, written and read; a test may make it `busy`."""

    def __init__(self, clock: Clock) -> None:
        self.deliveries: dict[str, StoredBody] = {}
        self.busy = False
        self._clock = clock

    def put(self, key: str, body: bytes) -> None:
        """Keep the body under its key, once; raises ArchiveBusyError while it is busy."""
        self._answer()
        self.deliveries.setdefault(key, StoredBody(key, self._clock.now(), body))

    def get(self, key: str) -> StoredBody | None:
        """The delivery with its body, or None where there is no such object."""
        self._answer()
        return self.deliveries.get(key)

    def keys(self, prefix: str) -> Iterator[StoredDelivery]:
        """The objects whose key starts with the prefix, in the order of their keys."""
        self._answer()
        for key in sorted(self.deliveries):
            if key.startswith(prefix):
                yield StoredDelivery(key, self.deliveries[key].stored_at)

    def _answer(self) -> None:
        if self.busy:
            raise ArchiveBusyError("the archive in memory was told to be busy")


class InMemoryEvidence:
    """The evidence store; a test may make it `busy`."""

    def __init__(self) -> None:
        self.events: dict[str, str] = {}
        self.busy = False

    def put(self, key: str, body: str) -> None:
        """Keep the text under its key, once; raises ArchiveBusyError while it is busy."""
        if self.busy:
            raise ArchiveBusyError("the evidence store in memory was told to be busy")
        self.events.setdefault(key, body)
