"""A secret in memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from contact_desk.errors import SecretUnavailableError


class InMemorySecret:
    """A secret that is always fresh; a test may rotate it, or make it `lost`."""

    def __init__(self, **version: Any) -> None:
        self._versions: tuple[Mapping[str, Any], ...] = (version,)
        self.lost = False

    def rotate(self, **version: Any) -> None:
        """Give it a new version; only the one before it is still there."""
        self._versions = (version, self._versions[0])

    def versions(self, max_age: timedelta | None = None) -> tuple[Mapping[str, Any], ...]:  # noqa: ARG002 never stale
        """The current version first, then the previous one while there is one."""
        if self.lost:
            raise SecretUnavailableError("the secret in memory was told to be lost")
        return self._versions
