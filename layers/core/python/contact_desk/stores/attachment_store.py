"""The records of attachments in the table: each in a partition of its own, claimed and written by updates alone.

The role that copies attachments may update these partitions and do nothing else to the table: it learns what is to be
copied from what its own update answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import islice

from contact_desk.attachments import AttachmentCopy, ContactAttachments, CopyFailure, CopyState
from contact_desk.clock import from_rfc3339, to_rfc3339
from contact_desk.stores import keys
from contact_desk.stores.dynamo import Refused, Table, assignments
from contact_desk.stores.items import Plain, attribute


class DynamoAttachments:
    """The records of attachments over the desk's table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def claim(
        self, attachments_id: str, *, token: str, now: datetime, lease_until: datetime
    ) -> ContactAttachments | None:
        """Take a record that is due, and have it be due again when the lease ends; None where it is not due."""
        due = keys.attachments_in_due_index(attachments_id, lease_until)
        answer = self._table.change(
            self._table.update(
                keys.attachments(attachments_id),
                "SET #token = :token, #due_at = :lease_until, #due_pk = :due_pk, #due_sk = :due_sk,"
                " #claims = #claims + :one",
                "#due_at <= :now",
                token=token,
                lease_until=lease_until,
                now=now,
                one=1,
                **due,
            )
        )
        if isinstance(answer, Refused):
            # Our own claim whose answer was lost, sent again by the SDK: its token and its lease tell it from others.
            ours = answer.old.get("token") == token and answer.old.get("due_at") == to_rfc3339(lease_until)
            return attachments_from_item(answer.old) if ours else None
        return attachments_from_item(answer)

    def record(self, claimed: ContactAttachments) -> bool:
        """Write its copies and when it is due next (None: never); False where somebody else has claimed it."""
        place = (
            keys.attachments_in_due_index(claimed.attachments_id, claimed.due_at) if claimed.due_at else {}
        )
        change, values = assignments(
            {
                "copies": _copies_field(claimed.copies),
                "due_at": claimed.due_at,
                "due_pk": None,
                "due_sk": None,
                **place,
            }
        )
        refused = self._table.attempt(
            self._table.update(
                keys.attachments(claimed.attachments_id),
                change,
                "#token = :token",
                **values,
                token=claimed.token,
            )
        )
        return refused is None

    def due(self, before: datetime, limit: int) -> Sequence[str]:
        """Names of records due before the moment, oldest first; the index may be a little behind the table."""
        places = sorted(
            place
            for shard in keys.attachments_shards()
            for place in islice(self._places(shard, before, limit), limit)
        )
        return [keys.attachments_of_due_index(place) for place in places[:limit]]

    def _places(self, shard: str, before: datetime, limit: int) -> Iterable[str]:
        for found in self._table.query(
            IndexName=keys.DUE_INDEX,
            KeyConditionExpression="due_pk = :shard AND due_sk < :before",
            ExpressionAttributeValues={":shard": attribute(shard), ":before": attribute(to_rfc3339(before))},
            Limit=limit,
        ):
            yield found["due_sk"]


def attachments_item(record: ContactAttachments) -> Plain:
    """A record as an item; it is in the due index while something is to be done."""
    due_at = record.due_at
    return {
        **keys.attachments(record.attachments_id),
        **(keys.attachments_in_due_index(record.attachments_id, due_at) if due_at else {}),
        "attachments_id": record.attachments_id,
        "channel": record.channel,
        "copies": _copies_field(record.copies),
        "due_at": due_at,
        "token": record.token,
        "claims": record.claims,
    }


def attachments_from_item(fields: Plain) -> ContactAttachments:
    """The record of an item."""
    return ContactAttachments(
        attachments_id=fields["attachments_id"],
        channel=fields["channel"],
        copies=tuple(map(_copy, fields["copies"])),
        due_at=from_rfc3339(fields["due_at"]) if fields.get("due_at") else None,
        token=fields.get("token"),
        claims=fields["claims"],
    )


def _copies_field(copies: Iterable[AttachmentCopy]) -> list[Plain]:
    return [asdict(copy) for copy in copies]


def _copy(fields: Plain) -> AttachmentCopy:
    failure = fields.get("failure")
    return AttachmentCopy(
        **{
            **fields,
            "state": CopyState(fields["state"]),
            "failure": CopyFailure(failure) if failure else None,
        }
    )
