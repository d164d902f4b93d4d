"""One contact's way onto the desk: read, decide, admit, and again where somebody else was quicker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from random import uniform
from typing import Protocol, TypeVar
from unicodedata import normalize

from contact_desk.archive_keys import is_caught_up
from contact_desk.canaries import is_canary
from contact_desk.clock import Clock
from contact_desk.contacts import Act, Contact, clean_text
from contact_desk.conversations import Conversation
from contact_desk.decisions import Reason, TriageDecision
from contact_desk.errors import StoreBusyError
from contact_desk.grades import Band, Grade
from contact_desk.intake import Admission, Admitted, Duplicate, Nudge, cause_of
from contact_desk.ports import Evidence, Intake, Nudges, PointerQueue
from contact_desk.references import digest_id
from contact_desk.reports import is_emergency_now
from contact_desk.second_reads import ContactPointer
from contact_desk.stores.items import RAW_LIMIT_BYTES
from functions.triage.admission import Admissions, case_on_the_desk, joined_words, with_event_id
from functions.triage.first_reader import ABSTENTIONS, Utterance
from functions.triage.listening import Listener
from functions.triage.said import words_of

DECISION_TRIES = 8
BUSY_TRIES = 4
JITTER_SECONDS = 0.02
COULD_NOT_BE_READ = Reason("unreadable", "Could not be read")
SAID_AGAIN = Reason("said_again", "The same person has said the same before in this case")
TAKEN_BACK = Reason("deleted", "Taken back by its writer")

Answer = TypeVar("Answer")


class Reader(Protocol):
    """Decides on plain words; the first reader is one, a larger engine will be another."""

    @property
    def version(self) -> str:
        """Which rules it reads by."""
        ...

    def read(self, utterance: Utterance) -> TriageDecision:
        """The decision on what was said; never raises because of what it is."""
        ...


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a contact: its decision (None for a duplicate), and what is to be told of it.

    `nudges` are the outbox items that notify is told of, `uncopied` the records of attachments to copy. `missed` says
    that it is new although no webhook brought it: a catch-up reader found it. `to_read_again` are the contacts that the
    second reader is told of. `canary` is the channel of a contact that nobody wrote.
    """

    decision: TriageDecision | None
    nudges: tuple[Nudge, ...]
    uncopied: tuple[str, ...] = ()
    missed: bool = False
    to_read_again: tuple[ContactPointer, ...] = ()
    canary: str | None = None


