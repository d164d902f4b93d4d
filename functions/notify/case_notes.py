"""The cases as notify sees them: what an alert says of one, and that another tool answered its person."""

from __future__ import annotations

from typing import Protocol

from contact_desk.cases import Case
from contact_desk.conversations import Conversation
from contact_desk.stores import keys
from contact_desk.stores.dynamo import Table
from contact_desk.stores.items import case_from_item, conversation_from_item, timeline_item
from contact_desk.timeline import TimelineEntry


class CaseNotes(Protocol):
    """Reads cases and conversations, and writes nothing but entries of a timeline."""

    def case(self, case_id: str) -> Case | None:
        """The case as it stands now (a consistent read)."""
        ...

    def conversation(self, key: str) -> Conversation | None:
        """The conversation as it stands now (a consistent read)."""
        ...

    def note(self, case_id: str, entry: TimelineEntry) -> None:
        """Put an entry on a case's timeline; the same name at the same time is the same entry."""
        ...


class DynamoCaseNotes:
    """Case notes over the desk's table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def case(self, case_id: str) -> Case | None:
        """The case as it stands now (a consistent read)."""
        fields = self._table.get(keys.case(case_id))
        return case_from_item(fields) if fields else None

    def conversation(self, key: str) -> Conversation | None:
        """The conversation as it stands now (a consistent read)."""
        fields = self._table.get(keys.conversation(key))
        return conversation_from_item(fields) if fields else None

    def note(self, case_id: str, entry: TimelineEntry) -> None:
        """Put an entry on a case's timeline; the same name at the same time is the same entry."""
        self._table.attempt(self._table.put(timeline_item(case_id, entry)))
