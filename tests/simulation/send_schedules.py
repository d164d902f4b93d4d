"""Schedules of misfortune for notify: the handler, the protocol and every sender that ship, over records in memory.

A schedule is a seed. Out of it come a few items of any kind and channel, and what befalls their sending: how each call
to a platform goes, which workers die or fall asleep and at which step, which nudges are lost or come twice, and which
confirmations a platform sends. Time is a frozen clock that the story moves until nothing is left to do.

A worker that falls asleep wakes up when its lease is over and others have done its work. It may do so at every step
but one: between its last look at the clock and its call. There only the end of the invocation stops it, which AWS
enforces a minute before the lease ends.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from unittest import mock

import urllib3

from contact_desk.alerts import AlertKind, AlertRank
from contact_desk.confirmations import Confirmation, ConfirmationKind, hash_of, to_message
from contact_desk.outbox import (
    ECHOED_BY_WORDS,
    UNSENT,
    OutboxItem,
    OutboxKind,
    OutboxState,
    Resolution,
)
from contact_desk.pointers import nudge_message
from functions.notify.confirm import confirm_batch
from functions.notify.dispatch import Dispatcher, Invocation
from functions.notify.doubts import harmless_twice
from functions.notify.handler import send_batch
from functions.notify.paces import Paces
from functions.notify.senders.sender import Sender
from functions.notify.troubles import Troubles
from functions.sweep.unsent_outbox import push_on
from local.twins.desk_records import DeskRecords
from local.twins.held_still import CountedIds, FrozenClock
from local.twins.in_memory_alerts import InMemoryAlerts
from local.twins.in_memory_case_notes import InMemoryCaseNotes
from local.twins.in_memory_outbox import InMemoryOutbox
from local.twins.in_memory_paces import InMemoryPaces
from local.twins.in_memory_queues import InMemoryNudges
from local.twins.in_memory_reminders import InMemoryReminders
from tests.builders import alert, force, sqs_event
from tests.simulation.send_items import an_item, senders_over
from tests.simulation.send_platforms import (
    NOTHING_DONE,
    Fate,
    SendPlatforms,
)

FUNCTION_TIMEOUT = timedelta(seconds=30)
SEEN_AGAIN_AFTER = timedelta(minutes=3)  # what a queue hides a message for that a dead worker had
ASLEEP = timedelta(minutes=2)
MINUTE = timedelta(minutes=1)
MOST_MINUTES = 24 * 60
CALLS_GO_WRONG = tuple(fate for fate in Fate if fate is not Fate.WELL)

BY_NAME = frozenset({"messenger", "whatsapp", "facebook_page"})


class Crash(BaseException):
    """The worker's process is gone."""


@dataclass(frozen=True, slots=True)
class Event:
    """What a worker did about an item: `send` with how the call went, or `look`."""

    at: datetime
    what: str
    outbox_id: str
    fate: Fate | None = None


@dataclass(slots=True)
class Outcome:
    """How a schedule ended: what broke, what happened, and how many of its items a person had to resolve."""

    seed: int
    broken: list[str]
    items: int
    asked_a_person: int
    events: Sequence[str]

    def __str__(self) -> str:
        return "\n  ".join([f"schedule {self.seed}: {'; '.join(self.broken)}", *self.events])


@dataclass(slots=True)
class _Watched:
    """A sender whose calls are written down."""

    inner: Sender
    schedule: Schedule

    def prepare(self, item: OutboxItem) -> Any:
        return self.inner.prepare(item)

    def send(self, item: OutboxItem, *, within: timedelta) -> Any:
        with self.schedule.doing("send", item):
            return self.inner.send(item, within=within)

    def look_up(self, item: OutboxItem, *, within: timedelta) -> Any:
        with self.schedule.doing("look", item):
            return self.inner.look_up(item, within=within)


class _Mortal:
    """An object before and after each of whose calls its worker may die or fall asleep."""

    def __init__(self, inner: Any, schedule: Schedule) -> None:
        self._inner = inner
        self._schedule = schedule

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._inner, name)

        def stepped(*arguments: Any, **named: Any) -> Any:
            self._schedule.step()
            answer = call(*arguments, **named)
            self._schedule.step()
            return answer

        return stepped


