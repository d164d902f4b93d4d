"""Every quarter of an hour: each settled hour of the audit is put under seal, and unusual reading in it is told of.

Entries whose own time is up are disposed of in the same run, since that takes the key of the seals.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contact_desk.alerts import AlertEvent, announcement
from contact_desk.audit_chain import HOUR
from contact_desk.audit_sealing import hours_to_seal, seal_hour
from contact_desk.case_desk import AuditEntry
from contact_desk.clock import Clock, SystemClock
from contact_desk.errors import QueueRefusedError, SecretNotSetError
from contact_desk.intake import Nudge
from contact_desk.observability import count, logger, metrics
from contact_desk.ports import AlertStore, AuditTrail, Nudges, SealVault, Secret
from contact_desk.unusual_reading import Limits, UnusualReading, unusual
from functions.sweep import audit_disposal, composition

JOB = "audit_seals"


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a run sealed."""

    hours: int
    entries: int
    unusual: int


@dataclass(frozen=True, slots=True)
class Watch:
    """Tells the auditor of unusual reading."""

    trail: AuditTrail
    alerts: AlertStore
    nudges: Nudges
    clock: Clock

    def tell(self, reading: UnusualReading) -> None:
        """Raise the alert, which names nobody, and write into the audit whom it is about: once for its cause."""
        alert, now = reading.alert(), self.clock.now()
        item = announcement(alert, AlertEvent.OPENED, cause=f"{alert.alert_id}#{AlertEvent.OPENED}", now=now)
        if self.alerts.get(alert.alert_id) is None:
            self.trail.note(AuditEntry(alert.alert_id, now, reading.person, reading.told, JOB))
        self.alerts.raise_alert(alert, item)
        count("UnusualReading")
        try:
            self.nudges.send([Nudge(item.outbox_id, item.urgent)])
        except QueueRefusedError:
            # The item is in the table, and the sweep of the outbox nudges it within two minutes.
            count("NudgesRefused")


def seal(trail: AuditTrail, vault: SealVault, key: bytes, limits: Limits, watch: Watch) -> Sealed:
    """Seal what is settled, oldest hour first; an hour is looked through for unusual reading before it is sealed.

    So a run that dies between the two looks again, and nobody is told twice.
    """
    hours, entries, told = 0, 0, 0
    for hour in hours_to_seal(vault, watch.clock.now()):
        found = unusual(trail.between(hour - HOUR, hour + HOUR), hour, limits)
        for reading in found:
            watch.tell(reading)
        entries += seal_hour(hour, trail, vault, key)
        hours += 1
        told += len(found)
    count("AuditHoursSealed", hours)
    return Sealed(hours, entries, told)


def sealing_key(secret: Secret) -> bytes:
    """The key of the seals, of which there is one for good; raises SecretUnavailableError."""
    current: Mapping[str, Any] = secret.versions()[0]
    if not isinstance(current.get("key"), str) or not current["key"]:
        raise SecretNotSetError("the key of the audit's seals is not set")
    return str(current["key"]).encode("utf-8")


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(_event: dict[str, Any], _context: object) -> None:
    """One run of the job."""
    trail, vault, secret, alerts, nudges, disposals, force = composition.audit_seals()
    watch, key = Watch(trail, alerts, nudges, SystemClock()), sealing_key(secret)
    done = seal(trail, vault, key, force.unusual_reading, watch)
    disposed = audit_disposal.dispose(trail, disposals, force.retention, key, watch.clock.now())
    logger.info(
        "audit sealed", hours=done.hours, entries=done.entries, unusual=done.unusual, disposed=disposed
    )


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.audit_seals()
