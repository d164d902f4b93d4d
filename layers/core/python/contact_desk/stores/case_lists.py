"""How the desk index lists cases: its partitions in order of urgency, and what a query keeps of each."""

from __future__ import annotations

from typing import Any

from contact_desk.case_desk import CaseQuery, QueuePlace
from contact_desk.cases import Case, CaseState
from contact_desk.grades import Grade
from contact_desk.stores import keys
from contact_desk.stores.dynamo import expressions


def place_of(case: Case) -> QueuePlace:
    """Where the index shows a case."""
    place = keys.case_in_desk_index(case)
    return QueuePlace(place["desk_pk"], place["desk_sk"])


def partitions_listed(query: CaseQuery) -> list[str]:
    """The partitions that a query reads, in order: the grades, most urgent first, or the closed cases.

    A query that begins at a place begins in that place's partition.
    """
    if query.states == {CaseState.CLOSED}:
        return [keys.CLOSED]
    partitions = [keys.queue_partition(grade) for grade in ([query.grade] if query.grade else Grade)]
    if query.after and query.after.partition in partitions:
        return partitions[partitions.index(query.after.partition) :]
    return partitions


def listing(query: CaseQuery, partition: str) -> dict[str, Any]:
    """The SDK's arguments that list what a query keeps of one partition: by urgency, or the last closed first."""
    closed = partition == keys.CLOSED
    wanted, kept = "#desk_pk = :partition", []
    if query.after and query.after.partition == partition:
        wanted += f" AND #desk_sk {'<' if closed else '>'} :position"
    if len(query.states) == 1:
        kept.append("#state = :state")
    if query.grade and closed:
        kept.append("#grade = :grade")
    if query.holder:
        kept.append("#claim.#until > :now AND (#claim.#holder = :holder OR #claim.#name = :holder)")
    if query.unheld:
        kept.append("(attribute_not_exists(#claim) OR #claim.#until <= :now)")
    values = {
        "partition": partition,
        "position": query.after.position if query.after else None,
        "state": min(query.states),
        "grade": query.grade,
        "holder": query.holder,
        "now": query.now,
    }
    filled = expressions("", " AND ".join([wanted, *kept]), values)
    return {
        "IndexName": keys.DESK_INDEX,
        "KeyConditionExpression": wanted,
        "ScanIndexForward": not closed,
        "ExpressionAttributeNames": filled["ExpressionAttributeNames"],
        "ExpressionAttributeValues": filled["ExpressionAttributeValues"],
        # A page is read up to its end; only where nothing is left out is its length known beforehand.
        **({"FilterExpression": " AND ".join(kept)} if kept else {"Limit": query.limit + 1}),
    }
