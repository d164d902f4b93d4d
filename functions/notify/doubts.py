"""What to do about an item that may have been sent: pure, one decision after each look-up.

A reply, and anything in public, is sent again only once a look-up has proved that it is not there. An emergency text
in private is sent again after one look-up whatever came of it: a double is harmless, silence is not. An operator alert
or an update of the feed is simply made again. What may have been sent before the table was restored is never sent again
by the machine: the words that a look-up seeks are those of today, so not even their absence proves anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from contact_desk.outbox import OutboxItem, OutboxKind, Purpose
from contact_desk.send_failures import SendFailure
from functions.notify.platform_answers import Absent, Unclear

# How long after its start a call may still take effect: only a look-up later than that proves anything.
PLATFORM_DELAY = timedelta(seconds=15)
# A copy may take several calls, of which the last one matters: it begins no later than this after the start.
LAST_CALL_WITHIN = timedelta(seconds=8)
MOST_LOOK_UPS = 5
FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(minutes=10)
LONGEST_URGENT_PAUSE = timedelta(minutes=1)
# What says how things stand now: a second one says the same.
REPEATABLE_KINDS = frozenset({OutboxKind.OPERATOR_ALERT, OutboxKind.FEED})
PRIVATE_KINDS = frozenset({OutboxKind.MESSAGE, OutboxKind.PRIVATE_REPLY})


@dataclass(frozen=True, slots=True)
class SendAgain:
    """It is not there, or a double is harmless."""


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Nothing is proved yet: look again at `due_at`."""

    due_at: datetime
    failure: SendFailure


@dataclass(frozen=True, slots=True)
class AskPerson:
    """The look-ups are used up: only a person can say."""

    failure: SendFailure


def harmless_twice(item: OutboxItem) -> bool:
    """Whether a second one does no harm: never in public."""
    if item.kind in REPEATABLE_KINDS:
        return True
    return item.purpose is Purpose.EMERGENCY and item.kind in PRIVATE_KINDS


def is_from_before(item: OutboxItem, sent_until: datetime | None) -> bool:
    """Whether the item may have been sent before the table was restored, which has forgotten it.

    `sent_until` is when sending was stopped for the restore, None where the table never was restored. Whatever was due
    by then, and neither tried again nor given back since, may have been sent.
    """
    if sent_until is None or item.kind in REPEATABLE_KINDS:
        return False
    return (item.started_at or item.due_at) <= sent_until


def only_a_person_can(item: OutboxItem) -> bool:
    """Whether a refusal is no end of it: the words that were to go still stand before the public."""
    return item.order is not None and not item.order.stoppable


def first_look_at(item: OutboxItem, started_at: datetime) -> datetime:
    """When an item of unknown effect is first looked up: at once where the resend does not wait for proof."""
    return started_at if harmless_twice(item) else started_at + _delay(item)


def after_look_up(
    item: OutboxItem, seen: Absent | Unclear, now: datetime, *, from_before: bool = False
) -> SendAgain | LookAgain | AskPerson:
    """What follows from a look-up that did not find it; `item.looked_up` counts that look-up too.

    `from_before` says that it may have been sent before the table was restored.
    """
    if item.kind in REPEATABLE_KINDS:
        return SendAgain()
    if from_before:
        return _after_look_before(item, seen, now)
    failure = seen.failure if isinstance(seen, Unclear) else SendFailure.NOT_FOUND
    if item.looked_up > MOST_LOOK_UPS:
        return AskPerson(failure)
    provable_from = (item.started_at or now) + _delay(item)
    proved = isinstance(seen, Absent) and now >= provable_from
    if proved or (harmless_twice(item) and item.looked_up == 1):
        return SendAgain()
    if item.looked_up == MOST_LOOK_UPS:
        return AskPerson(failure)
    return LookAgain(max(provable_from, now + pause_after(item.looked_up, urgent=item.urgent)), failure)


def _after_look_before(item: OutboxItem, seen: Absent | Unclear, now: datetime) -> LookAgain | AskPerson:
    """The same of what may have been sent before a restore: another look may help, another sending never."""
    failed = isinstance(seen, Unclear) and seen.failure is not SendFailure.CANNOT_LOOK
    if failed and item.looked_up < MOST_LOOK_UPS:
        return LookAgain(now + pause_after(item.looked_up, urgent=item.urgent), SendFailure.TABLE_RESTORED)
    return AskPerson(SendFailure.TABLE_RESTORED)


def _delay(item: OutboxItem) -> timedelta:
    """How long after the item's start a call of it may still take effect."""
    return PLATFORM_DELAY + LAST_CALL_WITHIN if item.kind is OutboxKind.COPY else PLATFORM_DELAY


def pause_after(tries: int, *, urgent: bool) -> timedelta:
    """How long to wait after so many tries: doubling, up to ten minutes, for what is urgent up to one."""
    longest = LONGEST_URGENT_PAUSE if urgent else LONGEST_PAUSE
    doublings = min(max(tries - 1, 0), 10)
    return min(FIRST_PAUSE * (1 << doublings), longest)
