"""Every minute: a case whose holder has gone quiet is free again, and says so."""

from __future__ import annotations

import os
from typing import Any

from contact_desk.clock import Clock, SystemClock
from contact_desk.observability import count, logger, metrics
from contact_desk.ports import Repairs
from functions.sweep import composition

AT_MOST = 200


def free_expired(repairs: Repairs, clock: Clock) -> int:
    """Free every case whose claim has run out; the number freed."""
    now = clock.now()
    freed = sum(repairs.free(claim, now) for claim in repairs.expired_claims(now, AT_MOST))
    count("ClaimsExpired", freed)
    return freed


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(_event: dict[str, Any], _context: object) -> None:
    """One run of the job."""
    logger.info("claims swept", freed=free_expired(composition.expired_claims(), SystemClock()))


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.expired_claims()
