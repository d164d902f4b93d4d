"""What a finding changes: nothing, or a case that stands higher, with its alert and its 999 text. Pure.

A finding only ever raises: each thing it touches takes the higher of what it was and what was found. Alerts and texts
follow the rules that hold for a contact that comes in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from contact_desk.alerts import Alert, alert_of_grade
from contact_desk.cases import CaseState, answer_by
from contact_desk.contacts import Act, Contact
from contact_desk.conversations import Conversation, CurrentCase
from contact_desk.decisions import WITHHELD, Reason, TriageDecision
from contact_desk.force_file import ForceFile
from contact_desk.grades import Grade, higher_band, higher_grade
from contact_desk.intake import cause_of
from contact_desk.outbox import OutboxItem, OutboxKind, Purpose
from contact_desk.references import digest_id
from contact_desk.second_reads import Finding, SecondRead
from contact_desk.timeline import EntryKind, TimelineEntry
from functions.triage.admission import outbox_of, places, united
from functions.triage.automatic_texts import AutomaticText, OwnTexts, Situation, X, automatic_texts
from functions.triage.second_reads.answers import WITHOUT_REASON

RULE = "second_reader"
BY = "second reader"


@dataclass(frozen=True, slots=True)
class RaisedCase:
    """A case as it becomes: `before` is its conversation as it was read, `after` what that becomes.

    `reasons` is None where the case goes on showing those of another contact.
    """

    before: Conversation
    after: Conversation
    current: CurrentCase
    reasons: tuple[Reason, ...] | None
    entries: tuple[TimelineEntry, ...]
    outbox: tuple[OutboxItem, ...]
    alert: Alert | None


def raised(first: TriageDecision, finding: Finding) -> TriageDecision | None:
    """The first reader's decision with what the second found above it; None where it found nothing higher."""
    band, grade = higher_band(first.band, finding.band), higher_grade(first.grade, finding.grade)
    if (band, grade) == (first.band, first.grade):
        return None
    return replace(
        first,
        band=band,
        grade=grade,
        significant=True,
        thanks=False,
        signpost=None,
        reasons=(Reason(RULE, finding.reason), *first.reasons),
        markers=united(first.markers, finding.markers),
    )


def as_kept(read: SecondRead, *, keeps_categories: bool) -> SecondRead:
    """The reading without what it says of the crime, where the platform's terms ask for that."""
    if keeps_categories:
        return read
    finding = read.finding and replace(read.finding, reason=WITHOUT_REASON, markers=())
    return replace(read, finding=finding, output=None)


@dataclass(frozen=True, slots=True)
class Raising:
    """Raises cases of one force."""

    force: ForceFile
    own_texts: OwnTexts

    def keeps_categories(self, contact: Contact) -> bool:
        """Whether the contact's platform lets the desk keep what a message says of crime."""
        channel = self.force.channels.get(contact.channel)
        return channel is None or channel.keeps_categories

    def compose(
        self,
        contact: Contact,
        first: TriageDecision,
        finding: Finding,
        before: Conversation,
        now: datetime,
    ) -> RaisedCase | None:
        """What the finding makes of the case that the contact is in; None where it raises nothing."""
        heeded, was = raised(first, finding), before.current
        if heeded is None or was is None:
            return None
        kept = heeded
        if not self.keeps_categories(contact):
            told = Reason(RULE, WITHOUT_REASON)
            kept = replace(heeded, category=WITHHELD, markers=(), reasons=(told, *first.reasons))
        current, shows = self._current(contact, was, kept)
        texts = self._texts(contact, heeded, before, current, now)
        alert = self._alert(first, kept, current, now)
        cause = f"{cause_of(contact)}#{RULE}"
        items = outbox_of(
            contact, cause, current.case_id, texts, alert, now=now, reply_until=before.reply_until
        )
        after = replace(
            before,
            revision=before.revision + 1,
            current=current,
            emergency_text_at=now if texts else before.emergency_text_at,
        )
        entries = (
            TimelineEntry(
                now, EntryKind.SECOND_READ, f"{RULE}#{digest_id(cause)}", by=BY, text=kept.reasons[0].reason
            ),
            *(
                TimelineEntry(
                    now, EntryKind.AUTOMATIC, f"automatic#{item.outbox_id}", outbox_id=item.outbox_id
                )
                for item in items
                if item.kind is not OutboxKind.OPERATOR_ALERT
            ),
        )
        return RaisedCase(before, after, current, kept.reasons if shows else None, entries, items, alert)

    def _current(self, contact: Contact, was: CurrentCase, kept: TriageDecision) -> tuple[CurrentCase, bool]:
        """The case as it becomes, and whether it shows this contact's reasons from now on."""
        offered = places(contact, kept).reasons
        rises = kept.grade.rank < was.grade.rank or kept.band.rank < was.band.rank
        shown = offered if rises else max(filter(None, (was.shown.reasons, offered)), default=None)
        due = answer_by(contact.received_at, self.force.grades[kept.grade].target, contact.reply_until)
        current = replace(
            was,
            state=CaseState.OPEN,
            grade=higher_grade(was.grade, kept.grade),
            band=higher_band(was.band, kept.band),
            answer_by=min(was.answer_by, due),
            markers=united(was.markers, kept.markers),
            shown=replace(was.shown, reasons=shown),
        )
        return current, shown is not None and shown == offered

    def _texts(
        self,
        contact: Contact,
        heeded: TriageDecision,
        before: Conversation,
        current: CurrentCase,
        now: datetime,
    ) -> Sequence[AutomaticText]:
        if not heeded.emergency:
            return ()
        # As an edit that makes an emergency of it: a comment that has its public answer does not get a second one.
        # X has given none to what was no emergency.
        written = contact if contact.channel == X else replace(contact, act=Act.EDITED)
        situation = Situation(
            contact=written,
            decision=heeded,
            conversation=before,
            grade=current.grade,
            markers=united(current.markers, heeded.markers),
            safe_contact=before.safe_contact,
            reference=current.reference,
            now=now,
        )
        chosen = automatic_texts(situation, self.force, self.own_texts)
        return [text for text in chosen if text.purpose is Purpose.EMERGENCY]

    def _alert(
        self, first: TriageDecision, kept: TriageDecision, current: CurrentCase, now: datetime
    ) -> Alert | None:
        """The alert of a grade that rose; of the grade that the contact came in with its own coming has told."""
        if kept.grade.rank >= first.grade.rank or kept.grade not in {Grade.EMERGENCY, Grade.PRIORITY}:
            return None
        return alert_of_grade(
            kept.grade,
            case_id=current.case_id,
            reference=current.reference,
            ladders=self.force.alerts,
            now=now,
        )
