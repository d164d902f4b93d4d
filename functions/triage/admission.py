"""From a contact and what was decided about it to all that the desk must write. Pure: the same input, the same answer.

Contacts may arrive in any order, an edit before what it edits: the case ends in the same state, because grade and band
only rise, `answer_by` only comes nearer, and what the case shows is that of the last in the platform's time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from contact_desk.alerts import Alert, AlertEvent, alert_of_grade, announcement
from contact_desk.cases import LINKED_AFTER_CLOSE, Case, CaseState, answer_by, preview
from contact_desk.clock import Ids, to_rfc3339
from contact_desk.contacts import Act, Contact
from contact_desk.conversations import Conversation, CurrentCase, SafeContact, Said, Shown
from contact_desk.decisions import TriageDecision
from contact_desk.force_file import ForceFile
from contact_desk.grades import Grade, higher_band, higher_grade
from contact_desk.intake import Admission, JoinedCase, cause_of
from contact_desk.numbers.origins import origin_of
from contact_desk.outbox import OutboxItem, Purpose, outbox_id
from contact_desk.references import digest_id, reference
from functions.triage.automatic_texts import AutomaticText, OwnTexts, Situation, automatic_texts

MOST_EARLIER = 2
MOST_EARLIER_LETTERS = 1000
LIKELY = 0.6
"""From which confidence on a place tells that two cases may be about one happening; a guess would gather strangers."""
MOST_PLACES_OF_A_CASE = 3


@dataclass(frozen=True, slots=True)
class Admissions:
    """Composes admissions for one force."""

    force: ForceFile
    own_texts: OwnTexts
    ids: Ids

    def compose(
        self,
        contact: Contact,
        decision: TriageDecision,
        before: Conversation | None,
        now: datetime,
        raw_pointer: str | None = None,
    ) -> Admission:
        """The contact with its case, its automatic texts and its alert; `before` is the conversation as it was read.

        Where the platform's terms ask for it, what is kept of the decision is less than what the texts heed.
        """
        contact, heeded = with_event_id(contact), decision
        channel = self.force.channels.get(contact.channel)
        if channel and not channel.keeps_categories:
            decision = heeded.withheld()
        conversation = before or Conversation(contact.conversation_key)
        joined = case_on_the_desk(conversation)
        current = self._joined(joined, contact, decision) if joined else self._opened(contact, decision, now)
        rule = safe_contact_of(contact) or conversation.safe_contact
        texts = automatic_texts(
            Situation(
                contact=contact,
                decision=heeded,
                conversation=conversation,
                grade=current.grade,
                markers=united(
                    conversation.current.markers if conversation.current else (),
                    united(current.markers, heeded.markers),
                ),
                safe_contact=rule,
                reference=current.reference,
                now=now,
            ),
            self.force,
            self.own_texts,
        )
        sent = {text.purpose for text in texts}
        if not joined and Purpose.SIGNPOST in sent and current.grade is Grade.RESOLVE:
            current = replace(current, state=CaseState.ANSWERED)
        after = replace(
            conversation,
            revision=conversation.revision + 1,
            current=current,
            emergency_text_at=now if Purpose.EMERGENCY in sent else conversation.emergency_text_at,
            acknowledged_at=now if Purpose.ACKNOWLEDGEMENT in sent else conversation.acknowledged_at,
            reply_until=_later(conversation.reply_until, contact.reply_until),
            safe_contact=rule,
            earlier=self._said(contact, conversation if joined else None),
        )
        alert = self._alert(decision, current, now)
        return Admission(
            contact=contact,
            decision=decision,
            before=before,
            after=after,
            case=(
                _case_joined(contact, decision, current, reply_until=after.reply_until)
                if joined
                else _case_opened(
                    contact,
                    decision,
                    current,
                    last=conversation.current,
                    now=now,
                    reply_until=after.reply_until,
                )
            ),
            outbox=outbox_of(
                contact,
                cause_of(contact),
                current.case_id,
                texts,
                alert,
                now=now,
                reply_until=after.reply_until,
            ),
            alert=alert,
            admitted_at=now,
            raw_pointer=raw_pointer,
        )

    def _opened(self, contact: Contact, decision: TriageDecision, now: datetime) -> CurrentCase:
        return CurrentCase(
            case_id=self.ids.ulid(now),
            reference=reference(self.force.short_code, contact.key),
            state=CaseState.OPEN,
            grade=decision.grade,
            band=decision.band,
            answer_by=self._answer_by(contact, decision),
            markers=decision.markers,
            shown=places(contact, decision),
            named_at=_named_at(contact, decision),
        )

    def _joined(self, joined: CurrentCase, contact: Contact, decision: TriageDecision) -> CurrentCase:
        shown, offered = joined.shown, places(contact, decision)
        return replace(
            joined,
            # Thanks alone leave an answered case answered; anything else has a person look.
            state=joined.state if decision.thanks else CaseState.OPEN,
            grade=higher_grade(joined.grade, decision.grade),
            band=higher_band(joined.band, decision.band),
            answer_by=min(joined.answer_by, self._answer_by(contact, decision)),
            markers=united(joined.markers, decision.markers),
            shown=Shown(
                words=_last(shown.words, offered.words),
                reasons=offered.reasons
                if _raises(joined, decision)
                else _last(shown.reasons, offered.reasons),
                category=_last(shown.category, offered.category),
                language=_last(shown.language, offered.language),
            ),
            named_at=_last(joined.named_at, _named_at(contact, decision)),
        )

    def _said(self, contact: Contact, conversation: Conversation | None) -> tuple[Said, ...]:
        """The last words of the case, this contact's among them; none where the platform has deleted text forgotten."""
        channel = self.force.channels.get(contact.channel)
        if channel and not channel.keep_deleted:
            return ()
        earlier = conversation.earlier if conversation else ()
        others = tuple(said for said in earlier if said.cause != contact.key)
        if contact.act is Act.DELETED or not contact.text.strip():
            return others
        return tuple(sorted((*others, said_in(contact)), key=_order))[-MOST_EARLIER:]

    def _answer_by(self, contact: Contact, decision: TriageDecision) -> datetime:
        # From when we had it, not from when we got round to it: a backlog must not move a promise.
        return answer_by(contact.received_at, self.force.grades[decision.grade].target, contact.reply_until)

    def _alert(self, decision: TriageDecision, current: CurrentCase, now: datetime) -> Alert | None:
        return alert_of_grade(
            decision.grade,
            case_id=current.case_id,
            reference=current.reference,
            ladders=self.force.alerts,
            now=now,
        )


