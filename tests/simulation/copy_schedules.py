"""Schedules of misfortune for publishing: a broadcast, its corrections and its end, on channels that fail in every way.

A schedule is a seed. Out of it come the channels and how the force ends and corrects copies there, what befalls each
call, which workers die or fall asleep and at which step, which nudges are lost, and what people and the clock do to the
broadcast meanwhile, also between two steps of a worker. After every effect at a platform it is counted how many copies
everybody can see there.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast
from unittest import mock

import urllib3

from contact_desk.alerts import AlertRank
from contact_desk.broadcast_desk import BroadcastChange
from contact_desk.broadcast_life import approved, cancelled, drafted, submitted
from contact_desk.broadcast_rules import ABLE
from contact_desk.broadcasts import (
    TRANSITIONS,
    Broadcast,
    BroadcastAct,
    Copy,
    CopyEnd,
    Picture,
    PublishingSwitch,
)
from contact_desk.case_desk import Committed
from contact_desk.copy_orders import CopyAct
from contact_desk.force_file import ForceFile
from contact_desk.outbox import UNSENT, OutboxItem, OutboxKind, OutboxState, Resolution
from contact_desk.pointers import nudge_message
from functions.notify.dispatch import Dispatcher, Invocation
from functions.notify.handler import send_batch
from functions.notify.paces import Paces
from functions.notify.senders.copies.sending import Records
from functions.notify.troubles import Troubles
from functions.sweep.broadcasts import BroadcastClock
from functions.sweep.telling import Telling
from functions.sweep.unsent_outbox import push_on
from local.platforms.media import PICTURE
from local.twins.desk_records import DeskRecords
from local.twins.held_still import CountedIds, FrozenClock
from local.twins.in_memory_alerts import InMemoryAlerts
from local.twins.in_memory_broadcasts import InMemoryBroadcasts, InMemorySwitch
from local.twins.in_memory_case_notes import InMemoryCaseNotes
from local.twins.in_memory_outbox import InMemoryOutbox
from local.twins.in_memory_paces import InMemoryPaces
from local.twins.in_memory_queues import InMemoryNudges
from local.twins.in_memory_reminders import InMemoryReminders
from tests.broadcast_staging import AVA, BEN, broadcast_id, wording
from tests.builders import force, sqs_event
from tests.copy_desk import CHANNELS, PICTURE_NAME, SHA, Crash, Elsewhere, NobodyToTell
from tests.simulation.copy_platforms import ACCOUNTS, CopyPlatforms, copy_sender
from tests.simulation.copy_promises import CopyPromises, name_of
from tests.simulation.copy_workers import Mortal, TellingDispatcher, Watched
from tests.simulation.send_platforms import Fate

FUNCTION_TIMEOUT = timedelta(seconds=30)
SEEN_AGAIN_AFTER = timedelta(minutes=3)
ASLEEP = timedelta(minutes=2)
MINUTE = timedelta(minutes=1)
MOST_MINUTES = 24 * 60
STOPPED_WITHIN = timedelta(seconds=5)
CALLS_GO_WRONG = tuple(fate for fate in Fate if fate is not Fate.WELL)


@dataclass(slots=True)
class Outcome:
    """How a schedule ended."""

    seed: int
    broken: list[str]
    copies: int
    asked_a_person: int
    events: Sequence[str]

    def __str__(self) -> str:
        return "\n  ".join([f"schedule {self.seed}: {'; '.join(self.broken)}", *self.events])


@dataclass(slots=True)
class CopySchedule:
    """One seed played out."""

    seed: int
    runner: asyncio.Runner
    clock: FrozenClock = field(default_factory=FrozenClock)
    ids: CountedIds = field(default_factory=CountedIds)
    records: DeskRecords = field(default_factory=DeskRecords)
    queue: list[tuple[datetime, str]] = field(default_factory=list)
    chain: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    asked_a_person: int = 0
    at_work: OutboxItem | None = None
    chance: random.Random = field(init=False)
    force: ForceFile = field(init=False)
    channels: tuple[str, ...] = field(init=False)
    platforms: CopyPlatforms = field(init=False)
    outbox: InMemoryOutbox = field(init=False)
    broadcasts: InMemoryBroadcasts = field(init=False)
    misfortunes: int = field(init=False)
    goes_wrong: float = field(init=False)
    step_fails: float = field(init=False)
    races: float = field(init=False)
    acts_left: int = field(init=False)
    stopped_at: datetime | None = None
    _promises: CopyPromises = field(init=False)
    _asleep: bool = False
    _racing: bool = False

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.channels = tuple(self.chance.sample(CHANNELS, self.chance.choice((1, 1, 2))))
        self.platforms = CopyPlatforms(
            self.clock,
            self._fate,
            self.step,
            self._late_by,
            self.runner,
            looked=self._look,
            calling=self._calling,
        )
        self.outbox, self.broadcasts = InMemoryOutbox(self.records), InMemoryBroadcasts(self.records)
        self._promises = CopyPromises(self.platforms, self.records, self.channels)
        self.broadcasts.keep_picture(SHA, PICTURE)
        self.misfortunes = self.chance.randint(0, 10)
        self.goes_wrong = self.chance.choice((0.1, 0.4, 0.8))
        self.step_fails = self.chance.choice((0.0, 0.01, 0.04))
        self.races = self.chance.choice((0.0, 0.002, 0.02))
        self.acts_left = self.chance.randint(0, 4)
        self.force = self._any_force()
        self._publish(corrects=None)

    def play(self) -> Outcome:
        """Time passes until nothing is left to do; then what must be so is looked at."""
        for _ in range(MOST_MINUTES):
            asked = self.chance.random() < 0.2 and self._ask_a_person()
            if not (asked or self._unsent() or self.queue or self.acts_left or self._ask_a_person()):
                break
            self._a_minute()
        self.platforms.seen()
        for channel in self.channels:
            self.broken += self._promises.at_rest(channel, self._newest())
        return Outcome(
            self.seed,
            list(dict.fromkeys(self.broken)),
            len(self._copies()),
            self.asked_a_person,
            [f"{self.channels} {self._rules()}", *self.told],
        )

    # What people and the clock do

    def _any_force(self) -> ForceFile:
        """A force that corrects and ends copies in any way that its channels allow."""
        known = force().broadcasts.channels | force("example").broadcasts.channels
        channels = {
            name: known[name].model_copy(
                update={
                    what: self.chance.choice(sorted(ABLE[name]))
                    for what in ("on_correction", "on_expiry", "on_cancel")
                }
            )
            for name in CHANNELS
        }
        rules = force().broadcasts.model_copy(update={"channels": channels})
        return force().model_copy(update={"broadcasts": rules})

    def _publish(self, corrects: str | None) -> None:
        """Two people publish a broadcast, or a correction of one; the switch may not let them."""
        number, now = len(self.chain) + 1, self.clock.now()
        expires_at = now + timedelta(minutes=self.chance.choice((2, 20, 300)))
        words = wording(broadcast_id(number), self.channels, corrects=corrects, expires_at=expires_at)
        pictured = self.chance.random() < 0.5
        copies = tuple(self._copy(one, number, pictured=pictured) for one in words.copies)
        words = replace(words, copies=copies, pictures=(Picture(SHA, "image/png", "a cone"),))
        corrected = self.broadcasts.get(corrects) if corrects else None
        one = drafted(broadcast_id(number), words, AVA, force=self.force, corrected=corrected, now=now)
        if self.broadcasts.commit(one) != Committed():
            return
        handed_in = submitted(one.after, AVA, urgent=False, force=self.force, now=now)
        self.broadcasts.commit(handed_in)
        change = approved(handed_in.after, BEN, read=self.broadcasts.get, force=self.force, now=now)
        if self._commit(change):
            self.chain.append(change.after.broadcast_id)
            self._note(f"published {number}" + (f", corrects {corrects[-2:]}" if corrects else ""))

    def _copy(self, one: Copy, number: int, *, pictured: bool) -> Copy:
        rules, channel = self.force.broadcasts.channels[one.channel], one.channel
        picture = channel == "instagram" or (pictured and channel in ACCOUNTS)
        return replace(
            one,
            text=f"{channel} words {number} & https://example.org/{number}",
            expired=_end(rules.on_expiry, f"{channel} {number} is over"),
            cancelled=_end(rules.on_cancel, f"{channel} {number} is withdrawn"),
            picture=PICTURE_NAME if picture else None,
            alt="a cone" if picture else None,
        )

    def _act(self) -> None:
        """Somebody corrects or cancels the newest broadcast, or turns the switch."""
        self.acts_left -= 1
        newest = self._newest()
        act = self.chance.choice(("correct", "correct", "cancel", "stop", "start"))
        if act == "correct" and BroadcastAct.CORRECT in TRANSITIONS[newest.state]:
            self._publish(corrects=newest.broadcast_id)
        elif act == "cancel" and newest.on_air:
            if self._commit(cancelled(newest, AVA, force=self.force, now=self.clock.now())):
                self._note("cancelled")
        elif act in {"stop", "start"}:
            on = act == "start"
            if self.records.switch.on is not on:
                self.records.switch = PublishingSwitch(on=on, version=self.records.switch.version + 1)
                self.stopped_at = None if on else self.clock.now()
                self._note(f"publishing: {act}")

    def _commit(self, change: BroadcastChange) -> bool:
        if self.broadcasts.commit(change) != Committed():
            return False
        for item in change.outbox:
            if self.chance.random() < 0.9:  # a nudge may be lost
                self.queue.append((self.clock.now(), item.outbox_id))
        return True

    def _newest(self) -> Broadcast:
        newest = self.broadcasts.get(self.chain[-1])
        assert newest is not None
        return newest

    def _ask_a_person(self) -> bool:
        """A person looks at the platform and says what is there; whether any item asked for one."""
        asking = [item for item in self._copies() if item.state is OutboxState.NEEDS_HUMAN]
        for item in asking:
            self.asked_a_person += 1
            done = self._is_done(item)
            outcome = Resolution.ARRIVED if done else Resolution.SEND_AGAIN
            self._note(f"a person says of {name_of(item)}: {outcome}")
            self.outbox.resolve(item.outbox_id, outcome=outcome, by="op-1", now=self.clock.now())
        return bool(asking)

    def _is_done(self, item: OutboxItem) -> bool:
        """What somebody sees who looks for what the item asks."""
        self.platforms.seen()
        if item.order is not None and item.order.act is CopyAct.DELETE:
            before = self.records.outbox.get(item.order.on or "")
            return before is None or self.platforms.said(before.text) == 0
        return self.platforms.said(item.text) > 0

    # What befalls

    def step(self) -> None:
        """One more place to die, to fall asleep, or for others to act."""
        if self.acts_left > 0 and not self._racing and self.chance.random() < self.races:
            self._racing = True
            self._act()
            self._racing = False
        if self.misfortunes > 0 and self.chance.random() < self.step_fails:
            if self.chance.random() < 0.5:
                self.misfortunes -= 1
                self._note("a worker dies")
                raise Crash
            if not self._asleep:
                self.misfortunes -= 1
                self._sleep()

    def _sleep(self) -> None:
        self._note("a worker falls asleep")
        self._asleep, at_work, self.at_work = True, self.at_work, None
        self.clock.at += ASLEEP
        for _ in range(self.chance.randint(1, 3)):
            self._a_minute()
        self._asleep, self.at_work = False, at_work
        self._note("it wakes up")

    def _fate(self) -> Fate:
        fate = Fate.WELL
        if self.misfortunes > 0 and self.chance.random() < self.goes_wrong:
            self.misfortunes -= 1
            fate = self.chance.choice(CALLS_GO_WRONG)
        self._note(f"{name_of(self.at_work)}: {fate}")
        return fate

    def _late_by(self) -> timedelta:
        return timedelta(seconds=self.chance.uniform(1, 14))

    # The desk at work

    def _a_minute(self) -> None:
        self.clock.at = max(self.clock.at + MINUTE, self._next_due())
        if self.acts_left > 0 and self.chance.random() < 0.3:
            self._act()
        if self.acts_left == 0 and not self.records.switch.on and self.chance.random() < 0.5:
            self.records.switch, self.stopped_at = PublishingSwitch(), None
            self._note("publishing: start")
        nudges, nobody = InMemoryNudges(), cast(Telling, NobodyToTell())
        BroadcastClock(
            broadcasts=self.broadcasts,
            switch=InMemorySwitch(self.records),
            alerts=InMemoryAlerts(self.records),
            nudges=nudges,
            telling=nobody,
            force=self.force,
            clock=self.clock,
        ).tick()
        push_on(self.outbox, nudges, self.clock)
        self.queue += [(self.clock.now(), nudge.outbox_id) for nudge in nudges.sent]
        for _ in range(4):
            waiting = [told for told in self.queue if told[0] <= self.clock.now()]
            if not waiting:
                return
            self.chance.shuffle(waiting)
            batch = waiting[: self.chance.randint(1, 5)]
            for told in batch:
                self.queue.remove(told)
            self._work([outbox_id for _, outbox_id in batch])

    def _next_due(self) -> datetime:
        """When something is due next: the story skips the minutes in which nothing is."""
        if self.acts_left or not self.records.switch.on:
            return self.clock.at
        times = [at for at, _ in self.queue]
        times += [
            max(item.due_at, item.lease_until or item.due_at) + MINUTE
            for item in self.records.outbox.values()
            if item.state in UNSENT
        ]
        return min(times, default=self.clock.at)

    def _work(self, names: Sequence[str]) -> None:
        deadline = self.clock.now() + FUNCTION_TIMEOUT
        invocation = Invocation(lambda: deadline - self.clock.now())
        records = sqs_event(*map(nudge_message, names))["Records"]
        at_work, self.at_work = self.at_work, None
        try:
            answer = send_batch(records, self._dispatcher(), invocation)
            failed = {
                int(str(one["itemIdentifier"]).rpartition("-")[2]) for one in answer["batchItemFailures"]
            }
        except Crash:
            failed = set(range(len(names)))
        self.at_work = at_work
        self.queue += [(self.clock.now() + SEEN_AGAIN_AFTER, names[number]) for number in sorted(failed)]

    def _dispatcher(self) -> Dispatcher:
        """A new worker's."""
        mortal: Any = Mortal(self.outbox, self)
        broadcasts: Any = Mortal(self.broadcasts, self)
        switch: Any = Mortal(InMemorySwitch(self.records), self)
        paces: Any = Mortal(InMemoryPaces(self.records), self)
        alerts: Any = Mortal(InMemoryAlerts(self.records), self)
        copies = copy_sender(self.platforms, Records(broadcasts, switch, mortal))
        notes = InMemoryCaseNotes(self.records)
        return TellingDispatcher(
            unexpected=self.broken,
            outbox=mortal,
            troubles=Troubles(alerts, notes, force().alerts[AlertRank.A2], "MP"),
            senders={
                OutboxKind.COPY: Watched(copies, self),
                OutboxKind.FEED: Elsewhere(),
                OutboxKind.OPERATOR_ALERT: Elsewhere(),
            },
            paces=Paces(paces),
            reminders=InMemoryReminders(self.clock),
            clock=self.clock,
            ids=self.ids,
            go_on=copies.go_on,
        )

    # What must be so

    def _look(self) -> None:
        """At every instant, which is after every effect at a platform."""
        self.broken += self._promises.at_every_instant()

    def _calling(self, url: str) -> None:
        """New words go nowhere once publishing has been stopped."""
        item = self.at_work
        if item is None or item.order is None or not item.order.stoppable:
            return
        if self.stopped_at and self.clock.now() - self.stopped_at > STOPPED_WITHIN:
            self.broken.append(f"{name_of(item)} was sent while publishing was stopped")
        if item.order.start_by and self.clock.now() - item.order.start_by > STOPPED_WITHIN:
            self.broken.append(f"{name_of(item)} was sent after it had lapsed")

    def _copies(self) -> list[OutboxItem]:
        return [item for item in self.records.outbox.values() if item.kind is OutboxKind.COPY]

    def _unsent(self) -> bool:
        return any(item.state in UNSENT for item in self.records.outbox.values())

    def _rules(self) -> str:
        rules = self.force.broadcasts.channels
        return "; ".join(
            f"{name}: {rules[name].on_correction}/{rules[name].on_expiry}/{rules[name].on_cancel}"
            for name in self.channels
        )

    def _note(self, what: str) -> None:
        self.told.append(f"{self.clock.now():%H:%M:%S} {what}")


def _end(act: CopyAct, text: str) -> CopyEnd:
    return CopyEnd(act) if act is CopyAct.DELETE else CopyEnd(act, text)


def play(seeds: Iterable[int]) -> list[Outcome]:
    """The schedules of the seeds, each from its own beginning to its end."""
    with asyncio.Runner() as runner:
        return [_play_one(seed, runner) for seed in seeds]


def _play_one(seed: int, runner: asyncio.Runner) -> Outcome:
    schedule = CopySchedule(seed, runner)

    def urlopen(_pool: Any, *arguments: Any, **named: Any) -> urllib3.HTTPResponse:
        return schedule.platforms.urlopen(*arguments, **named)  # type: ignore[no-any-return]

    with mock.patch.object(urllib3.PoolManager, "urlopen", urlopen):
        return schedule.play()
