"""Every minute: dead letters get three more rounds with growing delay, then quarantine and a page.

A sound message can die of five passing faults, so a dead-letter queue is a part of the pipeline and not its end.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contact_desk.alerts import Alert, AlertEvent, AlertKind, AlertRank, announcement
from contact_desk.canaries import is_canary
from contact_desk.clock import Clock, SystemClock
from contact_desk.contact_message import from_message
from contact_desk.errors import MessageError
from contact_desk.force_file import ForceFile
from contact_desk.intake import Nudge
from contact_desk.observability import count, logger, metrics
from contact_desk.ports import AlertStore, DeadLetters, Nudges, Repairs
from contact_desk.repairs import DeadLetter, QuarantinedMessage
from functions.sweep import composition

ROUND_DELAY_SECONDS = (60, 300, 900)
AT_MOST = 100
# A dead contact may be a person in danger whom nobody has read; a dead nudge is found again by the sweep.
RANK_BY_QUEUE = {
    "private_contacts": AlertRank.A1,
    "public_contacts": AlertRank.A1,
    "replays": AlertRank.A1,
    "attachments": AlertRank.A2,
    "confirmations": AlertRank.A2,
    "outbox_urgent": AlertRank.A2,
    "outbox": AlertRank.A2,
    "second_reads": AlertRank.A2,
}


@dataclass(frozen=True, slots=True)
class Rounds:
    """What one run did."""

    redriven: int
    quarantined: int


def give_another_round(
    queues: Mapping[str, DeadLetters],
    repairs: Repairs,
    alerts: AlertStore,
    nudges: Nudges,
    *,
    force: ForceFile,
    clock: Clock,
) -> Rounds:
    """Redrive every dead letter that has rounds left, and quarantine the others.

    Whoever is called to a quarantined one is called at once: this job empties no queue that notify works from. A canary
    is shown to nobody: its silence is what is watched.
    """
    redriven = quarantined = 0
    called: list[Nudge] = []
    for queue, dead_letters in queues.items():
        for letter in dead_letters.receive(AT_MOST):
            if letter.rounds < len(ROUND_DELAY_SECONDS):
                dead_letters.redrive(letter, ROUND_DELAY_SECONDS[letter.rounds])
                redriven += 1
            elif _is_of_nobody(letter):
                dead_letters.discard(letter)
            else:
                now = clock.now()
                repairs.quarantine(QuarantinedMessage(queue, letter.message_id, letter.body, now))
                alert = _alert(queue, letter, force, now)
                item = announcement(alert, AlertEvent.OPENED, cause=alert.alert_id, now=now)
                alerts.raise_alert(alert, item)
                dead_letters.discard(letter)
                called.append(Nudge(item.outbox_id, item.urgent))
                quarantined += 1
    nudges.send(called)
    count("DeadLettersRedriven", redriven)
    count("DeadLettersQuarantined", quarantined)
    return Rounds(redriven, quarantined)


def _is_of_nobody(letter: DeadLetter) -> bool:
    """Whether the desk itself has sent it."""
    try:
        return is_canary(from_message(letter.body))
    except MessageError:
        return False


def _alert(queue: str, letter: DeadLetter, force: ForceFile, now: datetime) -> Alert:
    rank = RANK_BY_QUEUE[queue]
    first_nudge = force.alerts[rank].next_nudge(0)
    return Alert(
        alert_id=f"quarantine.{queue}.{letter.message_id}",
        rank=rank,
        kind=AlertKind.QUARANTINE,
        opened_at=now,
        next_nudge_at=now + first_nudge if first_nudge else None,
    )


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(_event: dict[str, Any], _context: object) -> None:
    """One run of the job."""
    queues, repairs, alerts, nudges, force = composition.dead_letters()
    rounds = give_another_round(queues, repairs, alerts, nudges, force=force, clock=SystemClock())
    logger.info("dead letters swept", redriven=rounds.redriven, quarantined=rounds.quarantined)


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.dead_letters()
