"""Every minute: each hour in which something that is counted has changed gets its total written anew."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from typing import Any

from contact_desk.clock import Clock, SystemClock
from contact_desk.numbers.counting import HourTotal, total_of
from contact_desk.numbers.number_ports import HourTotals
from contact_desk.observability import count, gauge, logger, metrics
from functions.sweep import composition

LOOKED_AT_AGAIN = timedelta(minutes=10)
"""An index is seconds behind its table, and a total may have been counted before the index had shown a change."""
CAUGHT_UP_AT_ONCE = timedelta(hours=6)
"""How many minutes of changes one run looks through at most, after a pause of the sweep."""
BEGINS_WITH = timedelta(hours=1)
"""How far back the first count of a desk looks."""


def count_anew(totals: HourTotals, clock: Clock) -> list[datetime]:
    """Write the totals of the hours that have changed since the last count; the hours.

    Where a run is cut short, the next one does its minutes again.
    """
    now = clock.now()
    since = (totals.counted_until() or _beginning(totals, now)) - LOOKED_AT_AGAIN
    until = min(now, since + CAUGHT_UP_AT_ONCE)
    changed = list(totals.changed_hours(since, until))
    for hour in changed:
        totals.put(HourTotal(hour, total_of(totals.facts(hour)), counted_at=now))
    totals.note_counted_until(until)
    count("HoursCounted", len(changed))
    gauge("CountingBehindMinutes", int((now - until).total_seconds() // 60))
    return changed


def _beginning(totals: HourTotals, now: datetime) -> datetime:
    """Noted before anything is counted: counts of a new desk may fail for longer than the first of them looks back."""
    begins = now - BEGINS_WITH
    totals.note_counted_until(begins)
    return begins


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(_event: dict[str, Any], _context: object) -> None:
    """One run of the job."""
    logger.info("hours counted", hours=len(count_anew(composition.hour_totals(), SystemClock())))


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.hour_totals()
