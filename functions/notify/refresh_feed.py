"""The Lambda that looks every minute whether the public feed says what the table says.

Changes reach the feed by the outbox within seconds. This one makes the first pages of a new desk, marks what has run
out, and puts right whatever an update that died has left behind.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from contact_desk.observability import count, logger, metrics
from functions.notify import composition

WITHIN = timedelta(seconds=30)


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(_event: dict[str, Any], _context: object) -> None:
    """One look at the feed."""
    update = composition.feed_update()
    updated = update.run(until=update.clock.now() + WITHIN)
    if updated.files:
        count("FeedRepaired")
    logger.info("feed looked at", files=updated.files, turns=updated.turns)


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.feed_update()
