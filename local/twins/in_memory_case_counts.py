"""How many cases wait, counted in memory."""

from __future__ import annotations

from datetime import datetime

from contact_desk.backlog import Waiting
from contact_desk.cases import CaseState
from local.twins.desk_records import DeskRecords


class InMemoryCaseCounts:
    """Counts over records in memory."""

    def __init__(self, records: DeskRecords) -> None:
        self._records = records

    def waiting(self, now: datetime) -> Waiting:
        """The open cases, and those of them that should have been answered by now."""
        with self._records.lock:
            due = [case.answer_by for case in self._records.cases.values() if case.state is CaseState.OPEN]
        return Waiting(len(due), sum(answer_by < now for answer_by in due))
