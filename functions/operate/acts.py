"""What an operator's act changes on a case: pure rules from the case as it stands to the case as it becomes.

Every act here moves the case's version on, so it must speak of the version that the operator saw. Note, grade and
close are for the holder alone. A safe-contact rule is for any operator at once: it protects the person, whoever works
the case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, Protocol

from contact_desk.alerts import Alert, AlertEvent, alert_of_grade, announcement
from contact_desk.broadcasts import Broadcast
from contact_desk.case_desk import CaseChange, Operator
from contact_desk.cases import Case, CaseState, Claim, Disposition, answer_by
from contact_desk.clock import to_rfc3339
from contact_desk.conversations import Conversation, SafeContact
from contact_desk.force_file import ForceFile
from contact_desk.grades import Grade
from contact_desk.overrides import OverriddenField, Override
from contact_desk.references import digest_id
from contact_desk.timeline import EntryKind, TimelineEntry
from functions.operate.refusals import CaseClosedError, NewContactError, NotHolderError


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A case at the moment of an act.

    `first_read` is the case as this call read it first, `cause` names the call among all calls. Read only where a rule
    asks: the conversation, the keys of the case's contacts that still stand, oldest first, the fields of its newest
    report, an alert by its name, the broadcasts that the public sees under `live_url`, and the versions of what decided
    on the case's contacts.
    """

    case: Case
    first_read: Case
    read_conversation: Callable[[], Conversation | None]
    read_contacts: Callable[[], Sequence[str]]
    read_report: Callable[[], Mapping[str, object] | None]
    read_alert: Callable[[str], Alert | None]
    read_shown: Callable[[], Sequence[Broadcast]]
    live_url: str
    read_versions: Callable[[], tuple[str, ...]]
    operator: Operator
    now: datetime
    cause: str
    force: ForceFile
    new_token: Callable[[], str]

    @property
    def lease_until(self) -> datetime:
        """Until when a claim holds that is made or renewed now."""
        return self.now + timedelta(seconds=self.force.claims.lease_seconds)

    def entry(self, kind: EntryKind, text: str | None = None, outbox_id: str | None = None) -> TimelineEntry:
        """What the act leaves on the timeline."""
        return replace(entry_of(self.operator, self.cause, self.now, kind, text), outbox_id=outbox_id)

    def override(self, field: OverriddenField, after: str, why: str) -> Override:
        """The act as an event for learning: what it puts in place of the machine's word."""
        return Override(
            override_id=digest_id("override", self.cause, field.value),
            at=self.now,
            case_id=self.case.case_id,
            by=self.operator.subject,
            field=field,
            before=self.case.grade.value,
            after=after,
            band=self.case.band,
            why=why,
            versions=self.read_versions(),
        )

    def with_mirror(self, after: Case, entry: TimelineEntry) -> CaseChange:
        """The change of the case to `after`, and of what its conversation remembers of it.

        Triage holds to the conversation's revision, so no contact can join on what it read before this act. A
        conversation that has another case by now is left alone.
        """
        before = self.read_conversation()
        if before is None or before.current is None or before.current.case_id != after.case_id:
            return CaseChange(self.case, after, (entry,))
        current = replace(
            before.current,
            state=after.state,
            grade=after.grade,
            band=after.band,
            answer_by=after.answer_by,
            closed_at=after.closed_at,
        )
        return CaseChange(
            self.case,
            after,
            (entry,),
            conversation_before=before,
            conversation_after=replace(before, current=current, revision=before.revision + 1),
        )


def entry_of(
    operator: Operator, cause: str, now: datetime, kind: EntryKind, text: str | None
) -> TimelineEntry:
    """An entry under the operator's name; the same call leaves each kind of entry once."""
    return TimelineEntry(now, kind, digest_id("act", cause, kind.value), by=operator.name, text=text)


class Act(Protocol):
    """One act on a case."""

    name: ClassVar[str]
    """What the audit calls it."""

    @property
    def kept_text(self) -> str | None:
        """The operator's words, which a refusal hands back."""
        ...

    def change(self, scene: Scene) -> CaseChange:
        """What it changes; raises the RefusalError that says why it does not."""
        ...


@dataclass(frozen=True, slots=True)
class WriteNote:
    """A note to colleagues on the case."""

    name: ClassVar[str] = "note"
    text: str

    @property
    def kept_text(self) -> str | None:
        """The note."""
        return self.text

    def change(self, scene: Scene) -> CaseChange:
        """A note is on the timeline and nowhere else."""
        after = next_version(scene, claim=renewed_claim(scene))
        return CaseChange(scene.case, after, (scene.entry(EntryKind.NOTE, self.text),))


