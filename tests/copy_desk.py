"""A desk that publishes, in memory: the sender of copies that ships, and platforms that fail as they are told."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, cast
from unittest import mock

import urllib3

from contact_desk.alerts import AlertRank
from contact_desk.broadcast_desk import BroadcastChange
from contact_desk.broadcast_life import approved, cancelled, drafted, submitted
from contact_desk.broadcast_rules import ABLE
from contact_desk.broadcasts import Broadcast, Copy, CopyEnd, Picture, PublishingSwitch
from contact_desk.case_desk import Committed
from contact_desk.copy_orders import CopyAct, CopyCause
from contact_desk.copy_progress import CopyProgress, progress_of
from contact_desk.force_file import ForceFile
from contact_desk.outbox import OutboxItem, OutboxKind
from functions.notify.dispatch import Dispatcher, Invocation, OutOfTimeError
from functions.notify.graph_api import GraphApi
from functions.notify.paces import Paces
from functions.notify.platform_answers import Found, LookUpAnswer, SendAnswer, Sent
from functions.notify.senders.copies.sending import Records
from functions.notify.troubles import Troubles
from functions.sweep.broadcasts import BroadcastClock
from functions.sweep.telling import Telling
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
from local.twins.in_memory_secret import InMemorySecret
from tests.broadcast_staging import AVA, BEN, broadcast_id, wording
from tests.builders import force
from tests.simulation.copy_platforms import CopyPlatforms, copy_sender
from tests.simulation.send_platforms import GRAPH_URL, META_TOKENS, Fate

SHA = "ab" * 32
PICTURE_NAME = f"{SHA}.png"
CHANNELS = ("facebook_page", "instagram", "x", "whatsapp", "sms_list")


class Crash(BaseException):
    """The worker's process is gone."""


class Elsewhere:
    """What goes out beside the copies: it always arrives."""

    def prepare(self, item: OutboxItem) -> None:
        """Nothing is needed."""

    def send(self, item: OutboxItem, *, within: timedelta) -> SendAnswer:
        """It has arrived."""
        return Sent(item.outbox_id)

    def look_up(self, item: OutboxItem, *, within: timedelta) -> LookUpAnswer:
        """It has arrived."""
        return Found(item.outbox_id)


class NobodyToTell:
    """Nobody was answered with the broadcast's link."""

    def tell(self, broadcast: Broadcast) -> bool:
        """There is nobody."""
        return False


