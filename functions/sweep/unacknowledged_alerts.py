"""Every minute: alerts that no person has acknowledged climb one step of the force's ladder."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any

from contact_desk.alerts import AlertEvent, announcement
from contact_desk.clock import Clock, SystemClock, to_rfc3339
from contact_desk.errors import StoreBusyError, StoreError
from contact_desk.force_file import ForceFile
from contact_desk.intake import Nudge
from contact_desk.observability import count, logger, metrics
from contact_desk.ports import AlertStore, Nudges
from functions.sweep import composition

AT_MOST = 500


def nudge_again(alerts: AlertStore, nudges: Nudges, force: ForceFile, clock: Clock) -> int:
    """Nudge every open alert whose time has come; the number nudged.

    One that is busy waits for the next run. Raises the StoreError of one that the table refuses, once all the others
    have been nudged.
    """
    sent: list[Nudge] = []
    refused: StoreError | None = None
    for alert_id in alerts.due(clock.now(), AT_MOST):
        try:
            nudge = _climb(alert_id, alerts, force, clock.now())
        except StoreBusyError:
            continue
        except StoreError as error:
            refused = refused or error
            continue
        sent += [nudge] if nudge else []
    nudges.send(sent)
    count("AlertsNudged", len(sent))
    if refused:
        raise refused
    return len(sent)


def _climb(alert_id: str, alerts: AlertStore, force: ForceFile, now: datetime) -> Nudge | None:
    """The nudge of the alert's next step; None where a person or another run was first."""
    alert = alerts.get(alert_id)
    if alert is None or not alert.open:
        return None
    cause = f"{alert.alert_id}#{to_rfc3339(alert.opened_at)}#{alert.nudge + 1}"
    item = announcement(alert, AlertEvent.NUDGED, cause=cause, now=now)
    step = force.alerts[alert.rank].next_nudge(alert.nudge + 1)
    # A step missed while the sweep was down is not made up for: the next one counts from the opening, but
    # never lies in the past, or one alert would be nudged many times in one minute.
    next_nudge_at = max(alert.opened_at + step, now) if step else None
    nudged = alerts.nudge(alert, next_nudge_at=next_nudge_at, item=item)
    return Nudge(item.outbox_id, item.urgent) if nudged else None


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(_event: dict[str, Any], _context: object) -> None:
    """One run of the job."""
    alerts, nudges, force = composition.unacknowledged_alerts()
    logger.info("alerts swept", nudged=nudge_again(alerts, nudges, force, SystemClock()))


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.unacknowledged_alerts()
