"""The send protocol: claim, look up what may have been sent, start, send, record.

Every step is written to the table before the next one is taken, so that a crash anywhere leaves an item that says how
far it came: claimed and not started is sent by the next worker, started is looked up by it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from contact_desk.clock import Clock, Ids
from contact_desk.errors import ContactDeskError, StoreError
from contact_desk.observability import count
from contact_desk.outbox import (
    ECHOED_BY_WORDS,
    TOLD_OF_BY_ID,
    OutboxItem,
    OutboxState,
    has_sender,
)
from contact_desk.ports import OutboxStore
from contact_desk.send_failures import SendFailure
from functions.notify.doubts import (
    REPEATABLE_KINDS,
    AskPerson,
    LookAgain,
    after_look_up,
    first_look_at,
    harmless_twice,
    is_from_before,
    only_a_person_can,
    pause_after,
)
from functions.notify.paces import Held, Pace, Paces
from functions.notify.platform_answers import (
    CredentialsRefused,
    Found,
    LookUpAnswer,
    Rejected,
    RetryLater,
    SendAnswer,
    Sent,
    Superseded,
    Unclear,
    UnknownEffect,
    WindowClosed,
)
from functions.notify.reminders import LONGEST, Reminders
from functions.notify.senders.sender import Senders
from functions.notify.troubles import Troubles

SEND_WITHIN = timedelta(seconds=8)
LOOK_UP_WITHIN = timedelta(seconds=5)
# What recording an outcome may take after the platform has answered.
RECORDED_WITHIN = timedelta(seconds=4)
# A worker cannot outlive its invocation; the minute covers clocks that differ.
LEASE_BEYOND_INVOCATION = timedelta(seconds=60)
CREDENTIALS_ASKED_AGAIN_AFTER = timedelta(minutes=1)
URGENT_ASKED_AGAIN_AFTER = timedelta(seconds=15)
# Send, look up, send again: more than that waits for the next worker.
MOST_TURNS = 4


class OutOfTimeError(ContactDeskError):
    """The invocation has too little time left to begin; the item stays as it was, for another one."""

    is_fault = False


class Result(StrEnum):
    """What became of an item in this invocation; `left_alone` is held by another worker, done, or not yet due."""

    SENT = "sent"
    SUPERSEDED = "superseded"
    POSTPONED = "postponed"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"
    NEEDS_PERSON = "needs_person"
    LEFT_ALONE = "left_alone"


SETTLED = frozenset({Result.SENT, Result.SUPERSEDED, Result.FAILED})


@dataclass(frozen=True, slots=True)
class Step:
    """What one turn did, and when the item is due again, if it is."""

    result: Result
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """Why and until when an account's platform is left in peace."""

    until: datetime
    failure: SendFailure


