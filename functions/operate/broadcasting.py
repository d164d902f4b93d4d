"""What people do with broadcasts: each call reads, decides and commits once for its key; refusals are audited too."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from contact_desk.alerts import AlertEvent, announcement
from contact_desk.broadcast_desk import BroadcastChange, BroadcastPage, BroadcastQuery
from contact_desk.broadcast_life import approval_alert_id, approved, cancelled, drafted, edited, submitted
from contact_desk.broadcast_texts import typed_channels
from contact_desk.broadcasts import (
    APPROVED_WITHIN,
    Broadcast,
    BroadcastAct,
    BroadcastState,
    PublishingSwitch,
    broadcast_reference,
    may,
)
from contact_desk.case_desk import AnsweredBefore, AuditEntry, Committed
from contact_desk.clock import Clock, Ids, to_rfc3339
from contact_desk.errors import BroadcastStateError, QueueRefusedError, StoreBusyError
from contact_desk.force_file import ForceFile
from contact_desk.intake import Nudge
from contact_desk.observability import count
from contact_desk.outbox import OutboxItem
from contact_desk.ports import AlertStore, Broadcasts, CaseDesk, Nudges, Switch
from functions.operate.broadcast_forms import Form
from functions.operate.broadcast_views import broadcast_fields, switch_fields
from functions.operate.calls import Call, Done, same_again
from functions.operate.refusals import (
    ApprovalLapsedError,
    BytesChangedError,
    InvalidFieldsError,
    NotThereError,
    OwnApprovalError,
    PublishingStoppedError,
    RefusalError,
    StaleVersionError,
    WrongStateError,
)

TRIES = 6
LONGEST_PAUSE_SECONDS = 0.05
PUBLISHING = "publishing"
Decide = Callable[[Broadcast], BroadcastChange]


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcasting:
    """The ports and rules of broadcasts; `live_url` is the public page's address, without a closing slash."""

    broadcasts: Broadcasts
    switch: Switch
    requests: CaseDesk
    alerts: AlertStore
    nudges: Nudges
    force: ForceFile
    live_url: str
    clock: Clock
    ids: Ids
    pause: Callable[[float], None] = time.sleep

    def draft(self, form: Form, call: Call) -> Done:
        """A new broadcast; raises the RefusalError that says why not, and StoreBusyError."""
        now = self.clock.now()
        name = self.ids.ulid(now)

        def decide() -> BroadcastChange:
            reference = broadcast_reference(self.force.short_code, name)
            wording = form.wording(self.force, now, reference=reference, link=self._link(reference))
            return drafted(name, wording, call.operator, force=self.force, corrected=None, now=now)

        return self._made(call.operator.subject, "draft", call, form, decide)

    def correct(self, broadcast_id: str, form: Form, call: Call, version: int) -> Done:
        """A draft that is to take the place of a broadcast on air; it is submitted and approved like any other."""
        now = self.clock.now()
        name = self.ids.ulid(now)

        def decide() -> BroadcastChange:
            corrected = self._seen(self.read(broadcast_id), version)
            wording = form.wording(
                self.force,
                now,
                reference=broadcast_reference(self.force.short_code, name),
                link=self._link_of_root(corrected.root),
                corrected=corrected,
            )
            return drafted(name, wording, call.operator, force=self.force, corrected=corrected, now=now)

        return self._made(broadcast_id, "correct", call, form, decide)

    def edit(self, broadcast_id: str, form: Form, call: Call, version: int) -> Done:
        """Other words for a draft, or for what was submitted or scheduled: that is a draft again."""

        def decide(broadcast: Broadcast) -> BroadcastChange:
            self._seen(broadcast, version)
            if not may(broadcast.state, BroadcastAct.EDIT):
                raise BroadcastStateError(BroadcastAct.EDIT, broadcast.state)
            corrects = broadcast.wording.corrects
            now = self.clock.now()
            wording = form.wording(
                self.force,
                now,
                reference=broadcast.reference,
                link=self._link_of_root(broadcast.root),
                corrected=self.read(corrects) if corrects else None,
            )
            return edited(broadcast, wording, now)

        return self._act("edit", broadcast_id, call, decide, form)

    def submit(self, broadcast_id: str, call: Call, version: int, *, urgent: bool) -> Done:
        """The first of two people; urgent pages the approvers on call."""

        def decide(broadcast: Broadcast) -> BroadcastChange:
            self._seen(broadcast, version)
            self._still_right(broadcast)
            change = submitted(
                broadcast, call.operator, urgent=urgent, force=self.force, now=self.clock.now()
            )
            stands = self.alerts.get(change.alert.alert_id) if change.alert else None
            if stands and stands.open and change.alert:
                # They are called already: what is submitted anew calls them again by its next nudge.
                return BroadcastChange(change.before, change.after)
            return change

        return self._act("submit", broadcast_id, call, decide)

    def approve(self, broadcast_id: str, read_hash: str, call: Call, version: int) -> Done:
        """The second of two people: it goes out, or waits for its time."""

        def decide(broadcast: Broadcast) -> BroadcastChange:
            now = self.clock.now()
            self._two_people(broadcast, read_hash, call)
            self._seen(broadcast, version)
            if not self.switch.get().on:
                raise PublishingStoppedError("Publishing is stopped. A supervisor must start it first.")
            self._still_right(broadcast)
            return approved(broadcast, call.operator, read=self.broadcasts.get, force=self.force, now=now)

        return self._act("approve", broadcast_id, call, decide)

    def cancel(self, broadcast_id: str, call: Call, version: int, reason: str | None = None) -> Done:
        """One person takes it back, on every channel, whether publishing is stopped or not; `reason` is kept."""

        def decide(broadcast: Broadcast) -> BroadcastChange:
            self._seen(broadcast, version)
            now = self.clock.now()
            return cancelled(broadcast, call.operator, reason=reason, force=self.force, now=now)

        return self._act("cancel", broadcast_id, call, decide)

    def turn(self, call: Call, *, on: bool, reason: str, version: int | None = None) -> Done:
        """Stop all publishing, or start it again; it holds from the moment this is answered.

        A stop always counts; a start only of the stop that is known (`version`, or the one that stands at first):
        nobody starts what somebody has stopped for a reason that they have not read. Raises StaleVersionError.
        """
        act = "start" if on else "stop"
        for tried in range(TRIES):
            if answered := self._answered(call):
                return answered
            before, now = self.switch.get(), self.clock.now()
            version = before.version if version is None else version
            if on and before.version != version:
                self.note_refusal(
                    PUBLISHING, "start refused: StaleVersion", call.operator.subject, call.request_id
                )
                raise StaleVersionError(
                    "Publishing was stopped or started since you saw it. Read why first.",
                    version=before.version,
                )
            who = call.operator
            after = PublishingSwitch(on, who.subject, who.name, now, reason, before.version + 1)
            done = Done(HTTPStatus.OK, after.version, switch_fields(after))
            try:
                outcome = self.switch.turn(before, after, call.record(PUBLISHING, act, done, now))
            except StoreBusyError:
                self._wait(tried)
                continue
            if isinstance(outcome, AnsweredBefore):
                return same_again(outcome.request, call)
            if isinstance(outcome, Committed):
                count("PublishingStarted" if on else "PublishingStopped")
                return done
        raise StoreBusyError("the switch changed with every try")

    def read(self, broadcast_id: str) -> Broadcast:
        """The broadcast as it stands; raises NotThereError."""
        broadcast = self.broadcasts.get(broadcast_id)
        if broadcast is None:
            raise NotThereError("There is no such broadcast.")
        return broadcast

    def page(self, query: BroadcastQuery) -> BroadcastPage:
        """A page of broadcasts."""
        return self.broadcasts.page(query)

    def shown(self) -> Sequence[Broadcast]:
        """Those that the public sees now."""
        return self.broadcasts.shown(self.clock.now())

    def fields(self, broadcasts: Sequence[Broadcast]) -> list[dict[str, object]]:
        """The broadcasts with their copies as they stand, ready for JSON."""
        items = self.broadcasts.copy_items(broadcasts)
        return [self._fields(one, items) for one in broadcasts]

    def note_refusal(self, subject: str, act: str, by: str, request_id: str) -> None:
        """Keep who was refused what, and why."""
        self.requests.note(AuditEntry(subject, self.clock.now(), by, act, request_id))

    def _made(
        self, subject: str, act: str, call: Call, form: Form, decide: Callable[[], BroadcastChange]
    ) -> Done:
        """A new broadcast, by a draft or a correction."""
        return self._audited(
            subject, act, call, lambda: self._commit(act, call, decide, form, HTTPStatus.CREATED), form
        )

    def _act(self, act: str, broadcast_id: str, call: Call, decide: Decide, form: Form | None = None) -> Done:
        return self._audited(
            broadcast_id,
            act,
            call,
            lambda: self._commit(act, call, lambda: decide(self.read(broadcast_id)), form),
            form,
        )

    def _audited(
        self, subject: str, act: str, call: Call, do: Callable[[], Done], form: Form | None = None
    ) -> Done:
        try:
            return do()
        except (RefusalError, BroadcastStateError) as refused:
            # The same call, sent twice at once, may itself have moved it on: then its answer is the answer.
            if answered := self._answered(call):
                return answered
            refusal = WrongStateError(_told(refused)) if isinstance(refused, BroadcastStateError) else refused
            reason = type(refusal).__name__.removesuffix("Error")
            self.note_refusal(subject, f"{act} refused: {reason}", call.operator.subject, call.request_id)
            if form and isinstance(refusal, StaleVersionError):
                refusal.members["sent"] = form.sent
            raise refusal from None

    def _commit(
        self,
        act: str,
        call: Call,
        decide: Callable[[], BroadcastChange],
        form: Form | None,
        status: HTTPStatus = HTTPStatus.OK,
    ) -> Done:
        for tried in range(TRIES):
            # Looked up anew each time: the try before may have been written although its answer was lost.
            if answered := self._answered(call):
                return answered
            change = decide()
            for name, content in form.contents.items() if form else ():
                self.broadcasts.keep_picture(name, content)
            done = self._done(change, status)
            record = call.record(change.after.broadcast_id, act, done, self.clock.now())
            try:
                outcome = self.broadcasts.commit(change, record)
            except StoreBusyError:
                self._wait(tried)
                continue
            if isinstance(outcome, AnsweredBefore):
                return same_again(outcome.request, call)
            if isinstance(outcome, Committed):
                self._nudge([*change.outbox, *([change.announcement] if change.announcement else [])])
                self._quieten(change, call)
                return done
        raise StoreBusyError("the broadcast changed with every try")

    def _two_people(self, broadcast: Broadcast, read_hash: str, call: Call) -> None:
        """Raises what stands in the way of this person's approval of these bytes."""
        submission = broadcast.submitted
        if read_hash != broadcast.hash or (submission and submission.hash != broadcast.hash):
            raise BytesChangedError(
                "This is not what you read: it has changed. Read it again.", hash=broadcast.hash
            )
        if submission is None or broadcast.state not in {BroadcastState.DRAFT, BroadcastState.SUBMITTED}:
            raise BroadcastStateError(BroadcastAct.APPROVE, broadcast.state)
        if submission.by == call.operator.subject:
            raise OwnApprovalError("You submitted this yourself. Somebody else must approve it.")
        until = submission.at + APPROVED_WITHIN
        if self.clock.now() >= until:
            raise ApprovalLapsedError(
                "It was submitted more than 15 minutes ago. Submit it again.", until=to_rfc3339(until)
            )

    def _still_right(self, broadcast: Broadcast) -> None:
        """Raises InvalidFieldsError where a draft's times have passed since it was written."""
        wording, now = broadcast.wording, self.clock.now()
        if wording.expires_at and wording.expires_at <= now:
            raise InvalidFieldsError(
                {"expires_at": "in the future: its time has passed since it was written"}
            )

    def _seen(self, broadcast: Broadcast, version: int) -> Broadcast:
        if version != broadcast.version:
            raise StaleVersionError(
                "This broadcast has changed since you saw it. Nothing was done.", version=broadcast.version
            )
        return broadcast

    def _done(self, change: BroadcastChange, status: HTTPStatus) -> Done:
        after = change.after
        items = {**self.broadcasts.copy_items([after])} if change.before else {}
        items |= {item.outbox_id: item for item in change.outbox}
        return Done(status, after.version, self._fields(after, items))

    def _fields(self, one: Broadcast, items: Mapping[str, OutboxItem]) -> dict[str, object]:
        typed = typed_channels(one, self._link_of_root(one.root), self.force)
        return broadcast_fields(one, items, self._link(one.reference), typed)

    def _quieten(self, change: BroadcastChange, call: Call) -> None:
        """What was approved, edited or cancelled calls nobody any more."""
        if not (change.before and change.before.urgent) or change.after.state is BroadcastState.SUBMITTED:
            return
        alert = self.alerts.get(approval_alert_id(change.after))
        if alert and alert.open:
            now = self.clock.now()
            cause = f"{alert.alert_id}#{to_rfc3339(alert.opened_at)}#{AlertEvent.ACKNOWLEDGED}"
            item = announcement(alert, AlertEvent.ACKNOWLEDGED, cause=cause, now=now)
            self.alerts.acknowledge(
                alert.alert_id, by=call.operator.subject, now=now, item=item, opened_at=alert.opened_at
            )
            self._nudge([item])

    def _answered(self, call: Call) -> Done | None:
        request = self.requests.answered(call.operator.subject, call.key, self.clock.now())
        return same_again(request, call) if request else None

    def _link(self, reference: str) -> str:
        return f"{self.live_url}/{reference}"

    def _link_of_root(self, root: str) -> str:
        """One address for a chain of corrections: people keep what they were given first."""
        return self._link(broadcast_reference(self.force.short_code, root))

    def _wait(self, tried: int) -> None:
        self.pause(random.uniform(0, LONGEST_PAUSE_SECONDS * (tried + 1)))  # noqa: S311 - spreads tries out

    def _nudge(self, items: Iterable[OutboxItem]) -> None:
        try:
            self.nudges.send([Nudge(item.outbox_id, item.urgent) for item in items])
        except QueueRefusedError:
            # The items are in the table and the sweep nudges them within two minutes: the act stands.
            count("NudgesRefused")


def _told(refused: BroadcastStateError) -> str:
    return f"This cannot be done ({refused.act}): the broadcast is {refused.state}."
