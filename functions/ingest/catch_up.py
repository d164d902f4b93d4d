"""The catch-up Lambda, every five minutes: reads from the platforms what their webhooks may have missed."""

from __future__ import annotations

import os
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from contact_desk.observability import count, count_each, logger, metrics
from functions.ingest import composition
from functions.ingest.catching_up import catch_up

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(_event: dict[str, Any], context: LambdaContext) -> None:
    """One run over every account."""
    done = catch_up(
        composition.catch_up(), lambda: timedelta(milliseconds=context.get_remaining_time_in_millis())
    )
    count("CatchUpContactsRead", done.contacts.total())
    count("CatchUpsStopped", len(done.stopped))
    count_each("CatchUpsStoppedBy", "cause", Counter(done.stopped.values()))
    logger.info("caught up", contacts=dict(done.contacts), stopped=done.stopped, waiting=done.waiting)


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.catch_up()
