"""The ports of what goes out, and of what came in with contacts and is copied."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from contact_desk.attachments import ContactAttachments
from contact_desk.case_desk import (
    ActRecord,
)
from contact_desk.intake import Nudge
from contact_desk.outbox import ExpectedEcho, OutboxItem, Resolution


class OutboxStore(Protocol):
    """The outbox as notify, operate and sweep see it. A refused condition is answered, never raised.

    What `claim` gave is the worker's ticket for all that follows: each method below it holds only while the item
    still has that claim's token, and writes the ticket's `looked_up` with its own change.
    """

    def get(self, outbox_id: str) -> OutboxItem | None:
        """The item (a consistent read)."""
        ...

    def claim(self, outbox_id: str, *, token: str, now: datetime, lease_until: datetime) -> OutboxItem | None:
        """Take a due, unsent item nobody holds; None where somebody does, it is done, or it is not yet due.

        An item whose holder died before it started comes back claimed; one whose holder died after it started,
        and one in doubt, comes back in_doubt, to be looked up and never sent blindly.
        """
        ...

    def start(self, claimed: OutboxItem, *, now: datetime) -> OutboxItem | None:
        """Record that the call to the platform is about to be made; None where the claim was lost."""
        ...

    def keep_draft(self, started: OutboxItem, *, platform_id: str) -> bool:
        """Record the platform's name for what was made there and nobody sees yet; False where the claim was lost.

        Only then may it be made public: whoever has the item later finds out by that name whether it was.
        """
        ...

    def mark_sent(self, claimed: OutboxItem, *, platform_id: str | None, now: datetime) -> bool:
        """Record the proof of sending.

        Without a name of the platform's nothing was sent after all, and a person's earlier word on it is forgotten.
        """
        ...

    def mark_failed(self, claimed: OutboxItem, *, failure: str) -> bool:
        """Record a refusal that another try does not change; `failure` is a code for operators, never a text."""
        ...

    def postpone(self, claimed: OutboxItem, *, due_at: datetime, failure: str) -> bool:
        """Give the item back, to be sent from `due_at` on: nothing of it stands, or a double is harmless."""
        ...

    def mark_in_doubt(
        self, claimed: OutboxItem, *, due_at: datetime, failure: str, started_at: datetime | None = None
    ) -> bool:
        """Record that the call may have had an effect; it is looked up from `due_at` on.

        `started_at` is for an item of whose start nothing is known: the earliest that it may have been.
        """
        ...

    def hand_to_person(self, claimed: OutboxItem, *, failure: str) -> bool:
        """Record that only a person can say whether it arrived."""
        ...

    def confirm(self, outbox_id: str, *, platform_id: str, now: datetime) -> bool:
        """Record a platform's own confirmation, whoever holds the item; False where there is no such item."""
        ...

    def expect_echo(self, claimed: OutboxItem, *, now: datetime) -> None:
        """Remember whose words they are, for a platform whose echo says nothing of its sender."""
        ...

    def expect_word_of(self, sent: OutboxItem, *, platform_id: str, now: datetime) -> None:
        """Remember whose it is, for a platform that later speaks of it by its own name for it alone."""
        ...

    def expected_echo(self, channel: str, account: str, person: str, sign: str) -> ExpectedEcho | None:
        """The item of ours that sent the person what goes by the sign: the words' hash, or the platform's name.

        None where none did, of late.
        """
        ...

    def refute(self, outbox_id: str, *, failure: str, because: str | None = None) -> OutboxItem | None:
        """Record a platform's later word that it did not arrive; None where there is no such item, or it says so."""
        ...

    def resolve(
        self,
        outbox_id: str,
        *,
        outcome: Resolution,
        by: str,
        now: datetime,
        record: ActRecord | None = None,
    ) -> OutboxItem | None:
        """Record what a person says of an item that needs one; None where it does not wait for anybody.

        It becomes sent, or pending and due now: nudge it then. The same person's repeat is answered alike. The
        record of the act is written with it, or not at all.
        """
        ...

    def due(self, before: datetime, limit: int) -> Sequence[Nudge]:
        """Unsent items due before the moment, oldest first, for the sweep to nudge again."""
        ...


class AttachmentStore(Protocol):
    """The records of attachments as their copier and sweep see them; a refused condition is answered, never raised."""

    def claim(
        self, attachments_id: str, *, token: str, now: datetime, lease_until: datetime
    ) -> ContactAttachments | None:
        """Take a record that is due, and have it be due again when the lease ends; None where it is not due."""
        ...

    def record(self, claimed: ContactAttachments) -> bool:
        """Write its copies and when it is due next (None: never); False where somebody else has claimed it."""
        ...

    def due(self, before: datetime, limit: int) -> Sequence[str]:
        """Names of records due before the moment, oldest first, for the sweep to nudge again."""
        ...
