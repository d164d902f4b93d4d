"""The repairs of the table and the dead-letter queues, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from contact_desk.repairs import DeadLetter, ExpiredClaim, QuarantinedMessage
from contact_desk.timeline import EntryKind, TimelineEntry
from local.twins.desk_records import DeskRecords


class InMemoryRepairs:
    """Repairs over records in memory."""

    def __init__(self, records: DeskRecords) -> None:
        self._records = records

    def without_receipt(self, archive_keys: Sequence[str]) -> Sequence[str]:
        """Those of the deliveries that no triage has closed, in their order."""
        with self._records.lock:
            return [key for key in archive_keys if key not in self._records.receipts]

    def expired_claims(self, before: datetime, limit: int) -> Sequence[ExpiredClaim]:
        """Claims whose lease ran out before the moment, oldest first."""
        with self._records.lock:
            claimed = [(case.claim, case.case_id) for case in self._records.cases.values() if case.claim]
        claims = [
            ExpiredClaim(case_id, claim.token, claim.name, claim.until)
            for claim, case_id in claimed
            if claim.until < before
        ]
        return sorted(claims, key=lambda claim: (claim.until, claim.case_id))[:limit]

    def free(self, claim: ExpiredClaim, now: datetime) -> bool:
        """Take an expired claim off its case; False where it was renewed, released or taken over meanwhile."""
        with self._records.lock:
            case = self._records.cases[claim.case_id]
            held = case.claim
            if held is None or held.token != claim.token or held.until != claim.until:
                return False
            self._records.cases[claim.case_id] = replace(case, claim=None)
            self._records.add_entry(
                claim.case_id,
                TimelineEntry(at=now, kind=EntryKind.CLAIM_EXPIRED, name=claim.token, by=claim.name),
            )
            return True

    def quarantine(self, letter: QuarantinedMessage) -> None:
        """Keep a message that no redriving saved, once for its name."""
        with self._records.lock:
            self._records.quarantine[(letter.queue, letter.message_id)] = letter

    def quarantined(self) -> Sequence[QuarantinedMessage]:
        """The messages in quarantine, oldest first."""
        with self._records.lock:
            return sorted(self._records.quarantine.values(), key=lambda letter: letter.quarantined_at)

    def release(self, letter: QuarantinedMessage) -> None:
        """Take a message that was put back on its queue out of quarantine."""
        with self._records.lock:
            self._records.quarantine.pop((letter.queue, letter.message_id), None)


class InMemoryDeadLetters:
    """Two lists: what is dead, and what was put back with its delay in seconds."""

    def __init__(self, *dead: DeadLetter) -> None:
        self.dead = list(dead)
        self.redriven: list[tuple[DeadLetter, int]] = []

    def receive(self, limit: int) -> Sequence[DeadLetter]:
        """Messages that could not be finished; they stay until `redrive` or `discard`."""
        return self.dead[:limit]

    def redrive(self, letter: DeadLetter, delay_seconds: int) -> None:
        """Put it back on its work queue, one round older, then take it off the dead-letter queue."""
        self.redriven.append((replace(letter, rounds=letter.rounds + 1), delay_seconds))
        self.discard(letter)

    def discard(self, letter: DeadLetter) -> None:
        """Take it off the dead-letter queue."""
        self.dead = [other for other in self.dead if other.receipt_handle != letter.receipt_handle]
