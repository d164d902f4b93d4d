"""The disposal of audit entries in the desk's table: a record of each, and entries that the table forgets by itself.

No function may delete an entry; that it is forgotten is the table's own doing, once somebody has said when.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from contact_desk.audit_disposals import AuditDisposal
from contact_desk.case_desk import AuditEntry
from contact_desk.clock import from_rfc3339, to_rfc3339
from contact_desk.errors import StoreBusyError
from contact_desk.stores import keys
from contact_desk.stores.dynamo import Table
from contact_desk.stores.items import Plain, attribute


class DynamoAuditDisposals:
    """Disposals over the desk's table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def due(self, retention_class: str | None, before: datetime) -> Iterator[str]:
        """The cases of the class that were disposed of before the moment and whose audit is still there."""
        places = self._table.query(
            IndexName=keys.DUE_INDEX,
            KeyConditionExpression="due_pk = :class AND due_sk < :before",
            ExpressionAttributeValues={
                ":class": attribute(keys.audit_disposals_of_class(retention_class)),
                ":before": attribute(to_rfc3339(before)),
            },
        )
        return (place["due_sk"].split("#", 1)[1] for place in places)

    def keep(self, disposal: AuditDisposal, entries: Iterable[AuditEntry]) -> None:
        """Keep the record and have the table forget the entries, in one transaction: 25 of them at most."""
        table, expires_at = self._table, int(disposal.disposed_at.timestamp())
        forgotten = [
            table.update(
                keys.audit(entry.subject, entry.at, entry.request_id),
                "SET #expires_at = :expires_at REMOVE #due_pk, #due_sk",
                expires_at=expires_at,
            )
            for entry in entries
        ]
        if table.transact([table.put(audit_disposal_item(disposal)), *forgotten]):
            raise StoreBusyError("audit entries could not be disposed of")

    def settled(self, case_id: str) -> None:
        """Note that the audit of a case is done with."""
        self._table.attempt(self._table.update(keys.disposal(case_id), "REMOVE #due_pk, #due_sk"))

    def of(self, hour: datetime) -> Iterator[AuditDisposal]:
        """The records of an hour (consistent reads)."""
        found = self._table.query(
            KeyConditionExpression="pk = :hour",
            ExpressionAttributeValues={":hour": attribute(keys.audit_disposals_of_hour(hour))},
            ConsistentRead=True,
        )
        return map(_from_item, found)


def audit_disposal_item(disposal: AuditDisposal) -> Plain:
    """A record as an item: it is never changed and never expires."""
    return {
        **keys.audit_disposal(disposal.hour, disposal.proof),
        "at_hour": disposal.hour,
        "sealed_names": list(disposal.names),
        "disposed_at": disposal.disposed_at,
        "proof": disposal.proof,
    }


def _from_item(fields: Plain) -> AuditDisposal:
    return AuditDisposal(
        from_rfc3339(fields["at_hour"]),
        tuple(fields["sealed_names"]),
        from_rfc3339(fields["disposed_at"]),
        fields["proof"],
    )
