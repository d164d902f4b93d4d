"""A burst waits a moment for the processes that run, before it starts more: MiniStack starts one for each call at once.

AWS starts sixteen sandboxes for sixteen calls and each has cores of its own. Here they would share what this machine
has, and all sixteen callers would wait for all sixteen starts.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

PROCESSES = 2
# A process that is held up by a slow platform must not hold up the next call for longer than a start takes.
PATIENCE_SECONDS = 2.0
POLL_SECONDS = 0.005

Lease = tuple[Any, str]
"""A worker with how it was come by, or None with why there is none."""


def spare_processes() -> None:
    """Have MiniStack run a function's calls on few processes while those keep up."""
    from ministack.services import lambda_svc

    lambda_svc.acquire_worker = waiting(lambda_svc.acquire_worker)


def waiting(acquire: Callable[..., Lease]) -> Callable[..., Lease]:
    """Wrap what leases a worker so that it waits for a free one where `PROCESSES` of the function run."""

    def acquire_patiently(*args: Any, **options: Any) -> Lease:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            worker, came_by = acquire(*args, **{**options, "max_concurrency": PROCESSES})
            if worker is not None:
                return worker, came_by
            # Each invocation has a thread of its own, so this holds up no other.
            time.sleep(POLL_SECONDS)
        return acquire(*args, **options)

    return acquire_patiently
