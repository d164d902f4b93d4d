"""The outbox in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from contact_desk.case_desk import ActRecord
from contact_desk.intake import Nudge
from contact_desk.outbox import UNSENT, ExpectedEcho, OutboxItem, OutboxState, Resolution
from contact_desk.send_failures import SendFailure
from local.twins.desk_records import DeskRecords

HELD = frozenset({OutboxState.CLAIMED, OutboxState.STARTED, OutboxState.IN_DOUBT})


class InMemoryOutbox:
    """The outbox over records in memory."""

    def __init__(self, records: DeskRecords) -> None:
        self._records = records

    def get(self, outbox_id: str) -> OutboxItem | None:
        """The item."""
        return self._records.outbox.get(outbox_id)

    def claim(self, outbox_id: str, *, token: str, now: datetime, lease_until: datetime) -> OutboxItem | None:
        """Take a due, unsent item nobody holds; None where somebody does, it is done, or it is not yet due."""
        with self._records.lock:
            item = self.get(outbox_id)
            if item is None or item.state not in UNSENT or _held(item, now):
                return None
            if item.state in {OutboxState.PENDING, OutboxState.IN_DOUBT} and item.due_at > now:
                return None
            may_have_been_sent = item.state in {OutboxState.STARTED, OutboxState.IN_DOUBT}
            becomes = OutboxState.IN_DOUBT if may_have_been_sent else OutboxState.CLAIMED
            return self._keep(replace(item, state=becomes, token=token, lease_until=lease_until))

    def start(self, claimed: OutboxItem, *, now: datetime) -> OutboxItem | None:
        """Record that the call to the platform is about to be made; None where the claim was lost."""
        with self._records.lock:
            item = self._mine(claimed)
            if item is None or item.state is not OutboxState.CLAIMED:
                return None
            return self._keep(
                replace(item, state=OutboxState.STARTED, started_at=now, attempts=item.attempts + 1)
            )

    def keep_draft(self, started: OutboxItem, *, platform_id: str) -> bool:
        """Record the platform's name for what was made there and nobody sees yet."""
        with self._records.lock:
            item = self._mine(started)
            if item is None or item.state is not OutboxState.STARTED:
                return False
            self._keep(replace(item, platform_id=platform_id))
            return True

    def mark_sent(self, claimed: OutboxItem, *, platform_id: str | None, now: datetime) -> bool:
        """Record the proof of sending."""
        forgotten = {} if platform_id else {"resolved_by": None}
        return self._settle(
            claimed, OutboxState.SENT, platform_id=platform_id, sent_at=now, failure=None, **forgotten
        )

    def mark_failed(self, claimed: OutboxItem, *, failure: str) -> bool:
        """Record a refusal that another try does not change."""
        return self._settle(claimed, OutboxState.FAILED, failure=failure)

    def postpone(self, claimed: OutboxItem, *, due_at: datetime, failure: str) -> bool:
        """Give the item back, to be sent from `due_at` on."""
        return self._settle(claimed, OutboxState.PENDING, due_at=due_at, started_at=None, failure=failure)

    def mark_in_doubt(
        self, claimed: OutboxItem, *, due_at: datetime, failure: str, started_at: datetime | None = None
    ) -> bool:
        """Record that the call may have had an effect; it is looked up from `due_at` on."""
        begun = {"started_at": started_at} if started_at else {}
        return self._settle(claimed, OutboxState.IN_DOUBT, due_at=due_at, failure=failure, **begun)

    def hand_to_person(self, claimed: OutboxItem, *, failure: str) -> bool:
        """Record that only a person can say whether it arrived."""
        return self._settle(claimed, OutboxState.NEEDS_HUMAN, failure=failure)

    def confirm(self, outbox_id: str, *, platform_id: str, now: datetime) -> bool:
        """Record a platform's own confirmation, whoever holds the item; False where there is no such item."""
        with self._records.lock:
            item = self.get(outbox_id)
            refuted = (OutboxState.FAILED, SendFailure.NOT_DELIVERED)
            if item and item.state is not OutboxState.SENT and (item.state, item.failure) != refuted:
                self._keep(
                    replace(
                        item,
                        state=OutboxState.SENT,
                        platform_id=platform_id,
                        sent_at=now,
                        failure=None,
                        lease_until=None,
                    )
                )
            return item is not None

    def expect_echo(self, claimed: OutboxItem, *, now: datetime) -> None:
        """Remember whose words they are, for a platform whose echo says nothing of its sender."""
        self._expect(claimed, claimed.text_hash, now)

    def expect_word_of(self, sent: OutboxItem, *, platform_id: str, now: datetime) -> None:
        """Remember whose it is, for a platform that later speaks of it by its own name for it alone."""
        self._expect(sent, platform_id, now)

    def _expect(self, claimed: OutboxItem, sign: str, now: datetime) -> None:
        place = (claimed.channel, claimed.account, claimed.target, sign)
        self._records.echoes[place] = ExpectedEcho(claimed.outbox_id, now)

    def expected_echo(self, channel: str, account: str, person: str, sign: str) -> ExpectedEcho | None:
        """The item of ours that sent the person what goes by the sign; None where none did."""
        return self._records.echoes.get((channel, account, person, sign))

    def refute(self, outbox_id: str, *, failure: str, because: str | None = None) -> OutboxItem | None:
        """Record a platform's later word that it did not arrive; None where there is no such item, or it says so."""
        with self._records.lock:
            item = self.get(outbox_id)
            if item is None or item.state is OutboxState.FAILED or item.resolved_by:
                return None
            gone = replace(
                item,
                state=OutboxState.FAILED,
                failure=failure,
                undelivered_because=because,
                sent_at=None,
                lease_until=None,
            )
            return self._keep(gone)

    def resolve(
        self,
        outbox_id: str,
        *,
        outcome: Resolution,
        by: str,
        now: datetime,
        record: ActRecord | None = None,
    ) -> OutboxItem | None:
        """Record what a person says of an item that needs one; None where it does not wait for anybody."""
        with self._records.lock:
            item = self.get(outbox_id)
            if item is None:
                return None
            if item.state is not OutboxState.NEEDS_HUMAN:
                return item if item.resolved_by == by else None
            if record:
                self._records.keep(record)
            told = replace(item, resolved_by=by, failure=None)
            if outcome is Resolution.ARRIVED:
                return self._keep(replace(told, state=OutboxState.SENT, sent_at=now))
            return self._keep(
                replace(told, state=OutboxState.PENDING, due_at=now, started_at=None, looked_up=0)
            )

    def due(self, before: datetime, limit: int) -> Sequence[Nudge]:
        """Unsent items due before the moment, oldest first."""
        with self._records.lock:
            unsent = [item for item in self._records.outbox.values() if item.state in UNSENT]
        due = sorted((item.due_at, item.outbox_id, item.urgent) for item in unsent if item.due_at < before)
        return [Nudge(outbox_id, urgent) for _, outbox_id, urgent in due[:limit]]

    def _mine(self, claimed: OutboxItem) -> OutboxItem | None:
        item = self.get(claimed.outbox_id)
        return item if item and item.token == claimed.token and item.state in HELD else None

    def _settle(self, claimed: OutboxItem, becomes: OutboxState, **changes: Any) -> bool:
        with self._records.lock:
            item = self._mine(claimed)
            if item is None:
                return False
            self._keep(replace(item, state=becomes, looked_up=claimed.looked_up, lease_until=None, **changes))
            return True

    def _keep(self, item: OutboxItem) -> OutboxItem:
        self._records.outbox[item.outbox_id] = item
        return item


def _held(item: OutboxItem, now: datetime) -> bool:
    return item.lease_until is not None and item.lease_until > now
