"""Attachments in memory: the records of their copies, and the files that are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from contact_desk.attachments import ContactAttachments
from contact_desk.errors import ArchiveBusyError
from local.twins.desk_records import DeskRecords


class InMemoryAttachments:
    """The records of attachments over records in memory."""

    def __init__(self, records: DeskRecords) -> None:
        self._records = records

    def claim(
        self, attachments_id: str, *, token: str, now: datetime, lease_until: datetime
    ) -> ContactAttachments | None:
        """Take a record that is due, and have it be due again when the lease ends; None where it is not due."""
        with self._records.lock:
            record = self._records.attachments.get(attachments_id)
            if record is None or record.due_at is None or record.due_at > now:
                return None
            claimed = replace(record, token=token, due_at=lease_until, claims=record.claims + 1)
            self._records.attachments[attachments_id] = claimed
            return claimed

    def record(self, claimed: ContactAttachments) -> bool:
        """Write its copies and when it is due next; False where somebody else has claimed it."""
        with self._records.lock:
            stands = self._records.attachments.get(claimed.attachments_id)
            if stands is None or stands.token != claimed.token:
                return False
            self._records.attachments[claimed.attachments_id] = replace(
                stands, copies=claimed.copies, due_at=claimed.due_at
            )
            return True

    def due(self, before: datetime, limit: int) -> Sequence[str]:
        """Names of records due before the moment, oldest first."""
        with self._records.lock:
            due = sorted(
                (record.due_at, name)
                for name, record in self._records.attachments.items()
                if record.due_at and record.due_at < before
            )
        return [name for _, name in due[:limit]]


class InMemoryAttachmentFiles:
    """The files that are kept; a test may make the store `busy`."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.busy = False

    def keep(self, key: str, content: bytes) -> None:
        """Keep the bytes under their key, once; raises ArchiveBusyError while it is busy."""
        if self.busy:
            raise ArchiveBusyError("the store of files in memory was told to be busy")
        self.files.setdefault(key, content)
