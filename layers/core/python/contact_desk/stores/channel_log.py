"""When each channel account last brought a contact by itself, and its last canary, in the desk's table."""

from __future__ import annotations

from datetime import datetime

from contact_desk.canaries import CanarySeen
from contact_desk.clock import from_rfc3339
from contact_desk.contacts import Contact
from contact_desk.stores import keys
from contact_desk.stores.dynamo import Table
from contact_desk.stores.intake import receipt_item
from contact_desk.stores.items import Plain


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

    def canary_seen(self, canary: Contact, at: datetime) -> None:
        """Note that triage had the account's canary, and close its delivery."""
        self._table.attempt(
            self._table.put(
                canary_item(canary, at),
                # One that a replay brings again must not hide the newest, by which its channel is judged.
                "attribute_not_exists(#received_at) OR #received_at <= :received_at",
                received_at=canary.received_at,
            )
        )
        if canary.last:
            self._table.attempt(self._table.put(receipt_item(canary.archive_key, at)))

    def last_canary(self, channel: str, account: str) -> CanarySeen | None:
        """The last canary that triage had (a consistent read); None where there never was one."""
        item = self._table.get(keys.canary(channel, account))
        if item is None:
            return None
        return CanarySeen(item["native_id"], from_rfc3339(item["received_at"]), from_rfc3339(item["seen_at"]))


def canary_item(canary: Contact, at: datetime) -> Plain:
    """The one item of an account's canaries, written over by each: no word of anybody's is in it."""
    return {
        **keys.canary(canary.channel, canary.account),
        "native_id": canary.native_id,
        "received_at": canary.received_at,
        "seen_at": at,
    }
