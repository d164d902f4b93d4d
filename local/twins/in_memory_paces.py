"""The paces of accounts in memory."""

from __future__ import annotations

from functions.notify.paces import Pace
from local.twins.desk_records import DeskRecords


class InMemoryPaces:
    """Paces over records in memory."""

    def __init__(self, records: DeskRecords) -> None:
        self._records = records

    def get(self, lane: str) -> Pace:
        """The lane's pace as it stands now."""
        return self._records.paces.get(lane, Pace(lane))

    def put(self, pace: Pace, *, was: int) -> bool:
        """Keep it, if the one kept still has the revision `was`."""
        with self._records.lock:
            if self.get(pace.lane).revision != was:
                return False
            self._records.paces[pace.lane] = pace
            return True