@dataclass(frozen=True, slots=True)
class Invocation:
    """One run of the Lambda: how much time it has left, and which accounts it has been told to leave in peace.

    Calls made while an account is throttled only lengthen the block, so the rest of a batch is spared them.
    """

    time_left: Callable[[], timedelta]
    paused: dict[tuple[str, str], Pause] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatcher:
    """Works outbox items through the send protocol.

    `go_on` is told that an item of a copy is over, and names those that may have waited for it. `sent_until` is when
    sending was stopped for the restore that this table comes from, None where it comes from none.
    """

    outbox: OutboxStore
    troubles: Troubles
    senders: Senders
    paces: Paces
    reminders: Reminders
    clock: Clock
    ids: Ids
    go_on: Callable[[OutboxItem], Sequence[str]] = lambda _: ()
    sent_until: datetime | None = None

    def dispatch(self, outbox_id: str, invocation: Invocation) -> Result:
        """Take the item as far as it can go now.

        Raises OutOfTimeError before anything was begun, and what the stores raise; neither loses the item.
        """
        result, claimed = Result.LEFT_ALONE, None
        for turn in range(MOST_TURNS):
            if invocation.time_left() < SEND_WITHIN + RECORDED_WITHIN:
                if turn == 0:
                    raise OutOfTimeError("too little time to begin")
                break
            claimed = self._claim(outbox_id, invocation)
            if claimed is None:
                break
            step = self._take(claimed, invocation)
            result = step.result
            if step.due_at is None:
                break
            if step.due_at > self.clock.now():
                self._remind(claimed, step.due_at)
                break
        if claimed is not None and result in SETTLED and claimed.order is not None:
            self._go_on(claimed, invocation)
        return result

    def _remind(self, item: OutboxItem, due_at: datetime) -> None:
        """What is urgent does not wait for the sweep on top of its own pause."""
        after = due_at - self.clock.now()
        if item.urgent and after <= LONGEST:
            self.reminders.remind(item.outbox_id, after)

    def _go_on(self, settled: OutboxItem, invocation: Invocation) -> None:
        """Work the items that waited for this one, while there is time; the sweep finds those that are left."""
        with suppress(OutOfTimeError, StoreError):
            for outbox_id in self.go_on(settled):
                self.dispatch(outbox_id, invocation)

    def _claim(self, outbox_id: str, invocation: Invocation) -> OutboxItem | None:
        now = self.clock.now()
        lease_until = now + invocation.time_left() + LEASE_BEYOND_INVOCATION
        return self.outbox.claim(outbox_id, token=self.ids.token(), now=now, lease_until=lease_until)

    def _take(self, claimed: OutboxItem, invocation: Invocation) -> Step:
        """One turn: what may have been sent is looked up, everything else is sent."""
        if claimed.state is OutboxState.IN_DOUBT:
            return self._look_up(claimed, invocation)
        if is_from_before(claimed, self.sent_until):
            return self._forgotten(claimed)
        return self._send(claimed, invocation)

    def _forgotten(self, claimed: OutboxItem) -> Step:
        """An item that was due before the table was restored: sent or not, the table does not know it any more."""
        now = self.clock.now()
        self.outbox.mark_in_doubt(
            claimed, due_at=now, failure=SendFailure.TABLE_RESTORED, started_at=claimed.due_at
        )
        count("OutboxInDoubt")
        return Step(Result.IN_DOUBT, now)

    def _send(self, claimed: OutboxItem, invocation: Invocation) -> Step:
        sender = self.senders[claimed.kind]
        if pause := invocation.paused.get((claimed.channel, claimed.account)):
            return self._wait(claimed, pause.failure, pause.until)
        refused = None if has_sender(claimed.kind, claimed.channel) else Rejected(SendFailure.NO_SENDER)
        if refused is None and (lacking := sender.prepare(claimed)):
            pause = self._heed(claimed, lacking, invocation)
            return self._wait(claimed, pause.failure, pause.until)
        entered = self._enter(claimed, refused)
        if isinstance(entered, Held):
            return self._wait(claimed, entered.failure, entered.until)
        self._give_back_if_late(claimed, SEND_WITHIN, invocation)
        if (claimed.kind, claimed.channel) in ECHOED_BY_WORDS and refused is None:
            self.outbox.expect_echo(claimed, now=self.clock.now())
        started = self.outbox.start(claimed, now=self.clock.now())
        if started is None:
            return Step(Result.LEFT_ALONE)
        # Writing the start may have taken long: a worker that wakes up after its lease must not send any more.
        self._give_back_if_late(started, SEND_WITHIN, invocation)
        answer = refused or sender.send(started, within=SEND_WITHIN)
        step = self._record(started, answer, invocation)
        if entered is not None:
            # Last: what became of the item must be kept, what it says of the account may be learnt from the next one.
            self.paces.learn(entered, answer, self.clock.now())
        return step

    def _enter(self, claimed: OutboxItem, refused: Rejected | None) -> Pace | Held | None:
        """The pace that the item's account allows; None for what calls no platform."""
        if refused is not None or claimed.kind in REPEATABLE_KINDS:
            return None
        return self.paces.enter(claimed, self.clock.now())

    def _record(self, started: OutboxItem, answer: SendAnswer, invocation: Invocation) -> Step:
        match answer:
            case Sent(platform_id):
                return self._sent(started, platform_id)
            case Superseded():
                self.outbox.mark_sent(started, platform_id=None, now=self.clock.now())
                count("OutboxSuperseded")
                return Step(Result.SUPERSEDED)
            case UnknownEffect(failure):
                due_at = first_look_at(started, started.started_at or self.clock.now())
                return self._doubt(started, failure, due_at)
            case Rejected(failure) if only_a_person_can(started):
                self.troubles.needs_person(started, self.clock.now())
                self.outbox.hand_to_person(started, failure=failure)
                count("OutboxNeedsHuman")
                return Step(Result.NEEDS_PERSON)
            case Rejected(failure) | WindowClosed(failure):
                self.troubles.send_failed(started, self.clock.now())
                self.outbox.mark_failed(started, failure=failure)
                count("OutboxFailed")
                return Step(Result.FAILED)
            case RetryLater() | CredentialsRefused():
                pause = self._heed(started, answer, invocation)
                return self._wait(started, pause.failure, pause.until)

    def _look_up(self, claimed: OutboxItem, invocation: Invocation) -> Step:
        """An item that may be there already: find out, and let that decide."""
        sender = self.senders[claimed.kind]
        if pause := invocation.paused.get((claimed.channel, claimed.account)):
            return self._doubt(claimed, pause.failure, pause.until)
        self._give_back_if_late(claimed, LOOK_UP_WITHIN, invocation)
        seen = sender.look_up(claimed, within=LOOK_UP_WITHIN)
        count("OutboxLookedUp")
        return self._weigh(claimed, seen, invocation)

    def _weigh(self, claimed: OutboxItem, seen: LookUpAnswer, invocation: Invocation) -> Step:
        if isinstance(seen, Found):
            return self._sent(claimed, seen.platform_id)
        from_before = is_from_before(claimed, self.sent_until)
        if isinstance(seen, RetryLater | CredentialsRefused):
            if claimed.looked_up or from_before or not harmless_twice(claimed):
                # Nobody has looked: this does not count, or a long block would use the look-ups up.
                pause = self._heed(claimed, seen, invocation)
                return self._doubt(claimed, pause.failure, pause.until)
            seen = Unclear(seen.failure)
        looked = replace(claimed, looked_up=claimed.looked_up + 1)
        now = self.clock.now()
        match after_look_up(looked, seen, now, from_before=from_before):
            case LookAgain(due_at, failure):
                return self._doubt(looked, failure, due_at)
            case AskPerson(failure):
                self.troubles.needs_person(looked, now)
                self.outbox.hand_to_person(looked, failure=failure)
                count("OutboxNeedsHuman")
                return Step(Result.NEEDS_PERSON)
            case _:
                return self._wait(looked, SendFailure.NOT_FOUND, now)

    def _sent(self, item: OutboxItem, platform_id: str | None) -> Step:
        now = self.clock.now()
        if platform_id and (item.kind, item.channel) in TOLD_OF_BY_ID:
            self.outbox.expect_word_of(item, platform_id=platform_id, now=now)
        if not self.outbox.mark_sent(item, platform_id=platform_id, now=now) and platform_id:
            # The claim was lost, but not the proof: whoever has the item now must not send it again.
            self.outbox.confirm(item.outbox_id, platform_id=platform_id, now=now)
        count("OutboxSent")
        return Step(Result.SENT)

    def _wait(self, item: OutboxItem, failure: SendFailure, due_at: datetime) -> Step:
        self.troubles.waits(item, self.clock.now())
        self.outbox.postpone(item, due_at=due_at, failure=failure)
        count("OutboxPostponed")
        return Step(Result.POSTPONED, due_at)

    def _doubt(self, item: OutboxItem, failure: SendFailure, due_at: datetime) -> Step:
        self.troubles.waits(item, self.clock.now())
        self.outbox.mark_in_doubt(item, due_at=due_at, failure=failure)
        if item.state is OutboxState.STARTED:
            count("OutboxInDoubt")
        return Step(Result.IN_DOUBT, due_at)

    def _heed(
        self, item: OutboxItem, answer: RetryLater | CredentialsRefused, invocation: Invocation
    ) -> Pause:
        """Until when to wait; an account that is throttled or locked out is left in peace by the whole batch."""
        now = self.clock.now()
        if isinstance(answer, CredentialsRefused):
            self.troubles.account_refused(item, now)
            wait = URGENT_ASKED_AGAIN_AFTER if item.urgent else CREDENTIALS_ASKED_AGAIN_AFTER
            pause = Pause(now + wait, answer.failure)
        else:
            wait = answer.wait if answer.wait is not None else pause_after(item.attempts, urgent=item.urgent)
            pause = Pause(now + wait, answer.failure)
        if isinstance(answer, CredentialsRefused) or answer.failure is SendFailure.THROTTLED:
            invocation.paused[(item.channel, item.account)] = pause
        return pause

    def _give_back_if_late(self, item: OutboxItem, within: timedelta, invocation: Invocation) -> None:
        """Raise OutOfTimeError, the item given back as it was, where the call could outlast invocation or lease."""
        now, needed = self.clock.now(), within + RECORDED_WITHIN
        in_lease = item.lease_until is not None and now + needed < item.lease_until
        if in_lease and invocation.time_left() >= needed:
            return
        if item.state is OutboxState.IN_DOUBT:
            self.outbox.mark_in_doubt(item, due_at=now, failure=item.failure or SendFailure.WORKER_LOST)
        else:
            self.outbox.postpone(item, due_at=now, failure=SendFailure.OUT_OF_TIME)
        raise OutOfTimeError("too little time to call the platform")
