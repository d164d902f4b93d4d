"""How fast each account may be called: an allowance that fills again with time, and a rest after failures in a row.

A lane is one kind of item of one account. Its pace is in the table, so that all workers keep to one: while it is closed
nothing is called, and when the rest is over one item goes ahead to see whether the platform works again. An emergency
is not held by what befell others: while the lane rests because calls failed, one emergency after the other still goes
ahead; only the platform's own word to wait holds them too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from contact_desk.contacts import REPORT_FORM
from contact_desk.errors import StoreBusyError
from contact_desk.outbox import OutboxItem, OutboxKind, Purpose
from contact_desk.send_failures import SendFailure
from functions.notify.platform_answers import CredentialsRefused, RetryLater, SendAnswer, UnknownEffect

FAILURES_IN_A_ROW = 5
FIRST_REST = timedelta(seconds=15)
LONGEST_REST = timedelta(minutes=1)
TOKEN_ASKED_FOR_AGAIN_AFTER = timedelta(minutes=1)
# How long the one that goes ahead may take before another one does.
PROBE_WITHIN = timedelta(seconds=30)
EMERGENCY_PROBE_WITHIN = timedelta(seconds=10)
TRIES = 10
FAILS = frozenset({SendFailure.NO_ANSWER, SendFailure.SERVER_ERROR, SendFailure.UNREACHABLE})
CLOSES = frozenset({SendFailure.THROTTLED, SendFailure.ALLOWANCE_SPENT})
MACHINES_OWN = frozenset({Purpose.ACKNOWLEDGEMENT, Purpose.SIGNPOST, Purpose.SURVEY})


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many in so long; a third of them is kept for emergencies and for what people write."""

    most: int
    per: timedelta

    def left_for(self, purpose: Purpose) -> float:
        """How many there are, at the fullest, for such a thing."""
        return self.most - self.most / 3 if purpose in MACHINES_OWN else self.most


# By account. Where a platform allows many a second, what it says in its answers is the finer measure; the allowance
# keeps a burst from running into the block that follows.
ALLOWANCES: Mapping[tuple[OutboxKind, str], Allowance] = {
    # X API, "Rate limits". Its messages have a limit for the day too, which is the same pace.
    (OutboxKind.MESSAGE, "x"): Allowance(15, timedelta(minutes=15)),
    (OutboxKind.COMMENT_REPLY, "x"): Allowance(100, timedelta(minutes=15)),
    # Messenger Platform, "Rate Limiting": texts of a page, private replies of a page. Of Instagram its pages say 100 in
    # one place and 300 in another.
    (OutboxKind.MESSAGE, "messenger"): Allowance(300, timedelta(seconds=1)),
    (OutboxKind.PRIVATE_REPLY, "facebook_page"): Allowance(750, timedelta(hours=1)),
    (OutboxKind.MESSAGE, "instagram"): Allowance(100, timedelta(seconds=1)),
    # WhatsApp Cloud API, "Throughput", as a number begins.
    (OutboxKind.MESSAGE, "whatsapp"): Allowance(80, timedelta(seconds=1)),
    # Twilio, "Messaging limits and queueing": a long number outside North America. Twilio queues what is over.
    (OutboxKind.MESSAGE, "sms"): Allowance(10, timedelta(seconds=1)),
    # Amazon SES, "Service quotas", as an account begins once it is out of the sandbox.
    (OutboxKind.EMAIL, REPORT_FORM): Allowance(14, timedelta(seconds=1)),
}


@dataclass(frozen=True, slots=True)
class Pace:
    """A lane's state: `spent` of its allowance at `counted_at`, `failures` in a row, and until when it is closed.

    `revision` grows with each change, and a writer holds to the one it read. `failure` says why it is closed,
    `emergency_from` when the next emergency may go ahead all the same.
    """

    lane: str
    revision: int = 0
    spent: float = 0.0
    counted_at: datetime | None = None
    failures: int = 0
    closed_until: datetime | None = None
    failure: SendFailure | None = None
    emergency_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """The item has to wait: until when, and why."""

    until: datetime
    failure: SendFailure


class PaceStore(Protocol):
    """Where paces are kept."""

    def get(self, lane: str) -> Pace:
        """The lane's pace as it stands now; an untouched one where nothing is kept."""
        ...

    def put(self, pace: Pace, *, was: int) -> bool:
        """Keep it, if the one kept still has the revision `was`; False where somebody else came first."""
        ...


