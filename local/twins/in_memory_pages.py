"""The bucket of the public origin in memory."""

from __future__ import annotations

import hashlib

from contact_desk.errors import StoreBusyError
from functions.notify.feed.page_bucket import PublicFile


class InMemoryPages:
    """The files by their keys, in the order in which they were first put; a test may make it `busy`."""

    def __init__(self) -> None:
        self.files: dict[str, PublicFile] = {}
        self.puts: list[str] = []
        self.busy = False

    def tag(self, key: str) -> str | None:
        """The entity tag of the file as it stands now; raises StoreBusyError while it is busy."""
        self._answer()
        return _tag(self.files[key]) if key in self.files else None

    def put(self, file: PublicFile, *, replacing: str | None) -> bool:
        """Put the file in the place of that with the tag; raises StoreBusyError while it is busy."""
        self._answer()
        if self.tag(file.key) != replacing:
            return False
        self.files[file.key] = file
        self.puts.append(file.key)
        return True

    def _answer(self) -> None:
        if self.busy:
            raise StoreBusyError("the pages in memory were told to be busy")


def _tag(file: PublicFile) -> str:
    return f'"{hashlib.md5(file.body, usedforsecurity=False).hexdigest()}"'
