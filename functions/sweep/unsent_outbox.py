"""Every minute: outbox items that are due and unsent are nudged again, because a nudge may be lost."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from contact_desk.clock import Clock, SystemClock
from contact_desk.observability import logger, metrics
from contact_desk.ports import Nudges, OutboxStore
from functions.sweep import composition

GRACE = timedelta(seconds=30)
AT_MOST = 500


def push_on(outbox: OutboxStore, nudges: Nudges, clock: Clock) -> int:
    """Nudge the unsent items that have been due for half a minute; the number nudged."""
    waiting = outbox.due(clock.now() - GRACE, AT_MOST)
    nudges.send(waiting)
    return len(waiting)


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(_event: dict[str, Any], _context: object) -> None:
    """One run of the job."""
    outbox, nudges = composition.unsent_outbox()
    logger.info("unsent outbox swept", nudged=push_on(outbox, nudges, SystemClock()))


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.unsent_outbox()