class Paces:
    """Lets items through, one lane at a time, and learns from what comes of them."""

    def __init__(self, store: PaceStore) -> None:
        self._store = store

    def enter(self, item: OutboxItem, now: datetime) -> Pace | Held:
        """The lane's pace with this item counted in; Held where it has to wait. Raises StoreBusyError."""
        allowance = ALLOWANCES.get((item.kind, item.channel))
        pace = self._store.get(lane_of(item))
        for tried in range(TRIES):
            pace = self._store.get(pace.lane) if tried else pace
            entered = admit(pace, allowance, item.purpose, now)
            if isinstance(entered, Held) or entered == pace or self._keep(entered, pace):
                return entered
        if item.purpose is Purpose.EMERGENCY:
            return pace  # a crowd counts itself: an emergency does not wait for that
        raise StoreBusyError("the account's pace changed with every try")

    def learn(self, entered: Pace, answer: SendAnswer, now: datetime) -> None:
        """Keep what the answer says of the account. Raises StoreBusyError."""
        if after(entered, answer, now) == entered:
            return  # an account that works, as before: nothing to read or write
        for _ in range(TRIES):
            pace = self._store.get(entered.lane)
            becomes = after(pace, answer, now)
            if becomes == pace or self._keep(becomes, pace):
                return
        raise StoreBusyError("the account's pace changed with every try")

    def _keep(self, becomes: Pace, was: Pace) -> bool:
        return self._store.put(replace(becomes, revision=was.revision + 1), was=was.revision)


def lane_of(item: OutboxItem) -> str:
    """The name of the lane that the item is on."""
    return f"{item.channel}#{item.account}#{item.kind.value}"


def admit(pace: Pace, allowance: Allowance | None, purpose: Purpose, now: datetime) -> Pace | Held:
    """Whether an item may go now: the pace with it counted in, or until when it waits."""
    if pace.closed_until is not None and now < pace.closed_until:
        closed_for = pace.failure or SendFailure.ACCOUNT_RESTING
        if purpose is not Purpose.EMERGENCY or closed_for in CLOSES:
            return Held(pace.closed_until, closed_for)
        if pace.emergency_from is not None and now < pace.emergency_from:
            return Held(min(pace.closed_until, pace.emergency_from), closed_for)
        pace = replace(pace, emergency_from=now + EMERGENCY_PROBE_WITHIN)
    elif pace.closed_until is not None:
        # This one goes ahead; the others wait for what comes of it.
        pace = replace(pace, closed_until=now + PROBE_WITHIN, failure=SendFailure.ACCOUNT_RESTING)
    if allowance is None:
        return pace
    spent = _spent(pace, allowance, now)
    over = spent + 1 - allowance.left_for(purpose)
    if over > 0:
        return Held(now + allowance.per / allowance.most * over, SendFailure.PACED)
    return replace(pace, spent=spent + 1, counted_at=now)


def after(pace: Pace, answer: SendAnswer, now: datetime) -> Pace:
    """The pace once an item of the lane has been answered so."""
    match answer:
        case CredentialsRefused(failure):
            return replace(pace, closed_until=now + TOKEN_ASKED_FOR_AGAIN_AFTER, failure=failure)
        case RetryLater(failure, wait) if failure in CLOSES:
            return replace(pace, closed_until=now + (wait or FIRST_REST), failure=failure)
        case RetryLater(failure) | UnknownEffect(failure) if failure in FAILS:
            failures = pace.failures + 1
            if failures < FAILURES_IN_A_ROW:
                return replace(pace, failures=failures)
            rest = min(FIRST_REST * (1 << min(failures - FAILURES_IN_A_ROW, 5)), LONGEST_REST)
            resting = SendFailure.ACCOUNT_RESTING
            return replace(pace, failures=failures, closed_until=now + rest, failure=resting)
        case _:
            return replace(pace, failures=0, closed_until=None, failure=None, emergency_from=None)


def _spent(pace: Pace, allowance: Allowance, now: datetime) -> float:
    if pace.counted_at is None:
        return 0.0
    return max(0.0, pace.spent - allowance.most * ((now - pace.counted_at) / allowance.per))
