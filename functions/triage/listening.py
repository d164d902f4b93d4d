"""Notes when each channel was last heard of, so that its silence can be told from a quiet hour."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from contact_desk.archive_keys import is_caught_up
from contact_desk.contacts import Contact
from contact_desk.errors import StoreError
from contact_desk.ports import ChannelLog

# Silence is told in hours: one note a minute says enough, and a storm of contacts does not become one of writes.
AT_MOST_EVERY = timedelta(minutes=1)


class Listener:
    """Listens to what triage takes, and notes it in the channel log."""

    def __init__(self, log: ChannelLog) -> None:
        self._log = log
        self._noted: dict[tuple[str, str], datetime] = {}

    def hear(self, contacts: Iterable[Contact]) -> bool:
        """Note the newest contact of each channel account; False where a note was lost, which the next one makes good.

        What a catch-up reader found is no sign of life: the webhook that should have brought it is what is watched.
        """
        newest: dict[tuple[str, str], datetime] = {}
        for contact in contacts:
            if not is_caught_up(contact.archive_key):
                name = contact.channel, contact.account
                newest[name] = max(newest.get(name, contact.received_at), contact.received_at)
        kept = [self._note(name, at) for name, at in newest.items()]
        return all(kept)

    def let_pass(self, canary: Contact, at: datetime) -> None:
        """Note a canary; raises StoreError where that fails, so that SQS brings it again."""
        self._log.canary_seen(canary, at)

    def _note(self, name: tuple[str, str], at: datetime) -> bool:
        noted = self._noted.get(name)
        if noted is not None and at - noted < AT_MOST_EVERY:
            return True
        try:
            self._log.heard(*name, at)
        except StoreError:
            return False
        self._noted[name] = at
        return True
