"""The cases as notify sees them, in memory."""

from __future__ import annotations

from contact_desk.cases import Case
from contact_desk.conversations import Conversation
from contact_desk.timeline import TimelineEntry
from local.twins.desk_records import DeskRecords


class InMemoryCaseNotes:
    """Case notes over records in memory."""

    def __init__(self, records: DeskRecords) -> None:
        self._records = records

    def case(self, case_id: str) -> Case | None:
        """The case as it stands now."""
        return self._records.cases.get(case_id)

    def conversation(self, key: str) -> Conversation | None:
        """The conversation as it stands now."""
        return self._records.conversations.get(key)

    def note(self, case_id: str, entry: TimelineEntry) -> None:
        """Put an entry on a case's timeline; the same name at the same time is the same entry."""
        with self._records.lock:
            self._records.add_entry(case_id, entry)
