"""One contact's second reading: looked at, masked, asked about, kept, and raised where it must be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from random import uniform

from contact_desk.clock import Clock
from contact_desk.contacts import Contact
from contact_desk.conversations import Conversation
from contact_desk.errors import StoreBusyError
from contact_desk.intake import Nudge
from contact_desk.masking import masked
from contact_desk.ports import Nudges
from contact_desk.second_reads import ContactPointer, ReadOutcome, SecondRead
from functions.triage.admission import case_on_the_desk
from functions.triage.said import words_of
from functions.triage.second_reads.allowance import Allowance, Entered, Entry
from functions.triage.second_reads.answers import Found, NotUsable
from functions.triage.second_reads.bedrock import Model, SecondReaderError
from functions.triage.second_reads.prompt import PROMPT_VERSION, Words
from functions.triage.second_reads.raising import RaisedCase, Raising, as_kept
from functions.triage.second_reads.store import Moved, Recorded, SecondReadStore, StoredDecision

ASKED = 2
"""How often one delivery asks; the queue hands the contact over again after that."""
CONVERSATION_TRIES = 8
GIVE_UP_AFTER = timedelta(minutes=15)
"""From a contact's coming: later than this an operator has read it, and its place in the queue is known."""
JITTER_SECONDS = 0.05


class SecondReaderRestsError(SecondReaderError):
    """Nobody has answered of late, so nobody is asked for a while."""


@dataclass(frozen=True, slots=True)
class Done:
    """What one delivery came to: how the reading ended (None: there was nothing left to do), and what it raised."""

    outcome: ReadOutcome | None
    raised: bool = False
    nudges: tuple[Nudge, ...] = ()


@dataclass(frozen=True, slots=True)
class SecondReadDesk:
    """What the second reader works with; `model_id` is kept with each reading, `pause` waits for so many seconds."""

    store: SecondReadStore
    model: Model
    model_id: str
    allowance: Allowance
    raising: Raising
    nudges: Nudges
    clock: Clock
    pause: Callable[[float], None]

    def read(self, pointer: ContactPointer) -> Done:
        """Read the contact again, once; a repeat changes nothing.

        Raises SecondReaderError where no answer came (the contact is to be handed over again), StoreError where the
        table fails.
        """
        stored = self.store.contact(pointer)
        if stored is None or stored.read:
            return Done(None)
        conversation = self.store.conversation(stored.contact.conversation_key)
        said = words_for_the_model(stored.contact)
        if (ended := self._without_asking(stored, conversation, said)) is not None:
            return self._keep(pointer, stored, self._reading(ended))
        answer = self._asked(said)
        match answer:
            case ReadOutcome():
                return self._keep(pointer, stored, self._reading(answer))
            case NotUsable(outcome):
                return self._keep(pointer, stored, self._reading(outcome))
            case Found(finding, output):
                read = replace(self._reading(ReadOutcome.READ), finding=finding, output=output)
                return self._keep(pointer, stored, read)

    def _without_asking(
        self, stored: StoredDecision, conversation: Conversation | None, said: Words
    ) -> ReadOutcome | None:
        if not said.text.strip():
            return ReadOutcome.WITHOUT_WORDS
        if not _is_in_case(conversation, stored):
            return ReadOutcome.CLOSED
        if self.clock.now() - stored.admitted_at > GIVE_UP_AFTER:
            return ReadOutcome.LATE
        return None

    def _asked(self, said: Words) -> Found | NotUsable | ReadOutcome:
        """The model's answer; where it cannot be used it is asked once more. Raises SecondReaderError."""
        answer: Found | NotUsable | None = None
        failure: SecondReaderError | None = None
        for tried in range(ASKED):
            if tried:
                self.pause(uniform(0, JITTER_SECONDS))  # noqa: S311 - keeps two workers apart, keeps no secret
            now = self.clock.now()
            entry = self.allowance.enter(now)
            if entry.entered is not Entered.ASK:
                return answer or self._not_admitted(entry, failure)
            try:
                answer = self.model.read(said)
            except SecondReaderError as error:
                failure = error
                self.allowance.failed(now)
                continue
            self.allowance.answered(entry, now)
            if isinstance(answer, Found):
                return answer
        if answer is None:
            raise failure or SecondReaderError("no answer")
        return answer

    def _not_admitted(self, entry: Entry, failure: SecondReaderError | None) -> ReadOutcome:
        if entry.entered is Entered.CAPPED:
            return ReadOutcome.CAPPED
        raise failure or SecondReaderRestsError("resting")

    def _reading(self, outcome: ReadOutcome) -> SecondRead:
        return SecondRead(outcome, self.clock.now(), self.model_id, PROMPT_VERSION)

    def _keep(self, pointer: ContactPointer, stored: StoredDecision, read: SecondRead) -> Done:
        """Write it, against the conversation as it stands; decided anew where somebody else was quicker."""
        contact = stored.contact
        for _ in range(CONVERSATION_TRIES):
            raised = self._raised(stored, read)
            kept = as_kept(
                replace(read, raised=raised is not None),
                keeps_categories=self.raising.keeps_categories(contact),
            )
            outcome = self.store.record(pointer, kept, raised)
            if isinstance(outcome, Recorded):
                items = raised.outbox if raised else ()
                nudges = tuple(Nudge(item.outbox_id, item.urgent) for item in items)
                return Done(read.outcome, raised is not None, nudges)
            if not isinstance(outcome, Moved):
                return Done(None)
            self.pause(uniform(0, JITTER_SECONDS))  # noqa: S311 - keeps two workers apart, keeps no secret
        raise StoreBusyError("the conversation moved each time that it was to be raised")

    def _raised(self, stored: StoredDecision, read: SecondRead) -> RaisedCase | None:
        if read.finding is None:
            return None
        conversation = self.store.conversation(stored.contact.conversation_key)
        if conversation is None or not _is_in_case(conversation, stored):
            return None  # a person has closed the case, and read it
        return self.raising.compose(
            stored.contact, stored.first, read.finding, conversation, self.clock.now()
        )


def words_for_the_model(contact: Contact) -> Words:
    """What leaves the desk: the contact's words without who wrote them, and where they were written."""
    return Words(masked(words_of(contact), known_names(contact)), contact.channel, contact.surface)


def known_names(contact: Contact) -> tuple[str, ...]:
    """The names and addresses that the desk knows the person by."""
    report = contact.report or {}
    reach = report.get("contact")
    known = [report.get("name"), *(reach.values() if isinstance(reach, dict) else ())]
    if contact.person:
        known += [contact.person.name, contact.person.address]
    return tuple(name for name in known if isinstance(name, str) and name.strip())


def _is_in_case(conversation: Conversation | None, stored: StoredDecision) -> bool:
    """Whether the case that the contact is in is still the conversation's, and on the desk."""
    current = case_on_the_desk(conversation)
    return current is not None and current.case_id == stored.case_id
