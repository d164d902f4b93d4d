"""Where a catch-up reader stands: what it has read, and from when on its platform wants to be asked again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Cursor:
    """All that happened until `read_until` was read; nothing is asked for before `not_before`."""

    read_until: datetime
    not_before: datetime | None = None
