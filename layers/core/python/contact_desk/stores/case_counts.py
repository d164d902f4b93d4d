"""How many cases wait, counted over the desk index."""

from __future__ import annotations

from datetime import datetime

from contact_desk.backlog import Waiting
from contact_desk.cases import CaseState
from contact_desk.clock import to_rfc3339
from contact_desk.grades import Grade
from contact_desk.stores import keys
from contact_desk.stores.dynamo import Table
from contact_desk.stores.items import attribute


class DynamoCaseCounts:
    """Counts over the desk's table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def waiting(self, now: datetime) -> Waiting:
        """The open cases, and those of them that should have been answered by now; a little behind the table."""
        moment = to_rfc3339(now)
        due = [
            case["answer_by"]
            for grade in Grade
            for case in self._table.query(
                IndexName=keys.DESK_INDEX,
                KeyConditionExpression="desk_pk = :queue",
                FilterExpression="#state = :open",
                ProjectionExpression="answer_by",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues={
                    ":queue": attribute(keys.queue_partition(grade)),
                    ":open": attribute(CaseState.OPEN),
                },
            )
        ]
        return Waiting(len(due), sum(answer_by < moment for answer_by in due))
