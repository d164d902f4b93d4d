"""A contact: one inbound interaction by a person, as every channel writes it and every function reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

REPORT_FORM = "report_form"
TEXT_LIMIT_BYTES = 64 * 1024


class Act(StrEnum):
    """What the person did: the verb of a contact."""

    CREATED = "created"
    EDITED = "edited"
    DELETED = "deleted"
    UNREADABLE = "unreadable"


class Surface(StrEnum):
    """Who else can read it: nobody (message, report) or everybody (comment, mention)."""

    PRIVATE = "private"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Person:
    """The human behind a channel address; `name` is what the channel shows, never checked."""

    address: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something that came with a contact: its kind as the platform names it, and where it can be fetched."""

    kind: str
    media_type: str | None = None
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class Location:
    """A place the person sent, in WGS 84 degrees."""

    lat: float
    lon: float
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """One inbound interaction, in the shape that the queues carry (C1) and the table keeps.

    `native_id` is the platform's own name for the object, `event_id` tells one edit or delete of it from the
    next, `raw` is the event as received (JSON text; None where it is too large to travel), and `archive_key`,
    `part` and `last` say which delivery brought it, where in it, and whether it closes it.
    """

    act: Act
    channel: str
    account: str
    surface: Surface
    native_id: str
    person: Person | None
    text: str
    occurred_at: datetime
    received_at: datetime
    archive_key: str
    part: int = 1
    last: bool = True
    language: str | None = None
    answers: str | None = None
    root: str | None = None
    attachments: tuple[Attachment, ...] = ()
    location: Location | None = None
    permalink: str | None = None
    reply_until: datetime | None = None
    event_id: str | None = None
    report: Mapping[str, object] | None = field(default=None, hash=False)
    raw: str | None = None

    @property
    def key(self) -> str:
        """The one name of the native object: at most one contact has it, for ever."""
        return contact_key(self.channel, self.native_id)

    @property
    def conversation_key(self) -> str:
        """The contacts of one person with one channel account on one surface, in public under one root post.

        An unreadable has no person: it is a conversation of its own.
        """
        person = self.person.address if self.person else self.native_id
        parts = [self.channel, self.account, person, self.surface.value]
        if self.surface is Surface.PUBLIC and self.root:
            parts.append(self.root)
        return "#".join(parts)


def contact_key(channel: str, native_id: str) -> str:
    """The contact's key: channel and the platform's own name of the object."""
    return f"{channel}#{native_id}"


def clean_text(text: str) -> str:
    """Text that UTF-8 can carry: lone surrogates become U+FFFD, and what exceeds 64 KiB is left to the archive."""
    cleaned = text.encode("utf-16", errors="surrogatepass").decode("utf-16", errors="replace")
    encoded = cleaned.encode("utf-8")
    if len(encoded) <= TEXT_LIMIT_BYTES:
        return cleaned
    return encoded[:TEXT_LIMIT_BYTES].decode("utf-8", errors="ignore")
