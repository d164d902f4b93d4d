"""The list's cursor: a place in the queue, opaque to its bearer, good for the query that gave it."""

from __future__ import annotations

import base64
import binascii
import json

from contact_desk.case_desk import QueuePlace
from contact_desk.cases import CaseState
from contact_desk.grades import Grade
from contact_desk.stores import keys
from functions.operate.refusals import InvalidFieldsError


def cursor_of(place: QueuePlace) -> str:
    """The place as a cursor: base64url without padding."""
    text = json.dumps([place.partition, place.position], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def place_in(cursor: str, state: CaseState | None, grade: Grade | None) -> QueuePlace:
    """The place of a cursor; raises InvalidFieldsError for one that this query did not give."""
    grades = [grade] if grade else list(Grade)
    partitions = [keys.CLOSED] if state is CaseState.CLOSED else [keys.queue_partition(one) for one in grades]
    return _place(cursor, partitions)


def place_in_broadcasts(cursor: str) -> QueuePlace:
    """The place of a cursor of the list of broadcasts; raises InvalidFieldsError for any other."""
    return _place(cursor, [keys.BROADCASTS])


def _place(cursor: str, partitions: list[str]) -> QueuePlace:
    refusal = InvalidFieldsError({"cursor": "the next_cursor of a page of this very list"})
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        found = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        raise refusal from None
    if not isinstance(found, list) or len(found) != 2 or not all(isinstance(part, str) for part in found):  # noqa: PLR2004 - a pair
        raise refusal
    partition, position = found
    if partition not in partitions or not position.isascii():
        raise refusal
    return QueuePlace(partition, position)
