"""The paces of accounts in the desk's table."""

from __future__ import annotations

from contact_desk.clock import from_rfc3339
from contact_desk.send_failures import SendFailure
from contact_desk.stores import keys
from contact_desk.stores.dynamo import Table
from functions.notify.paces import Pace

# The table keeps whole numbers.
PARTS = 1000


class DynamoPaces:
    """Paces over the desk's table, one item for each lane."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, lane: str) -> Pace:
        """The lane's pace as it stands now (a consistent read); an untouched one where nothing is kept."""
        fields = self._table.get(keys.pace(lane))
        if fields is None:
            return Pace(lane)
        counted_at, closed_until = fields.get("counted_at"), fields.get("closed_until")
        emergency_from = fields.get("emergency_from")
        return Pace(
            lane=lane,
            revision=fields["revision"],
            spent=fields["spent"] / PARTS,
            counted_at=from_rfc3339(counted_at) if counted_at else None,
            failures=fields["failures"],
            closed_until=from_rfc3339(closed_until) if closed_until else None,
            failure=SendFailure(fields["failure"]) if fields.get("failure") else None,
            emergency_from=from_rfc3339(emergency_from) if emergency_from else None,
        )

    def put(self, pace: Pace, *, was: int) -> bool:
        """Keep it, if the one kept still has the revision `was`; False where somebody else came first."""
        item = {
            **keys.pace(pace.lane),
            "revision": pace.revision,
            "spent": round(pace.spent * PARTS),
            "counted_at": pace.counted_at,
            "failures": pace.failures,
            "closed_until": pace.closed_until,
            "failure": pace.failure,
            "emergency_from": pace.emergency_from,
        }
        condition = "attribute_not_exists(pk) OR #revision = :was"
        return self._table.attempt(self._table.put(item, condition, was=was)) is None
