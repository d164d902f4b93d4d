"""Every minute: when more cases wait than the force file bears, an alert says so, once for as long as it sets."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any

from contact_desk.alert_rules import Backlog
from contact_desk.alerts import Alert, AlertEvent, AlertKind, AlertRank, announcement
from contact_desk.clock import Clock, SystemClock
from contact_desk.force_file import ForceFile
from contact_desk.intake import Nudge
from contact_desk.observability import count, logger, metrics
from contact_desk.ports import AlertStore, CaseCounts, Nudges
from functions.sweep import composition

ALERT_ID = f"desk.{AlertKind.BACKLOG.value}"
HOUR_SECONDS = 3600


def look(counts: CaseCounts, alerts: AlertStore, nudges: Nudges, force: ForceFile, clock: Clock) -> bool:
    """Count what waits and raise the alert where it is too much; whether it is."""
    now = clock.now()
    waiting = counts.waiting(now)
    count("CasesWaiting", waiting.cases)
    count("CasesOverdue", waiting.overdue)
    too_many = waiting.cases >= force.backlog.waiting or waiting.overdue >= force.backlog.overdue
    if too_many:
        first_nudge = force.alerts[AlertRank.A3].next_nudge(0)
        alert = Alert(
            ALERT_ID,
            AlertRank.A3,
            AlertKind.BACKLOG,
            now,
            next_nudge_at=now + first_nudge if first_nudge else None,
        )
        cause = f"{ALERT_ID}#{_stretch(force.backlog, now)}"
        item = announcement(alert, AlertEvent.OPENED, cause=cause, now=now)
        alerts.raise_alert(alert, item)
        standing = alerts.get(ALERT_ID)
        if standing and standing.opened_at == now:
            nudges.send([Nudge(item.outbox_id, item.urgent)])
    return too_many


def _stretch(backlog: Backlog, now: datetime) -> int:
    """The stretch of hours that the moment is in: in each the alert opens at most once, acknowledged or not."""
    return int(now.timestamp()) // (backlog.again_after_hours * HOUR_SECONDS)


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(_event: dict[str, Any], _context: object) -> None:
    """One run of the job."""
    counts, alerts, nudges, force = composition.backlog()
    logger.info("backlog counted", too_many=look(counts, alerts, nudges, force, SystemClock()))


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.backlog()
