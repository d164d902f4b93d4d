"""Every minute: what the clock does to broadcasts. They start, settle, lapse and expire; people hear what changed."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from contact_desk.alerts import Alert, AlertEvent, AlertKind, AlertRank, announcement
from contact_desk.broadcast_desk import BroadcastChange
from contact_desk.broadcast_life import expired, lapsed, settled_now, started
from contact_desk.broadcasts import ENDED, Broadcast, BroadcastAct, BroadcastState
from contact_desk.case_desk import Committed
from contact_desk.clock import Clock, SystemClock, to_rfc3339
from contact_desk.copy_progress import settled
from contact_desk.errors import BroadcastStateError, StoreBusyError, StoreError
from contact_desk.force_file import ForceFile
from contact_desk.observability import count, logger, metrics
from contact_desk.ports import AlertStore, Broadcasts, Nudges, Switch
from functions.sweep import composition
from functions.sweep.telling import Telling, tell_notify

AT_MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastClock:
    """What the job works with."""

    broadcasts: Broadcasts
    switch: Switch
    alerts: AlertStore
    nudges: Nudges
    telling: Telling
    force: ForceFile
    clock: Clock

    def tick(self) -> Counter[str]:
        """Do what is due for every broadcast; how often each act was done. One that is busy waits for the next run.

        Raises the StoreError of one that the table refuses, once all the others have had their turn.
        """
        done: Counter[str] = Counter()
        refused: StoreError | None = None
        for name in self.broadcasts.due(self.clock.now() + timedelta(milliseconds=1), AT_MOST):
            try:
                if broadcast := self.broadcasts.get(name):
                    done.update(self._step(broadcast))
            except (StoreBusyError, BroadcastStateError):
                done["busy"] += 1  # or somebody has just moved on what it depends on
            except StoreError as error:
                refused = refused or error
        count("BroadcastsStarted", done[BroadcastAct.START])
        count("BroadcastsExpired", done[BroadcastAct.EXPIRE])
        count("BroadcastsLapsed", done[BroadcastAct.LAPSE])
        count("PeopleTold", done["told"])
        if refused:
            raise refused
        return Counter({act: times for act, times in done.items() if times})

    def _step(self, broadcast: Broadcast) -> list[str]:
        if broadcast.state in ENDED:
            return ["told"] * self.telling.tell(broadcast)
        act = self._due(broadcast)
        if act is None:
            return []
        change = self._change(broadcast, act)
        if act is BroadcastAct.LAPSE and broadcast.state is BroadcastState.SCHEDULED:
            self._warn(broadcast)
        if self.broadcasts.commit(change) != Committed():
            return []
        tell_notify(self.nudges, *change.outbox)
        return [act.value]

    def _due(self, broadcast: Broadcast) -> BroadcastAct | None:
        """What time has come for; None where it has to wait for something else."""
        now, expires_at = self.clock.now(), broadcast.wording.expires_at
        match broadcast.state:
            case BroadcastState.SUBMITTED:
                return BroadcastAct.LAPSE
            case BroadcastState.SCHEDULED:
                late = broadcast.start_by is None or now >= broadcast.start_by
                if (
                    late
                    or (expires_at is not None and expires_at <= now)
                    or self._nothing_to_correct(broadcast)
                ):
                    return BroadcastAct.LAPSE
                return BroadcastAct.START if self.switch.get().on else None
            case _ if expires_at is not None and expires_at <= now:
                return BroadcastAct.EXPIRE
            case BroadcastState.PUBLISHING if settled(broadcast, self.broadcasts.copy_items([broadcast]).get):
                return BroadcastAct.SETTLE
            case _:
                return None

    def _change(self, broadcast: Broadcast, act: BroadcastAct) -> BroadcastChange:
        now = self.clock.now()
        match act:
            case BroadcastAct.START:
                return started(broadcast, read=self.broadcasts.get, force=self.force, now=now)
            case BroadcastAct.EXPIRE:
                return expired(broadcast, force=self.force, now=now)
            case BroadcastAct.SETTLE:
                return settled_now(broadcast, now)
            case _:
                return lapsed(broadcast, now)

    def _nothing_to_correct(self, broadcast: Broadcast) -> bool:
        try:
            started(broadcast, read=self.broadcasts.get, force=self.force, now=self.clock.now())
        except BroadcastStateError:
            return True
        return False

    def _warn(self, broadcast: Broadcast) -> None:
        """What two people wanted out did not go out: somebody has to know, before it is a draft again."""
        now = self.clock.now()
        step = self.force.alerts[AlertRank.A2].next_nudge(0)
        alert = Alert(
            alert_id=f"{broadcast.broadcast_id}.{AlertKind.BROADCAST_LAPSED.value}",
            rank=AlertRank.A2,
            kind=AlertKind.BROADCAST_LAPSED,
            opened_at=now,
            case_reference=broadcast.reference,
            next_nudge_at=now + step if step else None,
        )
        cause = f"{alert.alert_id}#{to_rfc3339(broadcast.changed_at)}"
        item = announcement(alert, AlertEvent.OPENED, cause=cause, now=now)
        self.alerts.raise_alert(alert, item)
        tell_notify(self.nudges, item)


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(_event: dict[str, Any], _context: object) -> None:
    """One run of the job."""
    parts = composition.broadcasts()
    clock = SystemClock()
    telling = Telling(
        broadcasts=parts.broadcasts,
        cases=parts.cases,
        outbox=parts.outbox,
        alerts=parts.alerts,
        nudges=parts.nudges,
        force=parts.force,
        live_url=parts.live_url,
        clock=clock,
    )
    done = BroadcastClock(
        broadcasts=parts.broadcasts,
        switch=parts.switch,
        alerts=parts.alerts,
        nudges=parts.nudges,
        telling=telling,
        force=parts.force,
        clock=clock,
    ).tick()
    logger.info("broadcasts swept", acts=sum(done.values()))


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.broadcasts()
