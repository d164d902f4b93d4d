"""How many cases wait, counted in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from contact_desk.backlog import UnseenCase, Waiting
from contact_desk.cases import NEVER_ACTED_ON, CaseState
from contact_desk.grades import Grade
from local.twins.desk_records import DeskRecords


class InMemoryCaseCounts:
    """Counts over records in memory."""

    def __init__(self, records: DeskRecords) -> None:
        self._records = records

    def unseen(self, grade: Grade, before: datetime, limit: int) -> Sequence[UnseenCase]:
        """Open cases of the grade that no operator has acted on and whose `answer_by` has passed; oldest case first."""
        with self._records.lock:
            found = sorted(
                (case.case_id, case.reference)
                for case in self._records.cases.values()
                if (case.grade, case.state, case.version) == (grade, CaseState.OPEN, NEVER_ACTED_ON)
                and case.answer_by < before
            )
        return [UnseenCase(*case) for case in found[:limit]]

    def waiting(self, now: datetime) -> Waiting:
        """The open cases, and those of them that should have been answered by now."""
        with self._records.lock:
            due = [case.answer_by for case in self._records.cases.values() if case.state is CaseState.OPEN]
        return Waiting(len(due), sum(answer_by < now for answer_by in due))
