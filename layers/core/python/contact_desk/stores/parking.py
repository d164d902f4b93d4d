"""Deliveries that nobody has verified, on S3: each minute has a number of slots, and a slot is taken once."""

from __future__ import annotations

import zlib
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from contact_desk.archive_keys import parking_key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3Parking:
    """Parks into the archive bucket, under a prefix of its own; its role may write there and read nothing."""

    def __init__(self, client: S3Client, bucket_name: str) -> None:
        self._client = client
        self._bucket_name = bucket_name

    def park(self, channel: str, parked: bytes, *, at: datetime, slots: int, tries: int) -> bool:
        """Keep one delivery, in one of the slots of its minute; False where it is not kept.

        The cap holds for all sandboxes together, because the slots are names and S3 gives each away once.
        """
        wanted = slots_for(parked, slots, tries)
        return any(self._take(parking_key(channel, slot, at), parked) for slot in wanted)

    def _take(self, key: str, parked: bytes) -> bool:
        try:
            self._client.put_object(
                Bucket=self._bucket_name,
                Key=key,
                Body=parked,
                ContentType="application/octet-stream",
                IfNoneMatch="*",
            )
        except (ClientError, BotoCoreError):
            return False  # taken, or S3 is busy: either way it is not kept, and the caller says so
        return True


def slots_for(parked: bytes, slots: int, tries: int) -> list[int]:
    """The slots that a delivery may take, in the order in which it tries them."""
    first = zlib.crc32(parked)
    return list(dict.fromkeys((first + step) % slots for step in range(tries)))
