"""Every minute: archived deliveries that triage never closed are handed to replay.

A delivery is an orphan when ingest died between the archive and the queue and the platform did not send it again.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from contact_desk.archive_keys import contacts_in, hour_prefixes
from contact_desk.clock import Clock, SystemClock
from contact_desk.observability import count, logger, metrics
from contact_desk.pointers import replay_message
from contact_desk.ports import ArchiveReader, PointerQueue, Repairs
from functions.sweep import composition

YOUNGEST = timedelta(minutes=5)
EACH_MINUTE_UP_TO = timedelta(minutes=15)
EACH_HOUR_UP_TO = timedelta(hours=48)


def find_orphans(archive: ArchiveReader, repairs: Repairs, replays: PointerQueue, clock: Clock) -> int:
    """Queue a replay for each orphan; the number found.

    A young orphan is asked for each minute. An older one only in the first minute of an hour, for two days: what
    ten replays have not put on the desk waits in a dead-letter queue with an alarm of its own.
    """
    now = clock.now()
    oldest = EACH_HOUR_UP_TO if now.minute == 0 else EACH_MINUTE_UP_TO
    deliveries = [
        delivery.key
        for prefix in hour_prefixes(now - oldest, now)
        for delivery in archive.keys(prefix)
        if now - oldest <= delivery.stored_at <= now - YOUNGEST and contacts_in(delivery.key) > 0
    ]
    orphans = repairs.without_receipt(deliveries)
    replays.send([replay_message(key) for key in orphans])
    count("OrphansFound", len(orphans))
    return len(orphans)


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(_event: dict[str, Any], _context: object) -> None:
    """One run of the job."""
    archive, repairs, replays = composition.orphans()
    logger.info("archive swept", orphans=find_orphans(archive, repairs, replays, SystemClock()))


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.orphans()
