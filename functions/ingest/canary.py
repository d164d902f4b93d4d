"""The canary Lambda, every minute: one round over all channels."""

from __future__ import annotations

import os
from typing import Any

from contact_desk.observability import gauge_each, logger, metrics
from functions.ingest import composition
from functions.ingest.canary_rounds import CanaryRounds, fly


def run(desk: CanaryRounds) -> None:
    """One round, and what it says: 1 or 0 for each channel; a channel that could not be looked at says nothing."""
    found = fly(desk)
    gauge_each("CanaryArrived", "channel", {name: int(arrived) for name, arrived in found.arrived.items()})
    logger.info(
        "canaries flown",
        took_ms=found.took,
        missing=sorted(name for name, arrived in found.arrived.items() if not arrived),
        unsent=found.unsent,
        unseen=found.unseen,
    )


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(_event: dict[str, Any], _context: object) -> None:
    """One round."""
    run(composition.canary_rounds())


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.canary_rounds()