def said_in(contact: Contact) -> Said:
    """A contact's words as the conversation remembers them."""
    return Said(contact.key, to_rfc3339(contact.occurred_at), contact.text[-MOST_EARLIER_LETTERS:])


def joined_words(conversation: Conversation | None, contact: Contact) -> str | None:
    """The contact's words among those said before and after it in the case; None where there are no others."""
    others = [said for said in conversation.earlier if said.cause != contact.key] if conversation else []
    if not others:
        return None
    return "\n".join(said.text for said in sorted((*others, said_in(contact)), key=_order))


def _order(said: Said) -> tuple[str, str]:
    return said.at, said.cause


def case_on_the_desk(conversation: Conversation | None) -> CurrentCase | None:
    """The case that a contact of the conversation joins; None where there is none, or it is closed."""
    current = conversation.current if conversation else None
    return current if current and current.state is not CaseState.CLOSED else None


def with_event_id(contact: Contact) -> Contact:
    """An edit or delete has an id that tells it from the next; a contact itself has none."""
    if contact.act not in {Act.EDITED, Act.DELETED}:
        return replace(contact, event_id=None)
    if contact.event_id:
        return contact
    return replace(contact, event_id=digest_id(contact.act, to_rfc3339(contact.occurred_at), contact.text))


def places(contact: Contact, decision: TriageDecision) -> Shown:
    """Where the contact stands among those that the case could show; a delete has nothing to show.

    An edit stands after its original, and a more urgent reading before any calmer one.
    """
    if contact.act is Act.DELETED:
        return Shown()
    time = f"{to_rfc3339(contact.occurred_at)}#{int(contact.act is Act.EDITED)}#{cause_of(contact)}"
    urgency = f"{9 - decision.grade.rank}{9 - decision.band.rank}#{time}"
    return Shown(
        words=time,
        reasons=urgency,
        category=urgency if decision.category else None,
        language=time if decision.language else None,
    )


