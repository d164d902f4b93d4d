"""What stays of a contact that was disposed of: its key and the date, so that no replay brings it back."""

from __future__ import annotations

from datetime import datetime

from contact_desk.stores.items import Plain
from contact_desk.stores.keys import Key

DISPOSED_AT = "disposed_at"
BLANKED_AT = "blanked_at"
STANDS = f"attribute_not_exists(#{DISPOSED_AT})"
"""The condition that something is no tombstone, or not there at all."""


def tombstone(key: Key, at: datetime) -> Plain:
    """The item that takes a contact's place, or that of an edit of one."""
    return {**key, DISPOSED_AT: at}


def is_blanked(item: Plain) -> bool:
    """Whether the words of a contact were taken out, because its writer took them back."""
    return BLANKED_AT in item


def is_tombstone(item: Plain) -> bool:
    """Whether the item is what stays of a contact."""
    return DISPOSED_AT in item
