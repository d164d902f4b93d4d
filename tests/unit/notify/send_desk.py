"""Notify in memory, its workers mortal: every call to a store or the platform is a place where one may die."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from contact_desk.alerts import AlertRank
from contact_desk.outbox import UNSENT, OutboxItem, OutboxKind
from functions.notify.dispatch import Dispatcher, Invocation, OutOfTimeError, Result
from functions.notify.paces import Paces
from functions.notify.troubles import Troubles
from local.twins.desk_records import DeskRecords
from local.twins.held_still import CountedIds, FrozenClock
from local.twins.in_memory_alerts import InMemoryAlerts
from local.twins.in_memory_case_notes import InMemoryCaseNotes
from local.twins.in_memory_outbox import InMemoryOutbox
from local.twins.in_memory_paces import InMemoryPaces
from local.twins.in_memory_platform import InMemoryPlatform
from local.twins.in_memory_reminders import InMemoryReminders
from tests.builders import force

FUNCTION_TIMEOUT = timedelta(seconds=30)
SWEPT_AFTER = timedelta(seconds=60)


class Crash(BaseException):
    """The worker's process is gone."""


@dataclass(slots=True)
class Mortality:
    """Counts the steps of workers and ends them at the planned ones: an even one is before a call, an odd one after."""

    deaths: frozenset[int] = frozenset()
    steps: int = 0

    def step(self) -> None:
        """One more place to die."""
        self.steps += 1
        if self.steps - 1 in self.deaths:
            raise Crash

    def of(self, mortal: Any) -> Any:
        """The same object, each of whose calls has a step before it and one after."""
        return _Mortal(mortal, self)


class _Mortal:
    def __init__(self, inner: Any, mortality: Mortality) -> None:
        self._inner = inner
        self._mortality = mortality

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._inner, name)

        def stepped(*arguments: Any, **named: Any) -> Any:
            self._mortality.step()
            answer = call(*arguments, **named)
            self._mortality.step()
            return answer

        return stepped


@dataclass(slots=True)
class SendDesk:
    """The outbox of one desk with workers that come and go; the records and the platform outlive them.

    Operator alerts go to a `topic` of their own, unless the first item is one.
    """

    items: tuple[OutboxItem, ...]
    deaths: frozenset[int] = frozenset()
    records: DeskRecords = field(default_factory=DeskRecords)
    clock: FrozenClock = field(default_factory=FrozenClock)
    time_left: timedelta = FUNCTION_TIMEOUT
    sent_until: datetime | None = None
    mortality: Mortality = field(init=False)
    platform: InMemoryPlatform = field(init=False)
    topic: InMemoryPlatform = field(init=False)
    outbox: InMemoryOutbox = field(init=False)
    alerts: InMemoryAlerts = field(init=False)
    reminders: InMemoryReminders = field(init=False)
    ids: CountedIds = field(default_factory=CountedIds)

    def __post_init__(self) -> None:
        self.records.outbox.update({item.outbox_id: item for item in self.items})
        self.mortality = Mortality(self.deaths)
        self.reminders = InMemoryReminders(self.clock)
        self.platform = self.topic = InMemoryPlatform(self.clock)
        if self.items[0].kind is not OutboxKind.OPERATOR_ALERT:
            self.topic = InMemoryPlatform(self.clock)
        self.outbox, self.alerts = InMemoryOutbox(self.records), InMemoryAlerts(self.records)

    @property
    def dispatcher(self) -> Dispatcher:
        """A new worker's."""
        alive = self.mortality.of
        senders = {**dict.fromkeys(OutboxKind, self.platform), OutboxKind.OPERATOR_ALERT: self.topic}
        return Dispatcher(
            outbox=alive(self.outbox),
            troubles=Troubles(
                alive(self.alerts), alive(InMemoryCaseNotes(self.records)), force().alerts[AlertRank.A2]
            ),
            senders={kind: alive(sender) for kind, sender in senders.items()},
            paces=Paces(InMemoryPaces(self.records)),
            reminders=alive(self.reminders),
            clock=self.clock,
            ids=self.ids,
            sent_until=self.sent_until,
        )

    @property
    def item(self) -> OutboxItem:
        """The first item as it stands."""
        return self.records.outbox[self.items[0].outbox_id]

    def invocation(self) -> Invocation:
        """A fresh run of the Lambda."""
        return Invocation(lambda: self.time_left)

    def work(self, outbox_id: str | None = None) -> Result | None:
        """One worker takes the item up; None where it died or had no time."""
        try:
            return self.dispatcher.dispatch(outbox_id or self.items[0].outbox_id, self.invocation())
        except (Crash, OutOfTimeError):
            return None

    def sweep(self, rounds: int = 1) -> None:
        """Time passes, and workers take up whatever is due."""
        for _ in range(rounds):
            self.clock.advance(seconds=SWEPT_AFTER.total_seconds())
            for nudge in self.outbox.due(self.clock.now(), 100):
                self.work(nudge.outbox_id)

    def rest(self, most_rounds: int = 60) -> None:
        """Sweep until nothing of the first item is left to do."""
        for _ in range(most_rounds):
            if self.item.state not in UNSENT:
                return
            self.sweep()

    def seen(self, item: OutboxItem | None = None) -> int:
        """How many of the item people can see."""
        outbox_id = (item or self.items[0]).outbox_id
        return sum(shown.outbox_id == outbox_id for shown in self.platform.visible)
