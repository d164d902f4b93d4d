"""Two versions of the desk's code at work in one process, each with modules of its own.

While a deploy shifts, an alias leads to either. What a version imports is kept for it, and stands in `sys.modules` only
while that version works.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
OURS = ("contact_desk", "functions")


class Version:
    """The code below a folder, laid out as in the repository; `name` is what Lambda calls it."""

    _at_work: Version

    def __init__(self, name: str, root: Path) -> None:
        self.name = name
        self._paths = [str(root), str(root / "layers/core/python")]
        self._modules: dict[str, ModuleType] = {}

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """What is imported, or called by name, is this version's."""
        before = Version._at_work
        if before is self:
            yield
            return
        paths = sys.path[:]
        before._modules = _taken_out()
        sys.modules.update(self._modules)
        sys.path[:] = [*self._paths, *(path for path in paths if path not in before._paths)]
        Version._at_work = self
        try:
            yield
        finally:
            self._modules = _taken_out()
            sys.modules.update(before._modules)
            sys.path[:] = paths
            Version._at_work = before


def _taken_out() -> dict[str, ModuleType]:
    """Every module of the desk's, which nobody finds any more."""
    return {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] in OURS}


AT_HAND = Version("$LATEST", ROOT)
Version._at_work = AT_HAND
