"""Platforms' requests to delete what the desk has of a person, in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from contact_desk.data_deletions import DeletionRequest
from local.twins.desk_records import DeskRecords


class InMemoryDeletionRequests:
    """The requests over records in memory."""

    def __init__(self, records: DeskRecords) -> None:
        self._records = records

    def take(self, request: DeletionRequest) -> None:
        """Keep a request, once for its code."""
        with self._records.lock:
            self._records.deletions.setdefault(request.code, request)

    def get(self, code: str) -> DeletionRequest | None:
        """The request of a code; None where there is none."""
        with self._records.lock:
            return self._records.deletions.get(code)

    def due(self, before: datetime) -> Iterator[DeletionRequest]:
        """The requests that the sweep should look at by the moment, oldest first."""
        dated = sorted((one.look_at, one.code, one) for one in self.waiting() if one.look_at)
        return (one for at, _, one in dated if at < before)

    def waiting(self) -> Sequence[DeletionRequest]:
        """The requests that nobody has settled, oldest first."""
        with self._records.lock:
            waiting = [one for one in self._records.deletions.values() if one.settled_at is None]
        return sorted(waiting, key=lambda one: (one.asked_at, one.code))

    def look_again(self, code: str, at: datetime | None) -> None:
        """Have the sweep look at it again then, or never by itself."""
        self._change(code, look_at=at)

    def match(self, code: str, names: Sequence[str], at: datetime) -> bool:
        """Say who the person is, and have the sweep look then; False where no such request waits."""
        return self._change(code, matched=True, names=tuple(names), look_at=at)

    def settle(self, code: str, at: datetime) -> None:
        """Close it: who the person is goes."""
        self._change(code, settled_at=at, person=None, names=(), look_at=None)

    def _change(self, code: str, **changes: object) -> bool:
        with self._records.lock:
            request = self._records.deletions.get(code)
            if request is None or request.settled_at is not None:
                return False
            self._records.deletions[code] = replace(request, **changes)  # type: ignore[arg-type]
            return True
