"""The audit in the desk's table: by subject in its own partitions, by time in the due index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from contact_desk.case_desk import AuditEntry
from contact_desk.clock import to_rfc3339
from contact_desk.stores import keys
from contact_desk.stores.act_records import audit_from_item, audit_item
from contact_desk.stores.dynamo import Table

READ_AT_ONCE = 1000
DAY = timedelta(days=1)


class DynamoAuditTrail:
    """Entries are put beside what they speak of, by whoever does it; here they are found again."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def note(self, entry: AuditEntry) -> None:
        """Keep an entry of something that changed nothing."""
        self._table.attempt(self._table.put(audit_item(entry)))

    def of(self, subject: str) -> Sequence[AuditEntry]:
        """Everything on one subject, oldest first."""
        found = self._table.query(
            KeyConditionExpression="pk = :subject",
            ExpressionAttributeValues={":subject": {"S": keys.audit_partition(subject)}},
            ConsistentRead=True,
        )
        return [audit_from_item(item) for item in found]

    def between(self, first: datetime, last: datetime) -> Iterator[AuditEntry]:
        """Everything from the first moment up to, not including, the last, oldest first."""
        day = first.date()
        while day <= last.date():
            names = self._table.query(
                IndexName=keys.DUE_INDEX,
                KeyConditionExpression="due_pk = :day AND due_sk BETWEEN :first AND :last",
                ExpressionAttributeValues={
                    ":day": {"S": keys.audit_day(day)},
                    ":first": {"S": to_rfc3339(first)},
                    # A time alone sorts before every entry of that time: the last moment itself is left out.
                    ":last": {"S": to_rfc3339(last)},
                },
            )
            found = [{"pk": name["pk"], "sk": name["sk"]} for name in names]
            for start in range(0, len(found), READ_AT_ONCE):
                read = map(audit_from_item, self._table.get_all(found[start : start + READ_AT_ONCE]))
                yield from sorted(read, key=lambda entry: (entry.at, entry.subject, entry.request_id))
            day += DAY
