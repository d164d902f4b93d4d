"""Alerts in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from contact_desk.alerts import Alert
from contact_desk.case_desk import ActRecord
from contact_desk.outbox import OutboxItem
from local.twins.desk_records import DeskRecords


class InMemoryAlerts:
    """Alerts over records in memory."""

    def __init__(self, records: DeskRecords) -> None:
        self._records = records

    def get(self, alert_id: str) -> Alert | None:
        """The alert."""
        return self._records.alerts.get(alert_id)

    def open_alerts(self, limit: int = 200) -> Sequence[Alert]:
        """Alerts that no person has acknowledged: worst rank first, then oldest."""
        return sorted(self._open(), key=lambda alert: (alert.rank, alert.opened_at, alert.alert_id))[:limit]

    def restricted(self, case_ids: Sequence[str]) -> Mapping[str, frozenset[str]]:
        """Those of the cases that only named people may see, with their subjects."""
        with self._records.lock:
            cases = [self._records.cases[one] for one in case_ids if one in self._records.cases]
        return {one.case_id: frozenset(one.restricted_to) for one in cases if one.restricted_to is not None}

    def raise_alert(self, alert: Alert, nudge: OutboxItem) -> None:
        """Open the alert, or open it again if it was acknowledged, and record the item that tells operators."""
        with self._records.lock:
            stands = self.get(alert.alert_id)
            if (stands is None or not stands.open) and nudge.outbox_id not in self._records.outbox:
                self._records.alerts[alert.alert_id] = alert
                self._records.outbox[nudge.outbox_id] = nudge

    def acknowledge(
        self,
        alert_id: str,
        *,
        by: str,
        now: datetime,
        item: OutboxItem,
        record: ActRecord | None = None,
        opened_at: datetime | None = None,
    ) -> Alert | None:
        """Record that a person has seen it, and the item that says so; None where there is no such alert."""
        with self._records.lock:
            alert = self.get(alert_id)
            if alert is None or not alert.open or opened_at not in {None, alert.opened_at}:
                return alert
            seen = replace(alert, acknowledged_at=now, acknowledged_by=by, next_nudge_at=None)
            self._records.alerts[alert_id] = seen
            self._records.outbox.setdefault(item.outbox_id, item)
            if record:
                self._records.keep(record)
            return seen

    def due(self, before: datetime, limit: int) -> Sequence[str]:
        """Names of open alerts whose next nudge is due before the moment, oldest first."""
        due = sorted(
            (alert.next_nudge_at, alert.alert_id)
            for alert in self._open()
            if alert.next_nudge_at and alert.next_nudge_at < before
        )
        return [alert_id for _, alert_id in due[:limit]]

    def nudge(self, alert: Alert, *, next_nudge_at: datetime | None, item: OutboxItem) -> bool:
        """Count one more nudge and record its outbox item; False where it was acknowledged or nudged meanwhile."""
        with self._records.lock:
            stands = self.get(alert.alert_id)
            if stands is None or not stands.open or item.outbox_id in self._records.outbox:
                return False
            if (stands.nudge, stands.opened_at) != (alert.nudge, alert.opened_at):
                return False
            self._records.alerts[alert.alert_id] = replace(
                stands, nudge=stands.nudge + 1, next_nudge_at=next_nudge_at
            )
            self._records.outbox[item.outbox_id] = item
            return True

    def _open(self) -> list[Alert]:
        with self._records.lock:
            return [alert for alert in self._records.alerts.values() if alert.open]
