"""Reminders: an urgent item that waits a short while has itself nudged when it is due, not by the sweep's next minute.

The table stays the truth: a reminder that is lost, or comes too early, costs time and nothing else. Only a worker that
had claimed the item leaves one, and the claim is refused until the item is due, so reminders never multiply.
"""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from contact_desk.observability import count
from contact_desk.pointers import nudge_message

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# What a message can be delayed at the most; what waits longer is the sweep's.
LONGEST = timedelta(minutes=15)


class Reminders(Protocol):
    """Has an item nudged later."""

    def remind(self, outbox_id: str, after: timedelta) -> None:
        """Nudge the item once so much time has passed, `LONGEST` at the most; never raises."""
        ...


class SqsReminders:
    """Reminders as delayed messages of queue `outbox_urgent`."""

    def __init__(self, client: SQSClient, queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def remind(self, outbox_id: str, after: timedelta) -> None:
        """Nudge the item once so much time has passed, in whole seconds."""
        # A message that comes just before the item is due would find nothing to do.
        seconds = max(1, ceil(after.total_seconds()))
        try:
            self._client.send_message(
                QueueUrl=self._queue_url, MessageBody=nudge_message(outbox_id), DelaySeconds=seconds
            )
        except (BotoCoreError, ClientError):
            count("RemindersLost")  # the sweep finds the item within its minute
