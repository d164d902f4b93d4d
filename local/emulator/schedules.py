"""Schedules count from the start: MiniStack counts from when they were made, and forgets when they last ran.

Started with yesterday's state it would have every sweep of the desk fire at once, in the seconds in which the functions
that answer people start.
"""

from __future__ import annotations

import time
from collections.abc import Mapping


class FiredSinceTheStart(dict[object, float]):
    """When each schedule last fired, in Unix time: never before `started`."""

    def __init__(self, fired: Mapping[object, float], *, started: float) -> None:
        super().__init__(fired)
        self.started = started

    def __setitem__(self, schedule: object, fired: float) -> None:
        super().__setitem__(schedule, max(fired, self.started))


def count_from_the_start() -> None:
    """Have MiniStack run each schedule one interval after now, and then as it says."""
    from ministack.services import scheduler

    fired = scheduler._schedule_last_fired  # noqa: SLF001 - pinned
    scheduler._schedule_last_fired = FiredSinceTheStart(fired, started=time.time())  # noqa: SLF001