def likely_places(contact: Contact, decision: TriageDecision) -> tuple[str, ...]:
    """The surest names of places in the contact, for its case to be found beside others about the same happening."""
    if contact.act is Act.DELETED:
        return ()
    return tuple(one.name for one in decision.places if one.confidence >= LIKELY)[:MOST_PLACES_OF_A_CASE]


def _named_at(contact: Contact, decision: TriageDecision) -> str | None:
    """Where the contact stands among those that name the case's places; None where it names none."""
    return places(contact, decision).words if likely_places(contact, decision) else None


def safe_contact_of(contact: Contact) -> SafeContact | None:
    """The rule that a report sets: where reaching the person is unsafe, or safe only by some way or at some times."""
    asked = (contact.report or {}).get("safe_contact")
    if not isinstance(asked, dict):
        return None
    rule = SafeContact(
        ok=asked.get("ok") is not False, how=_words(asked.get("how")), not_when=_words(asked.get("not_when"))
    )
    return rule if rule.restricts else None


def _case_opened(
    contact: Contact,
    decision: TriageDecision,
    current: CurrentCase,
    *,
    last: CurrentCase | None,
    now: datetime,
    reply_until: datetime | None,
) -> Case:
    linked = last and last.closed_at is not None and now - last.closed_at <= LINKED_AFTER_CLOSE
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
        markers=current.markers,
        language=decision.language,
        person_name=contact.person.name if contact.person else None,
        reply_until=reply_until,
        previous_case=last.case_id if last and linked else None,
        origin=origin_of(contact),
        places=likely_places(contact, decision),
    )


def _case_joined(
    contact: Contact, decision: TriageDecision, current: CurrentCase, *, reply_until: datetime | None
) -> JoinedCase:
    offered, shown = places(contact, decision), current.shown
    return JoinedCase(
        case_id=current.case_id,
        state=current.state,
        grade=current.grade,
        band=current.band,
        answer_by=current.answer_by,
        preview=preview(contact.text) if offered.words and offered.words == shown.words else None,
        category=decision.category if offered.category == shown.category else None,
        reasons=decision.reasons if offered.reasons and offered.reasons == shown.reasons else None,
        significant=decision.significant,
        markers=current.markers,
        reply_until=reply_until,
        language=decision.language if offered.language == shown.language else None,
        places=likely_places(contact, decision) if current.named_at == _named_at(contact, decision) else (),
    )


def outbox_of(
    contact: Contact,
    cause: str,
    case_id: str,
    texts: Sequence[AutomaticText],
    alert: Alert | None,
    *,
    now: datetime,
    reply_until: datetime | None,
) -> tuple[OutboxItem, ...]:
    """The items that send the texts and tell of the alert, once for their cause.

    A text is due since the contact came in, however late it is triaged: a desk whose table was restored tells by it
    what it may have sent before.
    """
    items = [
        OutboxItem(
            outbox_id=outbox_id(cause, text.kind, text.purpose),
            kind=text.kind,
            purpose=text.purpose,
            channel=contact.channel,
            account=contact.account,
            target=text.target,
            text=text.text,
            urgent=text.purpose is Purpose.EMERGENCY,
            created_at=now,
            due_at=min(now, contact.received_at),
            case_id=case_id,
            signpost=text.signpost,
            reply_until=reply_until,
        )
        for text in texts
    ]
    if alert:
        items.append(announcement(alert, AlertEvent.OPENED, cause=cause, now=now))
    return tuple(items)


def united(first: Sequence[str], second: Sequence[str]) -> tuple[str, ...]:
    """Both, in order, each once."""
    return tuple(dict.fromkeys([*first, *second]))


def _raises(joined: CurrentCase, decision: TriageDecision) -> bool:
    """Whether the case rises from where it stands: by a person's grading, that may be below what it shows."""
    return decision.grade.rank < joined.grade.rank or decision.band.rank < joined.band.rank


def _last(first: str | None, second: str | None) -> str | None:
    return max(filter(None, (first, second)), default=None)


def _later(first: datetime | None, second: datetime | None) -> datetime | None:
    return max(filter(None, (first, second)), default=None)


def _words(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