@dataclass(frozen=True, slots=True)
class GradeAgain:
    """A person's grade in place of the one the case has; only a person may lower it."""

    name: ClassVar[str] = "grade"
    grade: Grade
    reason: str

    @property
    def kept_text(self) -> str | None:
        """The reason."""
        return self.reason

    def change(self, scene: Scene) -> CaseChange:
        """The target of the new grade runs from now; the same grade again confirms it and keeps its clock.

        The band stays: it is the machine's reading. A grade that rises to emergency or priority opens the alert of
        that grade, as a contact of it would.
        """
        claim, was = renewed_claim(scene), scene.case
        rules = scene.force.grades
        due = was.answer_by
        if self.grade is not was.grade:
            due = answer_by(scene.now, rules[self.grade].target, was.reply_until)
        after = next_version(scene, claim=claim, grade=self.grade, answer_by=due)
        told = f"{rules[was.grade].name} → {rules[self.grade].name}: {self.reason}"
        change = scene.with_mirror(after, scene.entry(EntryKind.GRADE, told))
        if self.grade is not was.grade:
            event = scene.override(OverriddenField.GRADE, self.grade.value, self.reason)
            change = replace(change, override=event)
        alert = _alert_of_rise(scene, self.grade)
        if alert is None:
            return change
        opened = announcement(
            alert, AlertEvent.OPENED, cause=f"{scene.cause}#{alert.alert_id}", now=scene.now
        )
        return replace(change, alert=alert, announcement=opened)


@dataclass(frozen=True, slots=True)
class SetSafeContact:
    """How it is safe to reach the person, for the whole conversation."""

    name: ClassVar[str] = "safe-contact"
    kept_text: ClassVar[str | None] = None
    rule: SafeContact

    def change(self, scene: Scene) -> CaseChange:
        """Nothing automatic is sent into the conversation from the moment this is written."""
        claim = scene.case.claim
        if claim and claim.live(scene.now) and claim.holder == scene.operator.subject:
            claim = replace(claim, until=scene.lease_until)
        conversation = scene.read_conversation() or Conversation(scene.case.conversation_key)
        return CaseChange(
            scene.case,
            next_version(scene, claim=claim),
            (scene.entry(EntryKind.SAFE_CONTACT, _told(self.rule)),),
            conversation_before=conversation,
            conversation_after=replace(
                conversation, safe_contact=self.rule, revision=conversation.revision + 1
            ),
        )


@dataclass(frozen=True, slots=True)
class Close:
    """The end of a case, on what the operator saw of it: `seen_until` is the newest contact that they had read."""

    name: ClassVar[str] = "close"
    kept_text: ClassVar[str | None] = None
    disposition: Disposition
    seen_until: datetime
    survey: str | None = None

    def change(self, scene: Scene) -> CaseChange:
        """Closed and free, and the conversation knows: the next contact opens a case of its own."""
        on_the_desk(scene.case)
        held_claim(scene)
        was = scene.case
        unseen = to_rfc3339(was.last_contact_at) != to_rfc3339(self.seen_until)
        if unseen or was.last_contact != scene.first_read.last_contact:
            raise NewContactError(
                "The person wrote again. Read it before you close.",
                last_contact_at=to_rfc3339(was.last_contact_at),
            )
        retention = scene.force.retention
        retention_class = retention.class_of(self.disposition)
        after = next_version(
            scene,
            claim=None,
            state=CaseState.CLOSED,
            retention_class=retention_class,
            dispose_at=retention.dispose_at(retention_class, scene.now),
            disposition=self.disposition,
            survey=self.survey,
            closed_at=scene.now,
            closed_by=scene.operator.subject,
        )
        change = scene.with_mirror(after, scene.entry(EntryKind.CLOSED, self.disposition.value))
        event = scene.override(OverriddenField.DISPOSITION, self.disposition.value, "")
        return replace(change, override=event)


def next_version(scene: Scene, **changes: object) -> Case:
    """The case with the changes, one version on."""
    after: Case = replace(scene.case, version=scene.case.version + 1, **changes)  # type: ignore[arg-type]
    return after


def on_the_desk(case: Case) -> None:
    """Raises CaseClosedError for a closed case."""
    if case.state is CaseState.CLOSED:
        raise CaseClosedError("This case is closed.")


def held_claim(scene: Scene) -> Claim:
    """The operator's own live claim; raises NotHolderError for anybody else's, for none, and for one that ran out."""
    claim = scene.case.claim if scene.case.claim and scene.case.claim.live(scene.now) else None
    if claim is None or claim.holder != scene.operator.subject:
        raise NotHolderError(claim)
    return claim


def renewed_claim(scene: Scene) -> Claim:
    """The operator's own live claim, with its lease begun anew; raises as `held_claim` and `on_the_desk` do."""
    on_the_desk(scene.case)
    return replace(held_claim(scene), until=scene.lease_until)


def _alert_of_rise(scene: Scene, grade: Grade) -> Alert | None:
    """The alert that a higher grade opens; None where the grade is no higher, raises none, or its alert stands open."""
    if grade.rank >= scene.case.grade.rank:
        return None
    alert = alert_of_grade(
        grade,
        case_id=scene.case.case_id,
        reference=scene.case.reference,
        ladders=scene.force.alerts,
        now=scene.now,
    )
    stands = scene.read_alert(alert.alert_id) if alert else None
    return None if stands and stands.open else alert


def _told(rule: SafeContact) -> str:
    told = ["Safe to contact." if rule.ok else "Not safe to contact."]
    told += [f"How: {rule.how}"] if rule.how else []
    told += [f"Not when: {rule.not_when}"] if rule.not_when else []
    return "\n".join(told)
