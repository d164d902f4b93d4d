"""The keys of archived deliveries: `raw/{yyyy}/{mm}/{dd}/{hh}/{channel}/{sha256}.{n}`, n = contacts found.

What a catch-up reader found has `{channel}-caught-up` there: the same webhook reads it, and everybody who has the key
knows that the webhook missed it. Deliveries with a wrong signature are parked apart, under `parked/`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

CAUGHT_UP = "-caught-up"
PARKED_PREFIX = "parked/"
ARCHIVE_DAYS = 90
"""How long the archive keeps a delivery, by its own rule."""


def archive_key(
    channel: str, body: bytes, contacts: int, received_at: datetime, *, caught_up: bool = False
) -> str:
    """The key of a delivery: the same bytes in the same hour have the same key."""
    digest = hashlib.sha256(body).hexdigest()
    return f"{_hour_prefix(received_at)}{channel}{CAUGHT_UP if caught_up else ''}/{digest}.{contacts}"


def hour_prefixes(first: datetime, last: datetime) -> Iterator[str]:
    """The prefixes of every hour from the first moment to the last."""
    hour = first.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    while hour <= last:
        yield _hour_prefix(hour)
        hour += timedelta(hours=1)


def hour_of_key(key: str) -> datetime | None:
    """The hour that the delivery was archived in; None where the key does not say."""
    match key.split("/"):
        case ["raw", year, month, day, hour, _, _]:
            try:
                return datetime(int(year), int(month), int(day), int(hour), tzinfo=UTC)
            except ValueError:
                return None
        case _:
            return None


def channel_of(key: str) -> str:
    """The webhook that took the delivery in, or would have; empty where the key does not say."""
    return _folder_of(key).removesuffix(CAUGHT_UP)


def is_caught_up(key: str) -> bool:
    """Whether a catch-up reader found it, and no webhook brought it."""
    return _folder_of(key).endswith(CAUGHT_UP)


def contacts_in(key: str) -> int:
    """How many contacts ingest found in the delivery, as its key says; 0 where it does not say."""
    number = key.rpartition(".")[2]
    return int(number) if number.isascii() and number.isdigit() else 0


def parking_key(channel: str, slot: int, received_at: datetime) -> str:
    """Where a delivery that nobody has verified is parked: each minute has so many slots and no more."""
    return f"{PARKED_PREFIX}{received_at.astimezone(UTC):%Y/%m/%d/%H/%M}/{channel}/{slot:03d}"


def parked_channel_of(key: str) -> str:
    """The webhook that a parked delivery came to; empty where the key is none of a parked delivery."""
    match key.split("/"):
        case ["parked", _, _, _, _, _, channel, _]:
            return channel
        case _:
            return ""


def _folder_of(key: str) -> str:
    match key.split("/"):
        case ["raw", _, _, _, _, channel, _]:
            return channel
        case _:
            return ""


def _hour_prefix(moment: datetime) -> str:
    return f"raw/{moment.astimezone(UTC):%Y/%m/%d/%H}/"
