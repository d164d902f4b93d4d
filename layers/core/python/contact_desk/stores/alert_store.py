"""Alerts in the desk's table, each change together with the outbox item that tells operators of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice

from contact_desk.alerts import Alert
from contact_desk.case_desk import ActRecord
from contact_desk.clock import to_rfc3339
from contact_desk.outbox import OutboxItem
from contact_desk.stores import keys
from contact_desk.stores.act_records import record_writes
from contact_desk.stores.dynamo import Table, Write, assignments
from contact_desk.stores.items import alert_from_item, alert_item, attribute, outbox_item


class DynamoAlertStore:
    """Alerts over the desk's table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, alert_id: str) -> Alert | None:
        """The alert (a consistent read)."""
        fields = self._table.get(keys.alert(alert_id))
        return alert_from_item(fields) if fields else None

    def open_alerts(self, limit: int = 200) -> Sequence[Alert]:
        """Alerts that no person has acknowledged: worst rank first, then oldest; a little behind the table."""
        shown = self._table.query(
            IndexName=keys.DESK_INDEX,
            KeyConditionExpression="desk_pk = :alerts",
            ExpressionAttributeValues={":alerts": attribute(keys.ALERTS)},
            Limit=limit,
        )
        return [alert_from_item(fields) for fields in islice(shown, limit)]

    def raise_alert(self, alert: Alert, nudge: OutboxItem) -> None:
        """Open the alert, or open it again if it was acknowledged, and record the item that tells operators.

        An alert that is open already stays as it is, and so does one whose item is there already: the same cause
        never opens an alert twice.
        """
        self._table.transact([alert_opened(self._table, alert), self._once(nudge)])

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
        """Record that a person has seen it, and the item that says so; None where there is no such alert.

        An alert that was acknowledged already is given as it is, and no item is written; so is one that was opened
        anew since `opened_at`.
        """
        change, values = assignments(
            {
                "acknowledged_at": now,
                "acknowledged_by": by,
                "next_nudge_at": None,
                "desk_pk": None,
                "desk_sk": None,
                "due_pk": None,
                "due_sk": None,
                "changed": keys.changed_at(now),
            }
        )
        seen = self._table.update(
            keys.alert(alert_id),
            change,
            "attribute_exists(#pk) AND attribute_not_exists(#acknowledged_at)"
            + (" AND #opened_at = :opened_at" if opened_at else ""),
            **values,
            **({"opened_at": opened_at} if opened_at else {}),
        )
        kept = record_writes(self._table, record) if record else []
        refused = self._table.transact([seen, *kept, self._once(item)])
        if refused.keys() == {1 + len(kept)}:
            # Its item is there already: what a person has seen is recorded all the same.
            self._table.transact([seen, *kept])
        return self.get(alert_id)

    def restricted(self, case_ids: Sequence[str]) -> Mapping[str, frozenset[str]]:
        """Those of the cases that only named people may see, with their subjects."""
        wanted = [keys.case(one) for one in dict.fromkeys(case_ids)]
        if len(wanted) == 1:
            found = [one for one in (self._table.get(wanted[0]),) if one]
        else:
            found = self._table.get_all(wanted)
        return {one["case_id"]: frozenset(one["restricted_to"]) for one in found if "restricted_to" in one}

    def due(self, before: datetime, limit: int) -> Sequence[str]:
        """Names of open alerts whose next nudge is due before the moment, oldest first; a little behind the table."""
        shown = self._table.query(
            IndexName=keys.DUE_INDEX,
            KeyConditionExpression="due_pk = :alerts AND due_sk < :before",
            ExpressionAttributeValues={
                ":alerts": attribute(keys.ALERTS),
                ":before": attribute(to_rfc3339(before)),
            },
            Limit=limit,
        )
        return [keys.alert_of_due_index(found["due_sk"]) for found in islice(shown, limit)]

    def nudge(self, alert: Alert, *, next_nudge_at: datetime | None, item: OutboxItem) -> bool:
        """Count one more nudge and record its outbox item; False where it was acknowledged or nudged meanwhile."""
        place = keys.alert_in_due_index(alert.alert_id, next_nudge_at) if next_nudge_at else {}
        change, values = assignments(
            {
                "nudge": alert.nudge + 1,
                "next_nudge_at": next_nudge_at,
                "due_pk": place.get("due_pk"),
                "due_sk": place.get("due_sk"),
            }
        )
        counted = self._table.update(
            keys.alert(alert.alert_id),
            change,
            "attribute_not_exists(#acknowledged_at) AND #nudge = :seen AND #opened_at = :opened_at",
            **values,
            seen=alert.nudge,
            opened_at=alert.opened_at,
        )
        return not self._table.transact([counted, self._once(item)])

    def _once(self, item: OutboxItem) -> Write:
        return self._table.put(outbox_item(item), "attribute_not_exists(#pk)")


def alert_opened(table: Table, alert: Alert) -> Write:
    """Opens the alert, or opens it again once it was acknowledged; refused while it stands open."""
    return table.put(alert_item(alert), "attribute_not_exists(#pk) OR attribute_exists(#acknowledged_at)")
