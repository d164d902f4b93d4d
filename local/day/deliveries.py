"""What the day delivers, and what each delivery must come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from contact_desk.contacts import contact_key
from contact_desk.references import reference
from contact_desk.timeline import EntryKind

JSON_HEADERS = {"Content-Type": "application/json"}


class Outcome(StrEnum):
    """What a delivery comes to; each comes to exactly one of these."""

    CONTACTS = "contacts"
    """It brought contacts, or changes to them, and all are on the desk."""
    DUPLICATE = "duplicate"
    """It was taken in before: answered alike, and nothing is there twice."""
    IGNORED = "ignored"
    """Answered 2xx and counted, but not a contact."""
    REFUSED = "refused"
    """Answered 4xx, and nothing of it is on the desk."""


@dataclass(frozen=True, slots=True)
class Brought:
    """One contact, or one change to a contact, that a delivery brings.

    `channels` are those under which its key may stand (an unreadable delivery belongs to none); `conversation` is the
    day's own name for where it belongs; `sends_to` is the address to which answers to it go.
    """

    native_id: str
    conversation: str
    channels: tuple[str, ...]
    text: str | None
    kind: EntryKind = EntryKind.CONTACT
    sends_to: str | None = None

    def references(self) -> set[str]:
        """What the reference of a case may end in that this contact opened: all but the force's short code."""
        return {reference("", contact_key(channel, self.native_id)) for channel in self.channels}


@dataclass(frozen=True, slots=True)
class Delivery:
    """One HTTP call of the day, made once all that earlier waves brought is on the desk.

    What a refused or ignored delivery `brings` must never be there; what a duplicate brings is there already.
    """

    title: str
    channel: str
    path: str
    body: bytes
    headers: Mapping[str, str] = field(hash=False)
    outcome: Outcome
    status: int
    brings: tuple[Brought, ...] = ()
    wave: int = 1

    @property
    def conversations(self) -> tuple[str, ...]:
        """The conversations that it touches, each once."""
        return tuple(dict.fromkeys(brought.conversation for brought in self.brings))
