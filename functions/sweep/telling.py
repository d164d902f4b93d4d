"""Everybody who was answered with a broadcast hears of its correction or its end, once, by the way they were answered.

Where nothing automatic may be written to a person, an operator is told instead: a safe-contact rule, a mark of domestic
abuse in public, a public reply on X.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from contact_desk.alerts import Alert, AlertEvent, AlertKind, AlertRank, announcement, case_alert_id
from contact_desk.broadcast_life import told_everybody
from contact_desk.broadcast_texts import note
from contact_desk.broadcasts import AnsweredWith, Broadcast, BroadcastState, broadcast_reference
from contact_desk.cases import Case
from contact_desk.clock import Clock
from contact_desk.contacts import Surface
from contact_desk.decisions import DOMESTIC_ABUSE
from contact_desk.errors import QueueRefusedError
from contact_desk.force_file import ForceFile
from contact_desk.intake import Nudge
from contact_desk.observability import count
from contact_desk.outbox import OutboxItem, OutboxKind, OutboxState, Purpose, outbox_id
from contact_desk.ports import AlertStore, Broadcasts, CaseDesk, Nudges, OutboxStore
from contact_desk.timeline import EntryKind, TimelineEntry

AT_MOST = 100
TOLD = frozenset({BroadcastState.CORRECTED, BroadcastState.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Tells people what became of what they were told."""

    broadcasts: Broadcasts
    cases: CaseDesk
    outbox: OutboxStore
    alerts: AlertStore
    nudges: Nudges
    force: ForceFile
    live_url: str
    clock: Clock

    def tell(self, broadcast: Broadcast) -> int:
        """Tell those who have not been told, a hundred at most; the number told. A second telling is no second text.

        Who was answered with what a broadcast has corrected was told its words too, so they hear of its end as well.
        Where its own correction has ended already they are told of that end alone.
        """
        told = 0
        for answered in () if self._told_of_later(broadcast) else self._answered(broadcast):
            if told >= AT_MOST:
                return told
            told += self._tell_one(broadcast, answered)
        self.broadcasts.commit(told_everybody(broadcast, self.clock.now()))
        return told

    def _told_of_later(self, broadcast: Broadcast) -> bool:
        later = self.broadcasts.get(broadcast.corrected_by) if broadcast.corrected_by else None
        return later is not None and later.state in TOLD

    def _answered(self, broadcast: Broadcast) -> Iterator[AnsweredWith]:
        """Everybody who was answered with it, or with what it corrects, and with what that corrects."""
        earlier, seen = broadcast, set[str]()
        while earlier.broadcast_id not in seen:
            seen.add(earlier.broadcast_id)
            yield from self.broadcasts.answered_with(earlier.broadcast_id)
            corrects = earlier.wording.corrects
            earlier = (self.broadcasts.get(corrects) if corrects else None) or earlier

    def _tell_one(self, broadcast: Broadcast, answered: AnsweredWith) -> bool:
        reply, case = self.outbox.get(answered.outbox_id), self.cases.case(answered.case_id)
        if reply is None or case is None or reply.state is OutboxState.FAILED:
            return False
        if self._is_for_a_person(reply, case):
            self._call_a_person(broadcast, case)
            return False
        item = self._item(broadcast, reply)
        entry = TimelineEntry(self.clock.now(), EntryKind.AUTOMATIC, item.outbox_id, outbox_id=item.outbox_id)
        if not self.broadcasts.tell(case.case_id, entry, item):
            return False
        tell_notify(self.nudges, item)
        return True

    def _is_for_a_person(self, reply: OutboxItem, case: Case) -> bool:
        if reply.kind is OutboxKind.COMMENT_REPLY and reply.channel == "x":
            return True
        if case.surface is Surface.PUBLIC and DOMESTIC_ABUSE in case.markers:
            return True
        conversation = self.cases.conversation(case.conversation_key)
        return bool(conversation and conversation.safe_contact and conversation.safe_contact.restricts)

    def _item(self, broadcast: Broadcast, reply: OutboxItem) -> OutboxItem:
        now = self.clock.now()
        cause = "#".join(("told", broadcast.broadcast_id, reply.channel, reply.account, reply.target))
        return OutboxItem(
            outbox_id=outbox_id(cause, reply.kind, Purpose.BROADCAST),
            kind=reply.kind,
            purpose=Purpose.BROADCAST,
            channel=reply.channel,
            account=reply.account,
            target=reply.target,
            text=self._words(broadcast),
            urgent=False,
            created_at=now,
            due_at=min(now, broadcast.changed_at),
            case_id=reply.case_id,
            reply_until=reply.reply_until,
        )

    def _words(self, broadcast: Broadcast) -> str:
        """What was approved last, in short, with the address that shows the newest."""
        newest = broadcast
        if broadcast.state is BroadcastState.CORRECTED and broadcast.corrected_by:
            newest = self.broadcasts.get(broadcast.corrected_by) or broadcast
        texts = self.force.broadcasts.texts_for(newest.wording.language)
        corrected = broadcast.state is BroadcastState.CORRECTED
        reference = broadcast_reference(self.force.short_code, broadcast.root)
        return note(
            texts.tell_corrected if corrected else texts.tell_cancelled,
            what=newest.wording.what,
            where=newest.wording.where,
            reference=reference,
            link=f"{self.live_url}/{reference}",
            force=self.force,
        )

    def _call_a_person(self, broadcast: Broadcast, case: Case) -> None:
        now, step = self.clock.now(), self.force.alerts[AlertRank.A2].next_nudge(0)
        alert = Alert(
            alert_id=case_alert_id(case.case_id, AlertKind.PERSON_TO_TELL),
            rank=AlertRank.A2,
            kind=AlertKind.PERSON_TO_TELL,
            opened_at=now,
            case_id=case.case_id,
            case_reference=case.reference,
            grade=case.grade,
            next_nudge_at=now + step if step else None,
        )
        cause = f"{alert.alert_id}#{broadcast.broadcast_id}"
        item = announcement(alert, AlertEvent.OPENED, cause=cause, now=now)
        self.alerts.raise_alert(alert, item)
        tell_notify(self.nudges, item)


def tell_notify(nudges: Nudges, *items: OutboxItem) -> None:
    """Nudge the items; where the queue refuses, the job on unsent items finds them in the table a minute later."""
    try:
        nudges.send([Nudge(item.outbox_id, item.urgent) for item in items])
    except QueueRefusedError:
        count("NudgesRefused")
