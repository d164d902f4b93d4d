"""What people write to the desk in a simulated run, and what must come of each."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from contact_desk.contacts import REPORT_FORM, contact_key
from contact_desk.outbox import OutboxKind, Purpose
from tests import builders
from tests.simulation.files_in_process import PHOTO_LINK

KNIFE = "there is a man with a knife outside my house"
CAT = "not an emergency, my cat is up a tree"
QUESTION = "What time does your front desk open on a Sunday?"
REPLY = "Half past eight, and the side door is step-free."

IN_PRIVATE = ((OutboxKind.MESSAGE, Purpose.EMERGENCY),)
IN_PUBLIC = ((OutboxKind.COMMENT_REPLY, Purpose.EMERGENCY), (OutboxKind.PRIVATE_REPLY, Purpose.EMERGENCY))


@dataclass(frozen=True, slots=True)
class Said:
    """One native object: who said what where, and what must come of it: an A1 alert, automatic texts, a file kept."""

    channel: str
    native_id: str
    person: str
    name: str
    text: str
    emergency: bool
    texts: tuple[tuple[OutboxKind, Purpose], ...] = ()
    photo: bool = False

    @property
    def key(self) -> str:
        """The contact's key."""
        return contact_key(self.channel, self.native_id)

    @property
    def conversation(self) -> tuple[str, str]:
        """What tells its conversation from others: here nobody comments under two posts."""
        return self.channel, self.person

    @property
    def body(self) -> bytes:
        """What is delivered of it."""
        author = {"id": self.person, "name": self.name}
        match self.channel:
            case "messenger":
                photo = {"type": "image", "payload": {"url": PHOTO_LINK}}
                attached = {"attachments": [photo]} if self.photo else {}
                item = builders.message(self.text, mid=self.native_id, sender=self.person, **attached)
                delivered = builders.messenger_delivery(item)
            case "facebook_page":
                change = builders.comment(self.text, author=author, comment_id=self.native_id)
                delivered = builders.feed_delivery(change)
            case _:
                delivered = builders.report(report_id=self.native_id, what=self.text, name=self.name)
        return json.dumps(delivered).encode()


@dataclass(frozen=True, slots=True)
class Story:
    """A run: the deliveries in their order (a repeated one is the same native object), and who gets a reply.

    `functions` are those that have a part in it even when nothing goes wrong. Where `sweeps_fail`, faults may strike
    the sweep jobs too; where it has `echoes`, the platform confirms each message that it delivered.
    """

    name: str
    said: tuple[Said, ...]
    deliveries: tuple[Said, ...]
    answered: tuple[Said, ...] = ()
    sweeps_fail: bool = False
    echoes: bool = False

    def __str__(self) -> str:
        return self.name

    @property
    def functions(self) -> tuple[str, ...]:
        """The functions whose calls there are to strike."""
        reported = [said.channel == REPORT_FORM for said in self.said]
        emergencies = [said.emergency for said in self.said]
        parts = {
            "Report": any(reported),
            "Webhooks": not all(reported),
            "Triage": True,
            "NotifyUrgent": any(emergencies),
            "Notify": bool(self.answered) or any(said.texts and not said.emergency for said in self.said),
            "Confirm": self.echoes,
            "CopyAttachments": any(said.photo for said in self.said),
            "Operate": bool(self.answered),
        }
        return tuple(function for function, has_part in parts.items() if has_part)


def message(number: int, text: str, *texts: tuple[OutboxKind, Purpose], by: Said | None = None) -> Said:
    """A Messenger message, of a person of its own unless it is by the writer of another one."""
    person = by.person if by else f"612004551883000{number}"
    return Said("messenger", f"m_simulation{number}", person, "", text, texts == IN_PRIVATE, texts)


def comment(number: int, text: str, *texts: tuple[OutboxKind, Purpose]) -> Said:
    """A comment on the page by a person of its own."""
    person, name = f"900100200300{number}", f"Ada Person {number}"
    return Said("facebook_page", f"5501_660{number}", person, name, text, texts == IN_PUBLIC, texts)


def report(number: int, text: str, *, emergency: bool) -> Said:
    """An online report; the page itself answers it, so no text follows."""
    report_id = str(uuid.UUID(int=number))
    return Said(REPORT_FORM, report_id, report_id, f"Bo Person {number}", text, emergency)


EMERGENCY = message(1, KNIFE, *IN_PRIVATE)
PUBLIC_EMERGENCY = comment(2, KNIFE, *IN_PUBLIC)
ORDINARY = message(3, QUESTION, (OutboxKind.MESSAGE, Purpose.ACKNOWLEDGEMENT))
WITH_PHOTO = replace(message(7, "thanks, that's all I needed"), photo=True)
SIGNPOSTED = message(4, CAT, (OutboxKind.MESSAGE, Purpose.SIGNPOST))
REPORTED = report(6, KNIFE, emergency=True)


def story(name: str, *deliveries: Said, answered: Sequence[Said] = ()) -> Story:
    """A story of these deliveries."""
    return Story(name, tuple(dict.fromkeys(deliveries)), deliveries, tuple(answered))


WHOLE = story(
    "the whole story",
    EMERGENCY,
    PUBLIC_EMERGENCY,
    ORDINARY,
    SIGNPOSTED,
    ORDINARY,
    answered=[ORDINARY],
)
QUESTION_ALONE = story("a question", ORDINARY)
ECHOED = replace(story("a question whose answer is echoed", ORDINARY), echoes=True)
SECOND = message(5, "and is there a lift?", by=ORDINARY)
TWO_OF_ONE_PERSON = story("two questions of one person", ORDINARY, SECOND)
CHAPTERS = (
    story("an emergency", EMERGENCY),
    story("an emergency in public", PUBLIC_EMERGENCY),
    story("a question, the same again, and its reply", ORDINARY, ORDINARY, answered=[ORDINARY]),
    ECHOED,
    story("a report of an emergency", REPORTED),
    story("thanks with a photo", WITH_PHOTO),
)
