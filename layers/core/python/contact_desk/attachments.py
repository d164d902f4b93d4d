"""What people attach to a contact, and what became of our copy of it: the record beside the contact."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from contact_desk.contacts import Attachment, Contact
from contact_desk.errors import ContactDeskError
from contact_desk.references import digest_id

NOT_FILES = frozenset(
    {
        "appointment_booking",
        "contacts",
        "fallback",
        "like_heart",
        "link",
        "location",
        "template",
        "unsupported",
    }
)
"""Kinds whose address, if they have one, leads to a page and not to a file that the person sent."""

MEDIA_BY_ID = frozenset({"whatsapp"})
"""Channels that send a name for each file, with which its platform is asked for the file's address."""


class CopyState(StrEnum):
    """How far the copy of one attachment has come."""

    NOT_A_FILE = "not_a_file"
    """A place, a shared page, a sticker of the platform's own: there is nothing to copy."""
    WAITING = "waiting"
    """To be copied, or to be tried again: then the reason says what went wrong the last time."""
    KEPT = "kept"
    REFUSED = "refused"
    GONE = "gone"
    """The platform has it no more."""


class CopyFailure(StrEnum):
    """Why an attachment is not, or not yet, copied: a code for operators, the same in records and counts."""

    LINK_NOT_ALLOWED = "link_not_allowed"
    """Not https, or not written as a platform writes its links."""
    HOST_NOT_ALLOWED = "host_not_allowed"
    """The link, or where it was redirected to, is not on a host of the contact's platform."""
    ADDRESS_NOT_ALLOWED = "address_not_allowed"
    """The host's name leads into a network that is not the public one."""
    TOO_MANY_REDIRECTS = "too_many_redirects"
    TOO_LARGE = "too_large"
    EMPTY = "empty"
    LENGTH_DIFFERS = "length_differs"
    """More came than its length said."""
    TYPE_DIFFERS = "type_differs"
    """Its bytes are not of the kind that it was said to be."""
    PLATFORM_REFUSED = "platform_refused"
    LINK_EXPIRED = "link_expired"
    CUT_SHORT = "cut_short"
    """Less came than its length said."""
    TOOK_TOO_LONG = "took_too_long"
    PLATFORM_FAILING = "platform_failing"
    NO_CREDENTIALS = "no_credentials"
    """The platform gives the file to us alone, and we lack what it asks for."""
    NOT_STORED = "not_stored"
    """It was fetched, and our own store did not take it."""
    GIVEN_UP = "given_up"
    """Our own code could not cope with it, or every worker that took it up died."""

    @property
    def passing(self) -> bool:
        """Whether another try may end otherwise."""
        return self in _PASSING

    @property
    def final_state(self) -> CopyState:
        """What the attachment is once nobody tries again."""
        return CopyState.GONE if self is CopyFailure.LINK_EXPIRED else CopyState.REFUSED


_PASSING = frozenset(
    {
        CopyFailure.CUT_SHORT,
        CopyFailure.TOOK_TOO_LONG,
        CopyFailure.PLATFORM_FAILING,
        CopyFailure.NO_CREDENTIALS,
        CopyFailure.NOT_STORED,
    }
)


class NotCopiedError(ContactDeskError):
    """An attachment could not be copied; `failure` says why, and the message is no more than its code."""

    def __init__(self, failure: CopyFailure) -> None:
        super().__init__(failure.value)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class AttachmentCopy:
    """One attachment and our copy of it.

    `kind`, `declared_type` and `ref` (its link, or the platform's name for it) are as the platform sent them.
    `media_type`, `sha256` (hexadecimal), `size` in bytes and `key` in the evidence bucket tell of a copy that is kept.
    """

    kind: str
    declared_type: str | None = None
    ref: str | None = field(default=None, repr=False)
    state: CopyState = CopyState.WAITING
    failure: CopyFailure | None = None
    tries: int = 0
    media_type: str | None = None
    sha256: str | None = None
    size: int | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class ContactAttachments:
    """The attachments of one contact, or of an edit of one, in their order.

    `due_at` is when they are to be looked at next, None once nothing is left to do. `token` is the last claim's and
    `claims` how many there were: each is one worker's turn.
    """

    attachments_id: str
    channel: str
    copies: tuple[AttachmentCopy, ...]
    due_at: datetime | None
    token: str | None = None
    claims: int = 0

    @property
    def waiting(self) -> bool:
        """Whether something is still to be copied."""
        return any(copy.state is CopyState.WAITING for copy in self.copies)


def attachments_id(cause: str) -> str:
    """The name of the record of what came with a contact: derived from its cause, it says nothing about anybody."""
    return digest_id("attachments", cause)


def copies_to_make(contact: Contact) -> tuple[AttachmentCopy, ...]:
    """One for each attachment of the contact, in order: still waiting, or nothing that could be copied."""
    return tuple(_to_make(contact.channel, attachment) for attachment in contact.attachments)


def attachments_of(contact: Contact, cause: str, now: datetime) -> ContactAttachments | None:
    """The record of what the contact brings, due at once; None where there is nothing to copy."""
    copies = copies_to_make(contact)
    if not any(copy.state is CopyState.WAITING for copy in copies):
        return None
    return ContactAttachments(attachments_id(cause), contact.channel, copies, due_at=now)


def _to_make(channel: str, attachment: Attachment) -> AttachmentCopy:
    ref = attachment.ref
    is_file = (
        ref is not None
        and attachment.kind not in NOT_FILES
        and (channel in MEDIA_BY_ID or "://" in ref)  # a sticker's number is no address
    )
    state = CopyState.WAITING if is_file else CopyState.NOT_A_FILE
    return AttachmentCopy(attachment.kind, attachment.media_type, ref if is_file else None, state)
