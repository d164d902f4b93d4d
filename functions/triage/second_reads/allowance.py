"""How often the second reader may be asked: so many times a day, and not at all while it rests after failures in a row.

One item a day holds both, so that asking costs one write. When a rest is over everybody asks again, and the first
failure begins the next rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from contact_desk.clock import from_rfc3339, to_rfc3339
from contact_desk.stores import keys
from contact_desk.stores.dynamo import Refused, Table

FAILURES_IN_A_ROW = 5
REST = timedelta(seconds=60)
KEPT = timedelta(days=40)


class Entered(StrEnum):
    """Whether the model may be asked now."""

    ASK = "ask"
    CAPPED = "capped"
    RESTING = "resting"


@dataclass(frozen=True, slots=True)
class Entry:
    """The answer, and how many asked in vain right before."""

    entered: Entered
    failures: int = 0


class Allowance(Protocol):
    """Where the day's allowance is kept; every method raises StoreError where it fails."""

    def enter(self, now: datetime) -> Entry:
        """Count one more asking in, or say why not."""
        ...

    def failed(self, now: datetime) -> None:
        """Note that nobody answered; the fifth in a row begins a rest."""
        ...

    def answered(self, entry: Entry, now: datetime) -> None:
        """Note an answer: what failed before it is forgotten."""
        ...


class DynamoAllowance:
    """The allowance in the desk's table."""

    def __init__(self, table: Table, reads_a_day: int) -> None:
        self._table = table
        self._reads_a_day = reads_a_day

    def enter(self, now: datetime) -> Entry:
        """Count one more asking in, in one conditional write."""
        outcome = self._table.change(
            self._table.update(
                keys.second_reads(now.date()),
                "SET #expires_at = :expires_at ADD #spent :one",
                "(attribute_not_exists(#spent) OR #spent < :most)"
                " AND (attribute_not_exists(#rests_until) OR #rests_until <= :now)",
                expires_at=int((now + KEPT).timestamp()),
                one=1,
                most=self._reads_a_day,
                now=now,
            )
        )
        if not isinstance(outcome, Refused):
            return Entry(Entered.ASK, outcome.get("failures", 0))
        rests_until = outcome.old.get("rests_until")
        resting = rests_until is not None and from_rfc3339(rests_until) > from_rfc3339(to_rfc3339(now))
        return Entry(Entered.RESTING if resting else Entered.CAPPED)

    def failed(self, now: datetime) -> None:
        """Note that nobody answered."""
        key = keys.second_reads(now.date())
        outcome = self._table.change(self._table.update(key, "ADD #failures :one", one=1))
        if not isinstance(outcome, Refused) and outcome["failures"] >= FAILURES_IN_A_ROW:
            self._table.attempt(self._table.update(key, "SET #rests_until = :until", until=now + REST))

    def answered(self, entry: Entry, now: datetime) -> None:
        """Forget what failed; where nothing had, nothing is written."""
        if entry.failures:
            self._table.attempt(
                self._table.update(keys.second_reads(now.date()), "REMOVE #failures, #rests_until")
            )
