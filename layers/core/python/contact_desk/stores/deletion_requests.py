"""Platforms' requests to delete what the desk has of a person, in the desk's table: one item each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from contact_desk.clock import from_rfc3339, to_rfc3339
from contact_desk.data_deletions import STATUS_KEPT, DeletionRequest
from contact_desk.stores import keys
from contact_desk.stores.dynamo import Table, assignments
from contact_desk.stores.items import Plain, attribute

WAITS = "attribute_exists(#pk) AND attribute_not_exists(#settled_at)"


class DynamoDeletionRequests:
    """The requests over the desk's table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def take(self, request: DeletionRequest) -> None:
        """Keep a request, once for its code: the same one again changes nothing."""
        self._table.attempt(self._table.put(deletion_item(request), "attribute_not_exists(#pk)"))

    def get(self, code: str) -> DeletionRequest | None:
        """The request of a code (a consistent read); None where there is none, or no more."""
        item = self._table.get(keys.deletion(code))
        return deletion_from_item(item) if item else None

    def due(self, before: datetime) -> Iterator[DeletionRequest]:
        """The requests that the sweep should look at by the moment, oldest first."""
        places = self._table.query(
            IndexName=keys.DUE_INDEX,
            KeyConditionExpression="due_pk = :deletions AND due_sk < :before",
            ExpressionAttributeValues={
                ":deletions": attribute(keys.DELETIONS),
                ":before": attribute(to_rfc3339(before)),
            },
        )
        for place in places:
            if (item := self._table.get({"pk": place["pk"], "sk": place["sk"]})) and item.get("due_pk"):
                yield deletion_from_item(item)

    def waiting(self) -> Sequence[DeletionRequest]:
        """The requests that nobody has settled, oldest first; a little behind the table."""
        found = self._table.query(
            IndexName=keys.DESK_INDEX,
            KeyConditionExpression="desk_pk = :deletions",
            ExpressionAttributeValues={":deletions": attribute(keys.DELETIONS)},
        )
        return [deletion_from_item(item) for item in found]

    def look_again(self, code: str, at: datetime | None) -> None:
        """Have the sweep look at it again then, or never by itself."""
        change, values = assignments({"look_at": at, **_due(code, at)})
        self._table.attempt(self._table.update(keys.deletion(code), change, WAITS, **values))

    def match(self, code: str, names: Sequence[str], at: datetime) -> bool:
        """Say who the person is, and have the sweep look then; False where no such request waits."""
        change, values = assignments({"matched": True, "names": list(names), "look_at": at, **_due(code, at)})
        return self._table.attempt(self._table.update(keys.deletion(code), change, WAITS, **values)) is None

    def settle(self, code: str, at: datetime) -> None:
        """Close it: who the person is goes, what the status page needs stays for half a year."""
        change, values = assignments(
            {
                "settled_at": at,
                "expires_at": int((at + STATUS_KEPT).timestamp()),
                **dict.fromkeys(("person", "names", "look_at", "due_pk", "due_sk", "desk_pk", "desk_sk")),
            }
        )
        self._table.attempt(self._table.update(keys.deletion(code), change, WAITS, **values))


def deletion_item(request: DeletionRequest) -> Plain:
    """A request as an item: in the desk index while it waits, in the due index while the sweep has to look."""
    waits = request.settled_at is None
    return {
        **keys.deletion(request.code),
        **(keys.deletion_in_desk_index(request.code, request.asked_at) if waits else {}),
        **_due(request.code, request.look_at),
        "code": request.code,
        "platform": request.platform,
        "asked_at": request.asked_at,
        "matched": request.matched,
        "person": request.person,
        "names": list(request.names) or None,
        "look_at": request.look_at,
        "settled_at": request.settled_at,
    }


def deletion_from_item(fields: Plain) -> DeletionRequest:
    """The request of an item."""
    return DeletionRequest(
        code=fields["code"],
        platform=fields["platform"],
        asked_at=from_rfc3339(fields["asked_at"]),
        matched=fields["matched"],
        person=fields.get("person"),
        names=tuple(fields.get("names", ())),
        look_at=from_rfc3339(fields["look_at"]) if fields.get("look_at") else None,
        settled_at=from_rfc3339(fields["settled_at"]) if fields.get("settled_at") else None,
    )


def _due(code: str, at: datetime | None) -> Plain:
    return {"due_pk": None, "due_sk": None} if at is None else {**keys.deletion_in_due_index(code, at)}