@dataclass(slots=True)
class CopyDesk:
    """Two people publish, workers send; `fates` befall the next calls to platforms, `crash` ends one."""

    runner: asyncio.Runner
    channels: tuple[str, ...] = ("facebook_page",)
    pictured: bool = False
    ends: Mapping[str, CopyAct] = field(default_factory=dict)
    clock: FrozenClock = field(default_factory=FrozenClock)
    records: DeskRecords = field(default_factory=DeskRecords)
    fates: deque[Fate] = field(default_factory=deque)
    crash: int | None = None
    platforms: CopyPlatforms = field(init=False)
    outbox: InMemoryOutbox = field(init=False)
    broadcasts: InMemoryBroadcasts = field(init=False)
    alerts: InMemoryAlerts = field(init=False)
    ids: CountedIds = field(default_factory=CountedIds)
    number: int = 0

    def __post_init__(self) -> None:
        self.platforms = CopyPlatforms(
            self.clock, self._fate, self._answered, lambda: timedelta(seconds=1), self.runner
        )
        self.outbox, self.broadcasts = InMemoryOutbox(self.records), InMemoryBroadcasts(self.records)
        self.alerts = InMemoryAlerts(self.records)
        self.broadcasts.keep_picture(SHA, PICTURE)

    @property
    def force(self) -> ForceFile:
        """A force that ends and corrects copies as the test says, else as its file does."""
        rules = force().broadcasts
        channels = {
            name: one.model_copy(update={what: act for what, act in self.ends.items() if act in _able(name)})
            for name, one in rules.channels.items()
        }
        changed = rules.model_copy(update={"channels": channels})
        return force().model_copy(update={"broadcasts": changed})

    def publish(self, corrected: Broadcast | None = None, **changes: Any) -> Broadcast:
        """Drafted, submitted and approved: on air, or scheduled; nothing is sent yet."""
        self.number += 1
        name, now = broadcast_id(self.number), self.clock.now()
        changes = {"expires_at": now + timedelta(hours=2), **changes}
        words = wording(name, self.channels, corrects=corrected and corrected.broadcast_id, **changes)
        words = replace(
            words,
            copies=tuple(self._copy(one) for one in words.copies),
            pictures=(Picture(SHA, "image/png", "a cone"),),
        )
        draft = drafted(name, words, AVA, force=self.force, corrected=corrected, now=now)
        self.commit(draft)
        handed_in = submitted(draft.after, AVA, urgent=False, force=self.force, now=now)
        self.commit(handed_in)
        return self.commit(
            approved(handed_in.after, BEN, read=self.broadcasts.get, force=self.force, now=now)
        )

    def cancel(self, broadcast: Broadcast) -> Broadcast:
        """One person takes it back."""
        stands = self.stands(broadcast)
        return self.commit(cancelled(stands, AVA, force=self.force, now=self.clock.now()))

    def take_down(self, broadcast: Broadcast) -> None:
        """Somebody deletes the post on the platform itself."""
        post = self.item(broadcast)
        graph = GraphApi(GRAPH_URL, InMemorySecret(page_tokens=META_TOKENS))
        gone = graph.change(
            post.account, (str(post.platform_id),), within=timedelta(seconds=5), method="DELETE"
        )
        assert gone is None

    def commit(self, change: BroadcastChange) -> Broadcast:
        """The broadcast after a change that nothing refuses."""
        assert self.broadcasts.commit(change) == Committed()
        return change.after

    def stop(self, *, on: bool = False) -> None:
        """Turn the switch of all publishing."""
        self.records.switch = PublishingSwitch(on=on, version=self.records.switch.version + 1)

    def work(self) -> None:
        """Workers take up everything that is due, until nothing is; one that dies leaves the rest to the next."""
        for _ in range(4):
            for nudge in self.outbox.due(self.clock.now() + timedelta(microseconds=1), 100):
                with suppress(Crash, OutOfTimeError):
                    self.dispatcher.dispatch(nudge.outbox_id, self._invocation())

    def pass_time(self, minutes: int = 1) -> None:
        """Minutes pass, in each of which the clock's job runs and workers work."""
        for _ in range(minutes):
            self.clock.advance(seconds=60)
            BroadcastClock(
                broadcasts=self.broadcasts,
                switch=InMemorySwitch(self.records),
                alerts=self.alerts,
                nudges=InMemoryNudges(),
                telling=cast(Telling, NobodyToTell()),
                force=self.force,
                clock=self.clock,
            ).tick()
            self.work()

    @property
    def dispatcher(self) -> Dispatcher:
        """A new worker's."""
        copies = copy_sender(
            self.platforms, Records(self.broadcasts, InMemorySwitch(self.records), self.outbox)
        )
        ladder, notes = force().alerts[AlertRank.A2], InMemoryCaseNotes(self.records)
        return Dispatcher(
            outbox=self.outbox,
            troubles=Troubles(self.alerts, notes, ladder, "MP"),
            senders={
                OutboxKind.COPY: copies,
                OutboxKind.FEED: Elsewhere(),
                OutboxKind.OPERATOR_ALERT: Elsewhere(),
            },
            paces=Paces(InMemoryPaces(self.records)),
            reminders=InMemoryReminders(self.clock),
            clock=self.clock,
            ids=self.ids,
            go_on=copies.go_on,
        )

    def stands(self, broadcast: Broadcast) -> Broadcast:
        """The broadcast as it stands now."""
        found = self.broadcasts.get(broadcast.broadcast_id)
        assert found is not None
        return found

    def item(
        self, broadcast: Broadcast, cause: CopyCause = CopyCause.START, channel: str | None = None
    ) -> OutboxItem:
        """One of the items of a broadcast's copies."""
        return self.records.outbox[broadcast.outbox_id(channel or self.channels[0], cause)]

    def progress(self, broadcast: Broadcast, channel: str | None = None) -> CopyProgress:
        """How a copy of it stands, as operators read it."""
        stands = self.stands(broadcast)
        copies = {one.channel: one for one in progress_of(stands, self.broadcasts.copy_items([stands]))}
        return copies[channel or self.channels[0]]

    def acts(self) -> list[str]:
        """What the platforms were asked to do, one after the other."""
        return [entry.act for entry in self.platforms.ledger.received()]

    def bodies(self, act: str) -> list[Mapping[str, Any]]:
        """What the platforms were told with such an act."""
        return [entry.body for entry in self.platforms.ledger.received() if entry.act == act]

    def alert_kinds(self) -> set[str]:
        """What operators are called to."""
        return {alert.kind.value for alert in self.records.alerts.values()}

    def _copy(self, one: Copy) -> Copy:
        pictured = one.channel == "instagram" or (self.pictured and one.channel in {"facebook_page", "x"})
        rules = self.force.broadcasts.channels[one.channel]
        return replace(
            one,
            expired=_end(rules.on_expiry, one.expired, f"Over {self.number}"),
            cancelled=_end(rules.on_cancel, one.cancelled, f"Withdrawn {self.number}"),
            text=f"{one.text} ({self.number})",
            picture=PICTURE_NAME if pictured else None,
            alt="a cone in the road" if pictured else None,
        )

    def _invocation(self) -> Invocation:
        ends = self.clock.now() + timedelta(seconds=30)
        return Invocation(lambda: ends - self.clock.now())

    def _fate(self) -> Fate:
        return self.fates.popleft() if self.fates else Fate.WELL

    def _answered(self) -> None:
        if self.crash is not None:
            self.crash -= 1
            if self.crash < 0:
                self.crash = None
                raise Crash


def _end(act: CopyAct, written: CopyEnd, text: str) -> CopyEnd:
    return CopyEnd(act) if act is CopyAct.DELETE else CopyEnd(act, written.text or text)


def _able(channel: str) -> frozenset[CopyAct]:
    return ABLE[channel]


@contextmanager
def publishing(*channels: str, **more: Any) -> Iterator[CopyDesk]:
    """A desk whose calls to platforms stay in this process."""
    with asyncio.Runner() as runner:
        desk = CopyDesk(runner, channels or ("facebook_page",), **more)

        def urlopen(_pool: Any, *arguments: Any, **named: Any) -> Any:
            return desk.platforms.urlopen(*arguments, **named)

        with mock.patch.object(urllib3.PoolManager, "urlopen", urlopen):
            yield desk
