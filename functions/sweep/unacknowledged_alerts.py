"""Every minute: alerts that no person has acknowledged climb one step of the force's ladder."""

from __future__ import annotations

import os
from typing import Any

from contact_desk.alerts import AlertEvent, announcement
from contact_desk.clock import Clock, SystemClock, to_rfc3339
from contact_desk.force_file import ForceFile
from contact_desk.intake import Nudge
from contact_desk.observability import count, logger, metrics
from contact_desk.ports import AlertStore, Nudges
from functions.sweep import composition

AT_MOST = 500


def nudge_again(alerts: AlertStore, nudges: Nudges, force: ForceFile, clock: Clock) -> int:
    """Nudge every open alert whose time has come; the number nudged."""
    now = clock.now()
    sent = []
    for alert_id in alerts.due(now, AT_MOST):
        alert = alerts.get(alert_id)
        if alert is None or not alert.open:
            continue
        cause = f"{alert.alert_id}#{to_rfc3339(alert.opened_at)}#{alert.nudge + 1}"
        item = announcement(alert, AlertEvent.NUDGED, cause=cause, now=now)
        step = force.alerts[alert.rank].next_nudge(alert.nudge + 1)
        # A step missed while the sweep was down is not made up for: the next one counts from the opening, but
        # never lies in the past, or one alert would be nudged many times in one minute.
        next_nudge_at = max(alert.opened_at + step, now) if step else None
        if alerts.nudge(alert, next_nudge_at=next_nudge_at, item=item):
            sent.append(Nudge(item.outbox_id, item.urgent))
    nudges.send(sent)
    count("AlertsNudged", len(sent))
    return len(sent)


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(_event: dict[str, Any], _context: object) -> None:
    """One run of the job."""
    alerts, nudges, force = composition.unacknowledged_alerts()
    logger.info("alerts swept", nudged=nudge_again(alerts, nudges, force, SystemClock()))


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.unacknowledged_alerts()
