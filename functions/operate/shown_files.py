"""Pictures that people sent, shown to an operator who asks: from the evidence, each look written down."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any, Protocol

from contact_desk.attachments import AttachmentCopy, CopyState
from contact_desk.case_desk import CaseFile
from contact_desk.errors import ArchiveBusyError, StoreBusyError
from contact_desk.ports import ArchivedBody
from functions.operate.refusals import NotThereError, UnshowableFileError

SHOWN_TYPES = frozenset({"image/gif", "image/jpeg", "image/png", "image/webp"})
"""What a browser shows as a picture and nothing more; their kind was told by their bytes when they were copied."""
MOST_BYTES = 4_000_000
"""An answer takes 6 MB, and base64 makes four bytes of three."""


class KeptFiles(Protocol):
    """The evidence, to be read by key; raises ArchiveBusyError when it cannot."""

    def get(self, key: str) -> ArchivedBody | None:
        """The file, or None where there is no such object."""
        ...


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A picture, ready for JSON."""

    media_type: str
    content: bytes

    def fields(self) -> dict[str, Any]:
        """Its bytes in base64."""
        return {"media_type": self.media_type, "content": base64.b64encode(self.content).decode("ascii")}


def kept_copy(found: CaseFile, sha256: str, hidden: frozenset[str]) -> AttachmentCopy:
    """Our copy of the file among the case's contacts; raises NotThereError, UnshowableFileError for no picture."""
    copies = [
        copy
        for one in found.timeline
        if one.attachments and one.entry.contact_key not in hidden
        for copy in one.attachments.copies
        if copy.state is CopyState.KEPT and copy.sha256 == sha256
    ]
    if not copies:
        raise NotThereError("There is no such file in this case.")
    copy = copies[0]
    if copy.media_type not in SHOWN_TYPES or (copy.size or 0) > MOST_BYTES:
        raise UnshowableFileError("This file is kept as evidence; it cannot be shown here.")
    return copy


def read_picture(files: KeptFiles, copy: AttachmentCopy) -> ShownFile:
    """The picture itself; raises NotThereError, and StoreBusyError where the evidence cannot be read now."""
    try:
        stored = files.get(copy.key or "")
    except ArchiveBusyError as error:
        raise StoreBusyError(str(error)) from None
    if stored is None:
        raise NotThereError("The file is not among the evidence any more.")
    return ShownFile(copy.media_type or "", stored.body)
