"""What an operator can do at the desk: each call reads, decides, and commits in one transaction, once for its key."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, partial
from http import HTTPStatus
from itertools import islice
from typing import Any

from contact_desk.alerts import FOR_AUDITORS, Alert, AlertEvent, announcement
from contact_desk.case_desk import (
    ActRecord,
    AnsweredBefore,
    AuditEntry,
    CaseChange,
    CaseFile,
    CasePage,
    CaseQuery,
    Committed,
    Operator,
)
from contact_desk.cases import Case
from contact_desk.clock import Clock, Ids, to_rfc3339
from contact_desk.errors import QueueRefusedError, StoreBusyError
from contact_desk.force_file import ForceFile
from contact_desk.intake import Nudge
from contact_desk.numbers.number_ports import HourTotals
from contact_desk.observability import count, count_each
from contact_desk.outbox import OutboxItem, Resolution
from contact_desk.ports import AlertStore, AuditTrail, CaseDesk, Nudges, OutboxStore
from contact_desk.timeline import EntryKind
from contact_desk.unusual_reading import OPEN, OWN_NAME, REFUSED, same_name
from functions.operate.acts import Act, Scene, entry_of
from functions.operate.broadcasting import Broadcasting
from functions.operate.calls import Call, Done, same_again
from functions.operate.principal import Role
from functions.operate.refusals import (
    NotThereError,
    NotWaitingError,
    RefusalError,
    StaleVersionError,
)
from functions.operate.shown_files import KeptFiles, ShownFile, kept_copy, read_picture
from functions.operate.views import (
    alert_fields,
    case_fields,
    contacts_that_stand,
    hidden_contacts,
    promise_fields,
)

TRIES = 6
LONGEST_PAUSE_SECONDS = 0.05
EARLIER_SHOWN = 5


def is_for(alert: Alert, roles: frozenset[Role]) -> bool:
    """Whether people of the roles list and acknowledge such an alert."""
    return bool(roles & ({Role.AUDITOR} if alert.kind in FOR_AUDITORS else {Role.OPERATOR, Role.SUPERVISOR}))


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuery:
    """What is asked of the audit: on a subject, or all, from a moment up to another, of one person or all."""

    since: datetime
    until: datetime
    subject: str | None = None
    person: str | None = None
    limit: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The desk's ports and rules, as the routes use them."""

    cases: CaseDesk
    alerts: AlertStore
    outbox: OutboxStore
    nudges: Nudges
    broadcasting: Broadcasting
    audit: AuditTrail
    totals: HourTotals
    files: KeptFiles
    force: ForceFile
    clock: Clock
    ids: Ids
    pause: Callable[[float], None] = time.sleep
    shown: set[tuple[str, str, str]] = field(default_factory=set)
    """Hour, operator and case of what lists have shown, so that a list is audited by what is new on it."""

    def act(self, case_id: str, act: Act, call: Call, version: int | None = None) -> Done:
        """Do an act on a case and answer it; `version` is the one the operator saw, None where the act asks for none.

        Raises the RefusalError that says why not, with the operator's own words in `text`, and StoreBusyError.
        """
        try:
            return self._act_once(case_id, act, call, version)
        except RefusalError as refusal:
            if not isinstance(refusal, NotThereError):
                reason = type(refusal).__name__.removesuffix("Error")
                self.note_refusal(
                    case_id, f"{act.name}{REFUSED}{reason}", call.operator.subject, call.request_id
                )
            if act.kept_text is not None:
                refusal.members["text"] = act.kept_text
            raise

    def _act_once(self, case_id: str, act: Act, call: Call, version: int | None) -> Done:
        try:
            return self._act(case_id, act, call, version)
        except RefusalError:
            # The same call, sent twice at once, may itself have moved the case on: then its answer is the answer.
            if answered := self._answered(call):
                return answered
            raise

    def _act(self, case_id: str, act: Act, call: Call, version: int | None) -> Done:
        first_read: Case | None = None
        for tried in range(TRIES):
            # Looked up anew each time: the try before may have been written although its answer was lost.
            if answered := self._answered(call):
                return answered
            case = self._case_for(act, case_id, call)
            first_read = first_read or case
            if version not in {None, case.version}:
                raise StaleVersionError(
                    "This case has changed since you saw it. Nothing was done.", version=case.version
                )
            change = act.change(self._scene(case, first_read, call))
            done = self._done(HTTPStatus.OK, change.after)
            if change.outbox:
                done = self._done(
                    HTTPStatus.ACCEPTED,
                    change.after,
                    outbox_id=change.outbox.outbox_id,
                    promises=promise_fields(change.outbox.text),
                )
            try:
                outcome = self.cases.commit(change, self._record(case_id, act.name, call, done))
            except StoreBusyError:
                self.pause(random.uniform(0, LONGEST_PAUSE_SECONDS * (tried + 1)))  # noqa: S311 - spreads tries out
                continue
            if isinstance(outcome, AnsweredBefore):
                return same_again(outcome.request, call)
            if isinstance(outcome, Committed):
                self._follow(change)
                return done
        raise StoreBusyError("the case changed with every try")

    def _case_for(self, act: Act, case_id: str, call: Call) -> Case:
        """The case, where the caller may see it; it is written down that somebody may not."""
        case, who = self._case(case_id), call.operator.subject
        if not case.seen_by(who):
            self.note_refusal(case_id, f"{act.name}{REFUSED}Restricted", who, call.request_id)
            raise NotThereError("There is no such case.")
        return case

    def _follow(self, change: CaseChange) -> None:
        if change.after.disposition and not change.before.disposition:
            count_each("CasesClosed", "disposition", {change.after.disposition.value: 1})
        for item in filter(None, (change.outbox, change.announcement)):
            self._nudge(item)

    def note_refusal(self, subject: str, act: str, by: str, request_id: str) -> None:
        """Keep who was refused what, and why."""
        self.cases.note(AuditEntry(subject, self.clock.now(), by, act, request_id))

    def open_alerts(self, who: str, roles: frozenset[Role]) -> list[Alert]:
        """The alerts that no person has acknowledged, of those that this person may see."""
        found = [alert for alert in self.alerts.open_alerts() if is_for(alert, roles)]
        hidden = self._hidden_from(who, [alert.case_id for alert in found if alert.case_id])
        return [alert for alert in found if alert.case_id not in hidden]

    def acknowledge(
        self, alert_id: str, call: Call, roles: frozenset[Role], opened_at: datetime | None = None
    ) -> Done:
        """Record that a person has seen an alert that is for their roles, and tell the systems that listen.

        An alert that is acknowledged already stays as it is. Raises NotThereError; StaleVersionError where it was
        raised anew since the `opened_at` that the operator has seen, or while it is acknowledged here.
        """
        if answered := self._answered(call):
            return answered
        alert = self.alerts.get(alert_id)
        who, case_ids = call.operator.subject, [alert.case_id] if alert and alert.case_id else []
        if alert is None or not is_for(alert, roles) or self._hidden_from(who, case_ids):
            raise NotThereError("There is no such alert.")
        if not alert.open:
            return self._alert_done(alert)
        if opened_at and to_rfc3339(opened_at) != to_rfc3339(alert.opened_at):
            raise _raised_anew(alert)
        now, done = self.clock.now(), self._alert_done(alert)
        cause = f"{alert_id}#{to_rfc3339(alert.opened_at)}#{AlertEvent.ACKNOWLEDGED}"
        item = announcement(alert, AlertEvent.ACKNOWLEDGED, cause=cause, now=now)
        record = replace(
            self._record(alert_id, "acknowledge", call, done),
            case_id=alert.case_id,
            entry=entry_of(call.operator, call.cause, now, EntryKind.ACKNOWLEDGED, alert.kind.value),
        )
        stands = self.alerts.acknowledge(
            alert_id,
            by=call.operator.subject,
            now=now,
            item=item,
            record=record,
            opened_at=alert.opened_at,
        )
        if answered := self._answered(call):
            self._nudge(item)
            return answered
        if stands and stands.open:
            raise _raised_anew(stands)
        self._nudge(item)
        return done

    def resolve(self, outbox_id: str, resolution: Resolution, call: Call) -> Done:
        """Take the operator's word on an item of which nobody knows whether it arrived.

        Raises NotThereError, and NotWaitingError for an item that waits for nobody.
        """
        if answered := self._answered(call):
            return answered
        waiting = self.outbox.get(outbox_id)
        if waiting is None:
            raise NotThereError("There is no such outbox item.")
        case = self.cases.case(waiting.case_id) if waiting.case_id else None
        if case and not case.seen_by(call.operator.subject):
            who = call.operator.subject
            self.note_refusal(case.case_id, f"resolve{REFUSED}Restricted", who, call.request_id)
            raise NotThereError("There is no such outbox item.")
        now, done = self.clock.now(), self._done(HTTPStatus.OK, case, outbox_id=outbox_id)
        record = replace(
            self._record(outbox_id, "resolve", call, done),
            case_id=waiting.case_id,
            entry=replace(
                entry_of(call.operator, call.cause, now, EntryKind.RESOLVED_SEND, resolution.value),
                outbox_id=outbox_id,
            ),
        )
        item = self.outbox.resolve(
            outbox_id, outcome=resolution, by=call.operator.subject, now=now, record=record
        )
        if item is None:
            raise NotWaitingError("This does not wait for anybody's word.")
        if resolution is Resolution.SEND_AGAIN:
            self._nudge(item)
        return self._answered(call) or done

    def listing(self, query: CaseQuery, operator: Operator, request_id: str) -> CasePage:
        """A page of cases; what it shows this operator for the first time in the hour is audited."""
        page = self.cases.cases(replace(query, viewer=operator.subject))
        hour, who = to_rfc3339(query.now)[:13], operator.subject
        new = [case.case_id for case in page.cases if (hour, who, case.case_id) not in self.shown]
        if new:
            self.cases.note(AuditEntry(who, query.now, who, "list", request_id, tuple(new)))
            self.shown.difference_update([one for one in self.shown if one[0] != hour])
            self.shown.update((hour, who, case_id) for case_id in new)
        return page

    def open(self, case_id: str, operator: Operator, request_id: str) -> CaseFile:
        """The whole case; nobody sees it before it is written down who did. Raises NotThereError."""
        found = self.cases.case_file(case_id)
        if found is None:
            raise NotThereError("There is no such case.")
        if not found.case.seen_by(operator.subject):
            self.note_refusal(case_id, f"{OPEN}{REFUSED}Restricted", operator.subject, request_id)
            raise NotThereError("There is no such case.")
        act = OWN_NAME if same_name(operator.name, found.case.person_name) else OPEN
        self.cases.note(AuditEntry(case_id, self.clock.now(), operator.subject, act, request_id))
        return found

    def earlier(self, case: Case, operator: Operator) -> list[Case]:
        """The cases of the conversation before this one that the operator may see, newest first, at most five."""
        found: list[Case] = []
        named = case.previous_case
        for _ in range(EARLIER_SHOWN):
            before = self.cases.case(named) if named else None
            if before is None:
                break
            found.append(before)
            named = before.previous_case
        return [one for one in found if one.seen_by(operator.subject)]

    def audited(self, asked: AuditQuery, operator: Operator, request_id: str) -> list[AuditEntry]:
        """Who did and saw what, oldest first; that somebody asked is an entry too."""
        now = self.clock.now()
        self.audit.note(AuditEntry(asked.subject or "audit", now, operator.subject, "audit", request_id))
        entries = (
            self.audit.of(asked.subject) if asked.subject else self.audit.between(asked.since, asked.until)
        )
        wanted = (
            one for one in entries if asked.since <= one.at < asked.until and asked.person in {None, one.by}
        )
        return list(islice(wanted, asked.limit))

    def _hidden_from(self, who: str, case_ids: Sequence[str]) -> frozenset[str]:
        restricted = self.alerts.restricted(case_ids) if case_ids else {}
        return frozenset(case_id for case_id, named in restricted.items() if who not in named)

    def show_file(self, case_id: str, sha256: str, operator: Operator, request_id: str) -> ShownFile:
        """A picture of the case; nobody sees it before it is written down who did.

        Raises NotThereError, UnshowableFileError and StoreBusyError.
        """
        found = self.cases.case_file(case_id)
        if found is None:
            raise NotThereError("There is no such case.")
        if not found.case.seen_by(operator.subject):
            self.note_refusal(case_id, f"show attachment{REFUSED}Restricted", operator.subject, request_id)
            raise NotThereError("There is no such case.")
        copy = kept_copy(found, sha256, hidden_contacts(found, self.force))
        act = f"show attachment {sha256}"
        self.cases.note(AuditEntry(case_id, self.clock.now(), operator.subject, act, request_id))
        return read_picture(self.files, copy)

    def _case(self, case_id: str) -> Case:
        case = self.cases.case(case_id)
        if case is None:
            raise NotThereError("There is no such case.")
        return case

    def _scene(self, case: Case, first_read: Case, call: Call) -> Scene:
        def contacts() -> tuple[str, ...]:
            found = self.cases.case_file(case.case_id)
            return contacts_that_stand(found) if found else ()

        def report() -> Mapping[str, object] | None:
            found = self.cases.case_file(case.case_id)
            reports = [one.contact.report for one in found.timeline if one.contact] if found else []
            return next((one for one in reversed(reports) if one), None)

        return Scene(
            case=case,
            first_read=first_read,
            read_conversation=cache(partial(self.cases.conversation, case.conversation_key)),
            read_contacts=cache(contacts),
            read_report=cache(report),
            read_alert=self.alerts.get,
            read_shown=cache(self.broadcasting.shown),
            live_url=self.broadcasting.live_url,
            read_versions=cache(partial(self.cases.versions, case.case_id)),
            operator=call.operator,
            now=self.clock.now(),
            cause=call.cause,
            force=self.force,
            new_token=self.ids.token,
        )

    def _answered(self, call: Call) -> Done | None:
        request = self.cases.answered(call.operator.subject, call.key, self.clock.now())
        return same_again(request, call) if request else None

    def _record(self, subject: str, act: str, call: Call, done: Done) -> ActRecord:
        return call.record(subject, act, done, self.clock.now())

    def _done(self, status: HTTPStatus, case: Case | None, **names: Any) -> Done:
        if case is None:
            return Done(status, None, names)
        return Done(status, case.version, {**case_fields(case, self.clock.now()), **names})

    def _alert_done(self, alert: Alert) -> Done:
        case = self.cases.case(alert.case_id) if alert.case_id else None
        return self._done(HTTPStatus.OK, case) if case else Done(HTTPStatus.OK, None, alert_fields(alert))

    def _nudge(self, item: OutboxItem) -> None:
        try:
            self.nudges.send([Nudge(item.outbox_id, item.urgent)])
        except QueueRefusedError:
            # The item is in the table and the sweep nudges it within two minutes: the act stands.
            count("NudgesRefused")


def _raised_anew(alert: Alert) -> StaleVersionError:
    return StaleVersionError(
        "This alert was raised anew since you saw it. Nothing was acknowledged.",
        opened_at=to_rfc3339(alert.opened_at),
    )
