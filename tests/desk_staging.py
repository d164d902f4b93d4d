"""Contacts put on the desk and the cases that come of them: what tests of the operators' side stand on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from contact_desk.alerts import Alert
from contact_desk.cases import Case, CaseState, preview
from contact_desk.contacts import Contact
from contact_desk.conversations import Conversation, CurrentCase
from contact_desk.decisions import Place, Reason, TriageDecision
from contact_desk.grades import Band, Grade
from contact_desk.intake import Admission, AdmissionOutcome, JoinedCase, cause_of
from contact_desk.outbox import OutboxItem
from contact_desk.ports import Intake
from local.twins.held_still import NOON
from tests.builders import CASE_ID

TARGET = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Staged:
    """What became of a contact, and the case it is in."""

    outcome: AdmissionOutcome
    case_id: str


def admit(
    intake: Intake,
    contact: Contact,
    *,
    case_id: str = CASE_ID,
    grade: Grade = Grade.SCHEDULED,
    band: Band = Band.GREEN,
    state: CaseState = CaseState.OPEN,
    answer_by: datetime | None = None,
    outbox: tuple[OutboxItem, ...] = (),
    alert: Alert | None = None,
    now: datetime = NOON,
    raw_pointer: str | None = None,
    reasons: tuple[Reason, ...] = (Reason("asb.bikes", "Young people on bikes", ("bikes",)),),
    reference: str = "MP-7K3Q-9DXR-C",
    markers: tuple[str, ...] = (),
    places: tuple[Place, ...] = (),
) -> Staged:
    """Put a contact on the desk as triage would: into the conversation's open case, or a new one of this name."""
    before = intake.conversation(contact.conversation_key)
    joined = before and before.current and before.current.state is not CaseState.CLOSED
    decision = TriageDecision(
        band=band,
        grade=grade,
        category="anti_social_behaviour",
        significant=True,
        reasons=reasons,
        markers=markers,
        places=places,
        rules_version="1",
    )
    due = answer_by or now + TARGET
    if joined and before and before.current:
        current = replace(before.current, state=CaseState.OPEN)
        case: Case | JoinedCase = JoinedCase(
            case_id=current.case_id,
            state=current.state,
            grade=current.grade,
            band=current.band,
            answer_by=current.answer_by,
            preview=preview(contact.text) or None,
            category=None,
            reasons=None,
            significant=True,
            markers=(),
            reply_until=contact.reply_until,
            places=tuple(place.name for place in places),
        )
    else:
        current = CurrentCase(case_id, reference, state, grade, band, due)
        case = a_case(contact, current, decision, now)
    started = before or Conversation(contact.conversation_key)
    after = replace(started, revision=started.revision + 1, current=current)
    admission = Admission(
        contact=contact,
        decision=decision,
        before=before,
        after=after,
        case=case,
        outbox=outbox,
        alert=alert,
        admitted_at=now,
        raw_pointer=raw_pointer,
    )
    return Staged(intake.admit(admission), current.case_id)


def a_case(contact: Contact, current: CurrentCase, decision: TriageDecision, now: datetime) -> Case:
    """The case that a contact opens."""
    return Case(
        case_id=current.case_id,
        reference=current.reference,
        state=current.state,
        grade=current.grade,
        band=current.band,
        category=decision.category,
        reasons=decision.reasons,
        preview=preview(contact.text),
        channel=contact.channel,
        account=contact.account,
        surface=contact.surface,
        conversation_key=contact.conversation_key,
        opened_at=now,
        answer_by=current.answer_by,
        last_contact=cause_of(contact),
        last_contact_at=now,
        significant=decision.significant,
        markers=decision.markers,
        person_name=contact.person.name if contact.person else None,
        reply_until=contact.reply_until,
        places=tuple(place.name for place in decision.places),
    )
