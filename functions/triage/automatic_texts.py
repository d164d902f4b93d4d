"""Which automatic texts a contact gets: at most one, a public emergency two. Every rule of it stands in this file."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from string import Formatter

from contact_desk.contacts import Act, Contact, Surface
from contact_desk.conversations import Conversation, SafeContact
from contact_desk.decisions import DOMESTIC_ABUSE, TriageDecision
from contact_desk.force_file import ForceFile
from contact_desk.grades import Grade
from contact_desk.outbox import OutboxKind, Purpose, has_sender

X = "x"
OWN_TEXT_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class AutomaticText:
    """A text that the machine sends of its own accord, to be recorded as an outbox item."""

    kind: OutboxKind
    purpose: Purpose
    target: str
    text: str
    signpost: str | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the choice of automatic texts depends on.

    `conversation` is as it was before the contact; `grade` and `markers` are those of the case with the contact in
    it, `safe_contact` the rule that holds from the contact on; `reference` is the case's.
    """

    contact: Contact
    decision: TriageDecision
    conversation: Conversation
    grade: Grade
    markers: tuple[str, ...]
    safe_contact: SafeContact | None
    reference: str
    now: datetime

    @property
    def watched(self) -> bool:
        """Whether somebody else may read what we send: what the person lives with says so, or they told us."""
        return DOMESTIC_ABUSE in self.markers or self.bound

    @property
    def bound(self) -> bool:
        """Whether a safe-contact rule binds us."""
        return self.safe_contact is not None and self.safe_contact.restricts


Choice = Callable[[Situation, ForceFile, str], tuple[AutomaticText, ...]]


class OwnTexts:
    """Knows a force's own texts when they come back, as from a machine that answers ours with our own words."""

    def __init__(self, force: ForceFile) -> None:
        templates = {text for texts in force.texts.values() for _, text in texts}
        self._patterns = [re.compile(_pattern(template), re.DOTALL) for template in sorted(templates)]

    def __contains__(self, text: str) -> bool:
        line = _one_line(text)
        return len(line) <= OWN_TEXT_CHARACTERS and any(pattern.fullmatch(line) for pattern in self._patterns)


def automatic_texts(situation: Situation, force: ForceFile, own_texts: OwnTexts) -> tuple[AutomaticText, ...]:
    """The texts that go out for one contact: emergency, else signpost, else acknowledgement, else nothing.

    Nothing on a channel without a sender. The report form is one: it answered the person itself, in its `next`.
    """
    contact, emergency = situation.contact, situation.decision.emergency
    if contact.person is None or contact.act in {Act.DELETED, Act.UNREADABLE} or contact.text in own_texts:
        return ()
    if not emergency and not _may_be_answered(situation):
        return ()
    if contact.surface is Surface.PRIVATE and has_sender(OutboxKind.MESSAGE, contact.channel):
        in_private: Choice = _emergency_in_private if emergency else _in_private
        return in_private(situation, force, contact.person.address)
    if contact.surface is Surface.PUBLIC and has_sender(OutboxKind.COMMENT_REPLY, contact.channel):
        if contact.channel == X:
            return _on_x_in_public(situation, force) if emergency else ()
        in_public: Choice = _emergency_in_public if emergency else _in_public
        return in_public(situation, force, contact.native_id)
    return ()


def _on_x_in_public(situation: Situation, force: ForceFile) -> tuple[AutomaticText, ...]:
    """The public text, under a post that mentions us alone: X takes no other, and other posts ask us nothing.

    There is no private reply there: the person may take messages from nobody.
    """
    contact = situation.contact
    channel = force.channels.get(contact.channel)
    if channel is None or channel.handle is None or contact.act is Act.EDITED:
        return ()
    if situation.watched or not mentions(contact.text, channel.handle):
        return ()
    if not _emergency_text_is_due(situation, force):
        return ()
    words = force.write(force.texts_for(situation.decision.language).public, reference=situation.reference)
    return (AutomaticText(OutboxKind.COMMENT_REPLY, Purpose.EMERGENCY, contact.native_id, words),)


def mentions(text: str, handle: str) -> bool:
    """Whether the text says `@handle`, in any case, and not as part of a longer name or an e-mail address."""
    return re.search(rf"(?<![\w@])[@\uff20]{re.escape(handle)}(?!\w)", text, re.IGNORECASE) is not None


