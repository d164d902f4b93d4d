"""Copies the attachments of one contact: claim, fetch, check, keep, record; and again later where that may help."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from contact_desk.attachments import (
    AttachmentCopy,
    ContactAttachments,
    CopyFailure,
    CopyState,
    NotCopiedError,
)
from contact_desk.clock import Clock, Ids
from contact_desk.errors import ArchiveBusyError
from contact_desk.ports import AttachmentFiles, AttachmentStore
from functions.attachments.media_types import agreed_media_type
from functions.attachments.sources import Source

TRY_AGAIN_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=20),
    timedelta(hours=1),
)
"""After each try that failed in passing; once they are used up, its failure stands."""

LEASE = timedelta(minutes=3)
"""Longer than an invocation lasts: whoever died on a record has it tried again then."""

ONE_FILE_TAKES = timedelta(seconds=55)
"""What one file may need at worst, its look-up and its storing included; with less left, the rest waits its turn."""

MOST_CLAIMS = 60
"""More than any contact's attachments need by their tries: beyond it, something kills each worker that takes it up."""

TimeLeft = Callable[[], timedelta]


@dataclass(frozen=True, slots=True)
class Copier:
    """Copies attachments; `sources` maps channels to where their files come from."""

    records: AttachmentStore
    files: AttachmentFiles
    sources: Mapping[str, Source]
    clock: Clock
    ids: Ids

    def copy(self, attachments_id: str, time_left: TimeLeft) -> tuple[AttachmentCopy, ...] | None:
        """Copy what waits of one contact's attachments, as far as the time goes.

        Gives what became of each that was tried; None where the record is not due, or was somebody else's in the end.
        Raises StoreBusyError or StoreRefusedError where the record cannot be written.
        """
        now = self.clock.now()
        record = self.records.claim(attachments_id, token=self.ids.token(), now=now, lease_until=now + LEASE)
        if record is None:
            return None
        # Those tried least go first, so that a few slow ones keep none of the others back.
        waiting = sorted(
            (copy.tries, place) for place, copy in enumerate(record.copies) if copy.state is CopyState.WAITING
        )
        copies, tried = list(record.copies), []
        for _, place in waiting:
            if record.claims <= MOST_CLAIMS and time_left() < ONE_FILE_TAKES:
                break
            copies[place] = self._tried(record, place)
            tried.append(copies[place])
            if len(tried) < len(waiting) and not self.records.record(replace(record, copies=tuple(copies))):
                return None
        due_at = self._due_again(copies) if len(tried) == len(waiting) else self.clock.now()
        ours = self.records.record(replace(record, copies=tuple(copies), due_at=due_at))
        return tuple(tried) if ours else None

    def _tried(self, record: ContactAttachments, place: int) -> AttachmentCopy:
        copy = record.copies[place]
        copy = replace(copy, tries=copy.tries + 1)
        if record.claims > MOST_CLAIMS:
            return _failed(copy, CopyFailure.GIVEN_UP)
        try:
            return self._kept(record, place, copy)
        except NotCopiedError as error:
            return _failed(copy, error.failure)
        except ArchiveBusyError:
            return _failed(copy, CopyFailure.NOT_STORED)
        except Exception:  # noqa: BLE001 what one strange file makes our code raise costs that file, never its neighbours
            return _failed(copy, CopyFailure.GIVEN_UP)

    def _kept(self, record: ContactAttachments, place: int, copy: AttachmentCopy) -> AttachmentCopy:
        source = self.sources.get(record.channel)
        if source is None:
            raise NotCopiedError(CopyFailure.HOST_NOT_ALLOWED)
        fetched = source.fetch(copy)
        media_type = agreed_media_type(fetched.content, copy.kind, copy.declared_type, fetched.content_type)
        sha256 = hashlib.sha256(fetched.content).hexdigest()
        # The key names the bytes: what is there under it already is this very file, from a worker that died.
        key = f"attachments/{record.attachments_id}/{place}-{sha256}"
        self.files.keep(key, fetched.content)
        return replace(
            copy,
            state=CopyState.KEPT,
            failure=None,
            media_type=media_type,
            sha256=sha256,
            size=len(fetched.content),
            key=key,
        )

    def _due_again(self, copies: Sequence[AttachmentCopy]) -> datetime | None:
        tries = [copy.tries for copy in copies if copy.state is CopyState.WAITING]
        return self.clock.now() + TRY_AGAIN_AFTER[min(tries) - 1] if tries else None


def _failed(copy: AttachmentCopy, failure: CopyFailure) -> AttachmentCopy:
    """The copy after a failure: waiting for another try, or as it ends."""
    if failure.passing and copy.tries <= len(TRY_AGAIN_AFTER):
        return replace(copy, failure=failure)
    return replace(copy, state=failure.final_state, failure=failure)