@dataclass(slots=True)
class Schedule:
    """One seed played out."""

    seed: int
    runner: asyncio.Runner
    clock: FrozenClock = field(default_factory=FrozenClock)
    ids: CountedIds = field(default_factory=CountedIds)
    records: DeskRecords = field(default_factory=DeskRecords)
    queue: list[tuple[datetime, str]] = field(default_factory=list)
    confirmations: list[tuple[datetime, Confirmation]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    asked_a_person: int = 0
    chance: random.Random = field(init=False)
    platforms: SendPlatforms = field(init=False)
    outbox: InMemoryOutbox = field(init=False)
    reminders: InMemoryReminders = field(init=False)
    items: tuple[OutboxItem, ...] = field(init=False)
    misfortunes: int = field(init=False)
    goes_wrong: float = field(init=False)
    step_fails: float = field(init=False)
    confirms: float = field(init=False)
    _doing: list[tuple[str, str]] = field(default_factory=list)
    _asleep: bool = False
    _confirmed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.platforms = SendPlatforms(self.clock, self._fate, self.step, self._late_by, self.runner)
        self.outbox = InMemoryOutbox(self.records)
        self.reminders = InMemoryReminders(self.clock)
        self.misfortunes = self.chance.randint(1, 12)
        self.goes_wrong = self.chance.choice((0.1, 0.4, 0.8))
        self.step_fails = self.chance.choice((0.0, 0.01, 0.04))
        self.confirms = self.chance.choice((0.0, 0.5, 1.0))
        self.items = tuple(
            an_item(self.chance, f"{self.seed}#{number}", number)
            for number in range(self.chance.randint(1, 4))
        )
        for item in self.items:
            self.records.outbox[item.outbox_id] = item
            if item.kind is OutboxKind.OPERATOR_ALERT:
                self.records.alerts[item.target] = alert(alert_id=item.target, next_nudge_at=None)
            if self.chance.random() < 0.9:  # a nudge may be lost
                self._nudge(item.outbox_id, self.clock.now())

    def play(self) -> Outcome:
        """Time passes until nothing is left to do; then what must be so is looked at."""
        for _ in range(MOST_MINUTES):
            if not (self._unsent() or self.queue or self.confirmations or self._ask_a_person()):
                break
            self._a_minute()
        return Outcome(self.seed, self._broken(), len(self.items), self.asked_a_person, self._account())

    # What befalls

    def step(self) -> None:
        """One more place to die or to fall asleep."""
        if self.misfortunes > 0 and self.chance.random() < self.step_fails:
            if self.chance.random() < 0.5:
                self.misfortunes -= 1
                self._note("a worker dies")
                raise Crash
            if not self._asleep:
                self.misfortunes -= 1
                self._sleep()

    def _sleep(self) -> None:
        """The worker stops; time passes beyond its lease, and others come."""
        self._note("a worker falls asleep")
        self._asleep, doing, self._doing = True, self._doing, []
        self.clock.at += ASLEEP
        for _ in range(self.chance.randint(1, 3)):
            self._a_minute()
        self._asleep, self._doing = False, doing
        self._note("it wakes up")

    def _fate(self) -> Fate:
        fate = Fate.WELL
        if self.misfortunes > 0 and self.chance.random() < self.goes_wrong:
            self.misfortunes -= 1
            fate = self.chance.choice(CALLS_GO_WRONG)
        what, outbox_id = self._doing[-1]
        self.events.append(Event(self.clock.now(), what, outbox_id, fate))
        self._note(f"{what} {outbox_id[:6]}: {fate}")
        took_effect = fate not in NOTHING_DONE and fate not in {Fate.HANGS, Fate.FAILS_BEFORE}
        if what == "send" and took_effect and self.chance.random() < self.confirms:
            self._will_confirm(self.records.outbox[outbox_id])
        return fate

    def _late_by(self) -> timedelta:
        return timedelta(seconds=self.chance.uniform(1, 14))

    def _will_confirm(self, item: OutboxItem) -> None:
        """The platform repeats what it was sent, within the next minutes, now and then twice."""
        place, now = (item.kind, item.channel), self.clock.now()
        by_name = item.channel in BY_NAME and item.kind is not OutboxKind.COMMENT_REPLY
        if place not in ECHOED_BY_WORDS and not by_name:
            return
        for _ in range(self.chance.choice((1, 1, 2))):
            said = Confirmation(
                kind=ConfirmationKind.DELIVERY if item.channel == "whatsapp" else ConfirmationKind.ECHO,
                channel=item.channel,
                account=item.account,
                native_id=f"native-{item.outbox_id[:8]}",
                person=item.target,
                occurred_at=now,
                received_at=now,
                metadata=item.outbox_id if place not in ECHOED_BY_WORDS else None,
                text_hash=hash_of(item.text) if place in ECHOED_BY_WORDS else None,
            )
            # An echo comes after the call's own delay at the earliest, or it would be one of nothing.
            self.confirmations.append((now + timedelta(seconds=self.chance.uniform(15, 600)), said))

    # The desk at work

    def _a_minute(self) -> None:
        # The sweep comes by the minute, a reminder on the second.
        soonest = min((at for at, _ in self.reminders.left), default=self.clock.at + MINUTE)
        self.clock.at = max(min(self.clock.at + MINUTE, soonest), self._next_due())
        nudges = InMemoryNudges()
        push_on(self.outbox, nudges, self.clock)
        for nudge in nudges.sent:
            self._nudge(nudge.outbox_id, self.clock.now())
        for outbox_id in self.reminders.take_due():
            self._nudge(outbox_id, self.clock.now())
        self._deliver_confirmations()
        for _ in range(4):
            waiting = [told for told in self.queue if told[0] <= self.clock.now()]
            if not waiting:
                return
            self.chance.shuffle(waiting)
            batch = waiting[: self.chance.randint(1, 5)]
            for told in batch:
                self.queue.remove(told)
            self.work([outbox_id for _, outbox_id in batch])

    def _next_due(self) -> datetime:
        """When something is due next, as the sweep would find it: the story skips the minutes in which nothing is."""
        times = [at for at, _ in (*self.queue, *self.confirmations, *self.reminders.left)]
        times += [
            max(item.due_at, item.lease_until or item.due_at) + MINUTE
            for item in self.records.outbox.values()
            if item.state in UNSENT
        ]
        return min(times, default=self.clock.at)

    def work(self, names: Sequence[str]) -> None:
        """One invocation with a batch; what it gives back, or dies over, comes again."""
        deadline = self.clock.now() + FUNCTION_TIMEOUT
        invocation = Invocation(lambda: deadline - self.clock.now())
        records = sqs_event(*map(nudge_message, names))["Records"]
        doing, self._doing = self._doing, []
        try:
            answer = send_batch(records, self._dispatcher(), invocation)
            failed = {
                int(str(one["itemIdentifier"]).rpartition("-")[2]) for one in answer["batchItemFailures"]
            }
        except Crash:
            failed = set(range(len(names)))
        self._doing = doing
        for number in sorted(failed):
            self.queue.append((self.clock.now() + SEEN_AGAIN_AFTER, names[number]))

    def _deliver_confirmations(self) -> None:
        due = [one for one in self.confirmations if one[0] <= self.clock.now()]
        self.confirmations = [one for one in self.confirmations if one[0] > self.clock.now()]
        for _, said in due:
            records = sqs_event(to_message(said))["Records"]
            notes = InMemoryCaseNotes(self.records)
            confirm_batch(records, self.outbox, notes, self._troubles(), self.clock)
            self._note(f"confirmed: {said.native_id}")
            self._confirmed.add(said.native_id)

    def _ask_a_person(self) -> bool:
        """A person looks at the platform and says what is there; whether any item asked for one."""
        asking = [item for item in self.records.outbox.values() if item.state is OutboxState.NEEDS_HUMAN]
        for item in asking:
            self.asked_a_person += item.kind is not OutboxKind.OPERATOR_ALERT
            there = self.platforms.seen().get(item.text, 0) > 0
            outcome = Resolution.ARRIVED if there else Resolution.SEND_AGAIN
            self._note(f"a person says of {item.outbox_id[:6]}: {outcome}")
            self.outbox.resolve(item.outbox_id, outcome=outcome, by="op-1", now=self.clock.now())
            self.events.append(Event(self.clock.now(), "look", item.outbox_id))
            self._nudge(item.outbox_id, self.clock.now())
        return bool(asking)

    def _nudge(self, outbox_id: str, at: datetime) -> None:
        for _ in range(self.chance.choice((1, 1, 1, 2))):  # a queue delivers at least once
            self.queue.append((at, outbox_id))

    def _dispatcher(self) -> Dispatcher:
        """A new worker's."""
        senders: Mapping[OutboxKind, Sender] = {
            kind: _Watched(sender, self)
            for kind, sender in senders_over(self.platforms, self.records).items()
        }
        mortal: Any = _Mortal(self.outbox, self)
        reminders: Any = _Mortal(self.reminders, self)
        paces: Any = _Mortal(InMemoryPaces(self.records), self)
        return Dispatcher(
            outbox=mortal,
            troubles=self._troubles(),
            senders=senders,
            paces=Paces(paces),
            reminders=reminders,
            clock=self.clock,
            ids=self.ids,
        )

    def _troubles(self) -> Troubles:
        alerts: Any = _Mortal(InMemoryAlerts(self.records), self)
        return Troubles(alerts, InMemoryCaseNotes(self.records), force().alerts[AlertRank.A2])

    @contextmanager
    def doing(self, what: str, item: OutboxItem) -> Iterator[None]:
        """A worker is at a platform."""
        if what == "look":
            self.events.append(Event(self.clock.now(), what, item.outbox_id))
        self._doing.append((what, item.outbox_id))
        try:
            yield
        finally:
            self._doing.pop()

    # What must be so

    def _broken(self) -> list[str]:
        seen = self.platforms.seen()
        return [told for item in self.items for told in self._broken_of(item, seen)]

    def _broken_of(self, item: OutboxItem, seen: Mapping[str, int]) -> Iterable[str]:
        ended = self.records.outbox[item.outbox_id]
        name = f"{item.purpose} by {item.channel} {item.kind} ({item.outbox_id[:6]})"
        there = seen.get(item.target if item.kind is OutboxKind.OPERATOR_ALERT else item.text, 0)
        if ended.state is not OutboxState.SENT:
            yield f"{name} was left {ended.state} ({ended.failure})"
        if ended.state is OutboxState.SENT and not there:
            yield f"{name} is said to be sent and is not there"
        if there > 1 and not harmless_twice(item):
            yield f"{name} is there {there} times"
        if item.kind is not OutboxKind.OPERATOR_ALERT and self._sent_blindly(item):
            yield f"{name} was sent again after an unknown effect without a look"
        asked = AlertKind.NEEDS_PERSON.value
        if ended.resolved_by and not any(name.endswith(asked) for name in self.records.alerts):
            yield f"{name} needed a person whom no alert called"

    def _sent_blindly(self, item: OutboxItem) -> bool:
        """Whether a send followed one of unknown effect with no look in between; an alert is simply told again."""
        own = [event for event in self.events if event.outbox_id == item.outbox_id]
        return any(
            (one.what, after.what) == ("send", "send") and one.fate not in NOTHING_DONE
            for one, after in pairwise(event for event in own if event.what == "look" or event.fate)
        )

    def _unsent(self) -> bool:
        return any(item.state in UNSENT for item in self.records.outbox.values())

    def _note(self, what: str) -> None:
        self.told.append(f"{self.clock.now():%H:%M:%S} {what}")

    def _account(self) -> Sequence[str]:
        return [
            *(f"{item.outbox_id[:6]}: {item.purpose} {item.channel} {item.kind}" for item in self.items),
            *self.told,
        ]


def play(seeds: Iterable[int]) -> list[Outcome]:
    """The schedules of the seeds, each from its own beginning to its end."""
    with asyncio.Runner() as runner:
        return [_play_one(seed, runner) for seed in seeds]


def _play_one(seed: int, runner: asyncio.Runner) -> Outcome:
    schedule = Schedule(seed, runner)

    def urlopen(_pool: Any, *arguments: Any, **named: Any) -> urllib3.HTTPResponse:
        return schedule.platforms.urlopen(*arguments, **named)

    with mock.patch.object(urllib3.PoolManager, "urlopen", urlopen):
        return schedule.play()