@dataclass(frozen=True, slots=True)
class TriageDesk:
    """What triage works with; `pause` waits for so many seconds, `second_reads` is None where the force has none."""

    intake: Intake
    evidence: Evidence
    nudges: Nudges
    attachments: PointerQueue
    listener: Listener
    reader: Reader
    admissions: Admissions
    clock: Clock
    pause: Callable[[float], None]
    second_reads: PointerQueue | None = None

    def take(self, contact: Contact) -> Taken:
        """Put the contact on the desk, once; the same key with other words is kept as an edit of it.

        Raises StoreBusyError where the table stays busy or the conversation stays in motion, other StoreErrors where
        another try changes nothing.
        """
        if is_canary(contact):
            self.listener.let_pass(contact, self.clock.now())
            return Taken(None, (), canary=contact.channel)
        contact = with_event_id(replace(contact, text=clean_text(contact.text)))
        admission, outcome = self._admit(contact)
        if isinstance(outcome, Admitted):
            missed = is_caught_up(contact.archive_key)
            return Taken(
                admission.decision,
                _nudges(admission),
                _uncopied(admission),
                missed=missed,
                to_read_again=_to_read_again(admission.contact, due=admission.second_read_due),
            )
        rewritten = self._as_edit(contact, outcome)
        if rewritten is None:
            again = _to_read_again(contact, due=outcome.second_read_due)
            return Taken(None, outcome.unsent, _still_uncopied(outcome), to_read_again=again)
        edit, edited = self._admit(rewritten)
        if isinstance(edited, Duplicate):
            uncopied = (*_still_uncopied(outcome), *_still_uncopied(edited))
            again = _to_read_again(edit.contact, due=edited.second_read_due)
            return Taken(None, (*outcome.unsent, *edited.unsent), uncopied, to_read_again=again)
        return Taken(
            edit.decision,
            (*outcome.unsent, *_nudges(edit)),
            (*_still_uncopied(outcome), *_uncopied(edit)),
            missed=is_caught_up(contact.archive_key),
            to_read_again=_to_read_again(edit.contact, due=edit.second_read_due),
        )

    def _as_edit(self, contact: Contact, stored: Duplicate) -> Contact | None:
        """The contact as an edit of what is stored under its key; None where it says nothing new.

        A repeat without words is none: a platform that names an object by its id alone has not emptied it. A catch-up
        reader knows only the words as they stand now: where a webhook brought their edit, they are no news.
        """
        urgent = is_emergency_now(contact) and not stored.emergency_now
        if contact.act is not Act.CREATED or (contact.text in {stored.text, ""} and not urgent):
            return None
        if is_caught_up(contact.archive_key):
            known = self._patiently(partial(self.intake.texts_of, contact.key))
            if _words(contact.text) in map(_words, known):
                return None
            contact = replace(contact, attachments=())  # those of its original, which has brought them
        return replace(contact, act=Act.EDITED, event_id=digest_id("rewritten", contact.text, str(urgent)))

    def _admit(self, contact: Contact) -> tuple[Admission, Admitted | Duplicate]:
        raw_pointer = self._keep_evidence(contact)
        for _ in range(DECISION_TRIES):
            before = self._patiently(partial(self.intake.conversation, contact.conversation_key))
            admission = self.admissions.compose(
                contact, self._decision(contact, before), before, self.clock.now(), raw_pointer
            )
            admission = replace(admission, second_read_due=self._reads_again(admission))
            outcome = self._patiently(partial(self.intake.admit, admission))
            if isinstance(outcome, Admitted | Duplicate):
                return admission, outcome
            self.pause(_jitter())
        raise StoreBusyError("the conversation moved each time that the contact was decided on")

    def _reads_again(self, admission: Admission) -> bool:
        """Whether the second reader is to read it: all that people wrote and the first did not find red."""
        written = admission.contact.act in {Act.CREATED, Act.EDITED}
        return self.second_reads is not None and written and not admission.decision.emergency

    def _patiently(self, call: Callable[[], Answer]) -> Answer:
        """The call's answer, asked again a few times while the table is busy."""
        for _ in range(BUSY_TRIES - 1):
            try:
                return call()
            except StoreBusyError:
                self.pause(_jitter())
        return call()

    def _decision(self, contact: Contact, before: Conversation | None) -> TriageDecision:
        if contact.act is Act.UNREADABLE:
            return self._unreadable(contact)
        if contact.act is Act.DELETED:
            # The lowest of all, so that it raises nothing and its original, should it come later, decides.
            return self._unread(TAKEN_BACK, Grade.RESOLVE, significant=False)
        decision = self.reader.read(utterance_of(contact, before))
        if said_again(contact, before):
            return replace(decision, reasons=(*decision.reasons, SAID_AGAIN))
        return decision

    def _unreadable(self, contact: Contact) -> TriageDecision:
        """A card for what is not of its platform's shape; its bytes are read as plain words, for cries for help."""
        card = self._unread(COULD_NOT_BE_READ, Grade.SCHEDULED, significant=True)
        words = self.reader.read(utterance_of(contact, None))
        if words.grade.rank >= card.grade.rank or words.reasons[0].rule in ABSTENTIONS:
            return card
        return replace(words, reasons=(COULD_NOT_BE_READ, *words.reasons), significant=True, signpost=None)

    def _unread(self, reason: Reason, grade: Grade, *, significant: bool) -> TriageDecision:
        return TriageDecision(
            band=Band.GREEN,
            grade=grade,
            category=None,
            significant=significant,
            reasons=(reason,),
            rules_version=self.reader.version,
        )

    def _keep_evidence(self, contact: Contact) -> str | None:
        """The key of the event as received where it is too large for the table; it is kept before it is pointed to."""
        if contact.raw is None or len(contact.raw.encode("utf-8", errors="replace")) <= RAW_LIMIT_BYTES:
            return None
        key = f"events/{contact.channel}/{digest_id(cause_of(contact))}.json"
        self.evidence.put(key, contact.raw)
        return key


def utterance_of(contact: Contact, before: Conversation | None) -> Utterance:
    """What a contact says, and where."""
    case = case_on_the_desk(before)
    return Utterance(
        text=words_of(contact),
        channel=contact.channel,
        surface=contact.surface,
        language=contact.language,
        emergency_now=is_emergency_now(contact),
        case_band=case.band if case else None,
        joined=joined_words(before, contact) if case else None,
    )


def said_again(contact: Contact, before: Conversation | None) -> bool:
    """Whether the last words of the case hold the contact's own, said in another message."""
    if before is None or case_on_the_desk(before) is None or not contact.text.strip():
        return False
    earlier = [said.text for said in before.earlier if said.cause != contact.key]
    return _words(contact.text).casefold() in {_words(text).casefold() for text in earlier}


def _words(text: str) -> str:
    """A text without what two interfaces of one platform may write differently: white space, composed letters."""
    return " ".join(normalize("NFC", text).split())


def _nudges(admission: Admission) -> tuple[Nudge, ...]:
    return tuple(Nudge(item.outbox_id, item.urgent) for item in admission.outbox)


def _uncopied(admission: Admission) -> tuple[str, ...]:
    return (admission.attachments.attachments_id,) if admission.attachments else ()


def _still_uncopied(stored: Duplicate) -> tuple[str, ...]:
    return (stored.uncopied,) if stored.uncopied else ()


def _to_read_again(contact: Contact, *, due: bool) -> tuple[ContactPointer, ...]:
    return (ContactPointer(contact.key, contact.event_id),) if due else ()


def _jitter() -> float:
    return uniform(0, JITTER_SECONDS)  # noqa: S311 - keeps two workers apart, keeps no secret