def _emergency_in_private(situation: Situation, force: ForceFile, person: str) -> tuple[AutomaticText, ...]:
    """The 999 text, once in its window; the neutral one where somebody else may be reading."""
    if not _emergency_text_is_due(situation, force):
        return ()
    texts = force.texts_for(situation.decision.language)
    words = force.write(
        texts.neutral if situation.watched else texts.emergency, reference=situation.reference
    )
    return (AutomaticText(OutboxKind.MESSAGE, Purpose.EMERGENCY, person, words),)


def _emergency_in_public(situation: Situation, force: ForceFile, comment: str) -> tuple[AutomaticText, ...]:
    """A public text that refers to nothing that was said, and the 999 text to the person alone.

    A comment that was answered in public already keeps that one answer when an edit makes it an emergency.
    """
    if situation.watched or not _emergency_text_is_due(situation, force):
        return ()
    texts, reference = force.texts_for(situation.decision.language), situation.reference
    in_public, alone = (
        force.write(texts.public, reference=reference),
        force.write(texts.emergency, reference=reference),
    )
    told_alone = AutomaticText(OutboxKind.PRIVATE_REPLY, Purpose.EMERGENCY, comment, alone)
    if situation.contact.act is Act.EDITED and not _acknowledgement_is_due(situation, force):
        return (told_alone,)
    return (AutomaticText(OutboxKind.COMMENT_REPLY, Purpose.EMERGENCY, comment, in_public), told_alone)


def _in_private(situation: Situation, force: ForceFile, person: str) -> tuple[AutomaticText, ...]:
    """Who can help, where the matter is another body's; else that the message has come, once in its window."""
    texts, reference = force.texts_for(situation.decision.language), situation.reference
    code = situation.decision.signpost
    if code and code in force.signposts:
        signpost = force.signposts[code].words(situation.decision.language)
        words = force.write(texts.signpost, reference=reference, who=signpost.who, how=signpost.how)
        return (AutomaticText(OutboxKind.MESSAGE, Purpose.SIGNPOST, person, words, code),)
    if not _acknowledgement_is_due(situation, force):
        return ()
    words = force.write(texts.acknowledgement, reference=reference)
    return (AutomaticText(OutboxKind.MESSAGE, Purpose.ACKNOWLEDGEMENT, person, words),)


def _in_public(situation: Situation, force: ForceFile, comment: str) -> tuple[AutomaticText, ...]:
    """The public text once in its window, never a signpost: that would say what the matter was."""
    if not _acknowledgement_is_due(situation, force):
        return ()
    texts = force.texts_for(situation.decision.language)
    words = force.write(texts.public, reference=situation.reference)
    return (AutomaticText(OutboxKind.COMMENT_REPLY, Purpose.ACKNOWLEDGEMENT, comment, words),)


def _may_be_answered(situation: Situation) -> bool:
    """Whether anything but the 999 text may go out.

    Not where somebody else may be reading, not while the case is an emergency (a person has it, and "we aim to reply
    within two hours" would be cruel), not for an edit (its original had its answer), not for thanks and chatter.
    """
    return not (
        situation.watched
        or situation.grade is Grade.EMERGENCY
        or situation.contact.act is Act.EDITED
        or situation.decision.thanks
        or not situation.decision.significant
    )


def _emergency_text_is_due(situation: Situation, force: ForceFile) -> bool:
    every = timedelta(minutes=force.automatic_texts.emergency_every_minutes)
    return _is_due(situation.conversation.emergency_text_at, every, situation.now)


def _acknowledgement_is_due(situation: Situation, force: ForceFile) -> bool:
    every = timedelta(hours=force.automatic_texts.acknowledgement_every_hours)
    return _is_due(situation.conversation.acknowledged_at, every, situation.now)


def _is_due(last: datetime | None, every: timedelta, now: datetime) -> bool:
    return last is None or now - last >= every


def _pattern(template: str) -> str:
    parts = Formatter().parse(_one_line(template))
    return "".join(
        re.escape(literal) + (".{1,700}?" if field is not None else "") for literal, field, _, _ in parts
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
