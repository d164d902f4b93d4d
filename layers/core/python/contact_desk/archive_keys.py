"""The keys of archived deliveries: `raw/{yyyy}/{mm}/{dd}/{hh}/{channel}/{sha256}.{n}`, n = contacts found."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta


def archive_key(channel: str, body: bytes, contacts: int, received_at: datetime) -> str:
    """The key of a delivery: the same bytes in the same hour have the same key."""
    digest = hashlib.sha256(body).hexdigest()
    return f"{_hour_prefix(received_at)}{channel}/{digest}.{contacts}"


def hour_prefixes(first: datetime, last: datetime) -> Iterator[str]:
    """The prefixes of every hour from the first moment to the last."""
    hour = first.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    while hour <= last:
        yield _hour_prefix(hour)
        hour += timedelta(hours=1)


def channel_of(key: str) -> str:
    """The webhook that took the delivery in, as its key says; empty where it does not say."""
    match key.split("/"):
        case ["raw", _, _, _, _, channel, _]:
            return channel
        case _:
            return ""


def contacts_in(key: str) -> int:
    """How many contacts ingest found in the delivery, as its key says; 0 where it does not say."""
    number = key.rpartition(".")[2]
    return int(number) if number.isascii() and number.isdigit() else 0


def _hour_prefix(moment: datetime) -> str:
    return f"raw/{moment.astimezone(UTC):%Y/%m/%d/%H}/"
