"""Every minute: attachments that are due to be copied are nudged: for the first time, where that was lost, or again."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from contact_desk.clock import Clock, SystemClock
from contact_desk.observability import logger, metrics
from contact_desk.pointers import attachments_message
from contact_desk.ports import AttachmentStore, PointerQueue
from functions.sweep import composition

GRACE = timedelta(seconds=30)
AT_MOST = 500


def push_on(records: AttachmentStore, queue: PointerQueue, clock: Clock) -> int:
    """Nudge the records that have been due for half a minute; the number nudged."""
    waiting = records.due(clock.now() - GRACE, AT_MOST)
    queue.send([attachments_message(name) for name in waiting])
    return len(waiting)


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(_event: dict[str, Any], _context: object) -> None:
    """One run of the job."""
    records, queue = composition.uncopied_attachments()
    logger.info("uncopied attachments swept", nudged=push_on(records, queue, SystemClock()))


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.uncopied_attachments()
