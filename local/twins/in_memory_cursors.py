"""The catch-up readers' cursors in memory."""

from __future__ import annotations

from contact_desk.catching_up import Cursor


class InMemoryCursors:
    """Where each reader stands."""

    def __init__(self) -> None:
        self.cursors: dict[tuple[str, str], Cursor] = {}

    def get(self, reader: str, account: str) -> Cursor | None:
        """Where the reader of an account stands; None before its first run."""
        return self.cursors.get((reader, account))

    def put(self, reader: str, account: str, cursor: Cursor) -> None:
        """Note where it stands now."""
        self.cursors[reader, account] = cursor
