"""How many cases wait, and which of them nobody has looked at, by the desk index."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from contact_desk.backlog import UnseenCase, Waiting
from contact_desk.cases import NEVER_ACTED_ON, CaseState
from contact_desk.clock import to_rfc3339
from contact_desk.grades import Grade
from contact_desk.stores import keys
from contact_desk.stores.dynamo import Table
from contact_desk.stores.items import attribute


class DynamoCaseCounts:
    """Counts over the desk's table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def unseen(self, grade: Grade, before: datetime, limit: int) -> Sequence[UnseenCase]:
        """Open cases of the grade that no operator has acted on and whose `answer_by` has passed; oldest case first."""
        found = self._table.query(
            IndexName=keys.DESK_INDEX,
            KeyConditionExpression="desk_pk = :queue",
            FilterExpression="#state = :open AND #version = :untouched AND answer_by < :before",
            ProjectionExpression="case_id, #reference",
            ExpressionAttributeNames={"#state": "state", "#version": "version", "#reference": "reference"},
            ExpressionAttributeValues={
                ":queue": attribute(keys.queue_partition(grade)),
                ":open": attribute(CaseState.OPEN),
                ":untouched": attribute(NEVER_ACTED_ON),
                ":before": attribute(to_rfc3339(before)),
            },
        )
        cases = sorted((case["case_id"], case["reference"]) for case in found)
        return [UnseenCase(*case) for case in cases[:limit]]

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
