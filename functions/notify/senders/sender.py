"""What every sender can do, and the list of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

from contact_desk.outbox import OutboxItem, OutboxKind
from functions.notify.platform_answers import CredentialsRefused, LookUpAnswer, RetryLater, SendAnswer


class Sender(Protocol):
    """The outside world as the send protocol sees it, one kind of item at a time."""

    def prepare(self, item: OutboxItem) -> RetryLater | CredentialsRefused | None:
        """Have at hand what the call needs, so that nothing slow stands between the item's start and its call.

        Says why the item has to wait where something is lacking.
        """
        ...

    def send(self, item: OutboxItem, *, within: timedelta) -> SendAnswer:
        """Send the item's exact words, in one call that takes no longer than `within`.

        `item.attempts` counts this try too. Never raises for what the outside does.
        """
        ...

    def look_up(self, item: OutboxItem, *, within: timedelta) -> LookUpAnswer:
        """Whether the item's words are there since `item.started_at`, in one call of at most `within`."""
        ...


Senders = Mapping[OutboxKind, Sender]
