"""Every minute: a priority case whose time has passed without a person having looked calls one, once per case."""

from __future__ import annotations

import os
from typing import Any

from contact_desk.alerts import Alert, AlertEvent, AlertKind, AlertRank, announcement, case_alert_id
from contact_desk.backlog import UnseenCase
from contact_desk.clock import Clock, SystemClock
from contact_desk.force_file import ForceFile
from contact_desk.grades import Grade
from contact_desk.intake import Nudge
from contact_desk.observability import count, logger, metrics
from contact_desk.ports import AlertStore, CaseCounts, Nudges
from functions.sweep import composition

AT_MOST = 200


def call_for(counts: CaseCounts, alerts: AlertStore, nudges: Nudges, force: ForceFile, clock: Clock) -> int:
    """Open the alert of each such case that has none yet; the number opened.

    `answer_by` is the clock: the grade's target in the force file, or the reply window's close before it. An emergency
    has its A1, which does not go quiet either.
    """
    now = clock.now()
    opened = []
    for case in counts.unseen(Grade.PRIORITY, now, AT_MOST):
        if alerts.get(case_alert_id(case.case_id, AlertKind.CLOCK_BREACHED)) is None:
            alert = _alert(case, force, clock)
            item = announcement(alert, AlertEvent.OPENED, cause=alert.alert_id, now=now)
            alerts.raise_alert(alert, item)
            opened.append(Nudge(item.outbox_id, item.urgent))
    nudges.send(opened)
    count("ClocksBreached", len(opened))
    return len(opened)


def _alert(case: UnseenCase, force: ForceFile, clock: Clock) -> Alert:
    now, first_nudge = clock.now(), force.alerts[AlertRank.A2].next_nudge(0)
    return Alert(
        alert_id=case_alert_id(case.case_id, AlertKind.CLOCK_BREACHED),
        rank=AlertRank.A2,
        kind=AlertKind.CLOCK_BREACHED,
        opened_at=now,
        case_id=case.case_id,
        case_reference=case.reference,
        grade=Grade.PRIORITY,
        next_nudge_at=now + first_nudge if first_nudge else None,
    )


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(_event: dict[str, Any], _context: object) -> None:
    """One run of the job."""
    counts, alerts, nudges, force = composition.breached_clocks()
    logger.info("clocks read", breached=call_for(counts, alerts, nudges, force, SystemClock()))


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.breached_clocks()
