"""One kind of item on several channels: each channel has a sender of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from contact_desk.outbox import OutboxItem
from functions.notify.platform_answers import CredentialsRefused, LookUpAnswer, RetryLater, SendAnswer
from functions.notify.senders.sender import Sender


class ByChannel:
    """Hands each item to its channel's sender; the send protocol has asked `has_sender` before."""

    def __init__(self, senders: Mapping[str, Sender]) -> None:
        self._senders = senders

    def prepare(self, item: OutboxItem) -> RetryLater | CredentialsRefused | None:
        """Have at hand what the channel's call needs."""
        return self._senders[item.channel].prepare(item)

    def send(self, item: OutboxItem, *, within: timedelta) -> SendAnswer:
        """Send it by its channel."""
        return self._senders[item.channel].send(item, within=within)

    def look_up(self, item: OutboxItem, *, within: timedelta) -> LookUpAnswer:
        """Look for it on its channel."""
        return self._senders[item.channel].look_up(item, within=within)
