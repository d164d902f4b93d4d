"""When each channel account last brought a contact by itself, in the desk's table: one item each."""

from __future__ import annotations

from datetime import datetime

from contact_desk.clock import from_rfc3339
from contact_desk.stores import keys
from contact_desk.stores.dynamo import Table


class DynamoChannelLog:
    """The log over the desk's table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def heard(self, channel: str, account: str, at: datetime) -> None:
        """Note a contact; an earlier one than is known changes nothing."""
        self._table.attempt(
            self._table.update(
                keys.heard(channel, account),
                "SET #heard_at = :at",
                "attribute_not_exists(#heard_at) OR #heard_at < :at",
                at=at,
            )
        )

    def last_heard(self, channel: str, account: str) -> datetime | None:
        """The moment of the last one; None where there never was one."""
        item = self._table.get(keys.heard(channel, account))
        return from_rfc3339(item["heard_at"]) if item else None
