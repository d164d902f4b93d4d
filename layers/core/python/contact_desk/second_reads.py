"""What the second reader found in a contact, how it is kept, and the message that has a contact read again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contact_desk.errors import MalformedMessageError, NewerMessageError
from contact_desk.grades import Band, Grade

VERSION = 1


class ReadOutcome(StrEnum):
    """How a second reading ended; nothing but `read` says anything of the contact."""

    READ = "read"
    REFUSED = "refused"
    """The model would not answer."""
    UNUSABLE = "unusable"
    """It answered, but not by the schema."""
    CAPPED = "capped"
    """The day's allowance was spent."""
    LATE = "late"
    """It could not be had in time to be of use."""
    CLOSED = "closed"
    """A person had closed the case."""
    WITHOUT_WORDS = "without_words"


@dataclass(frozen=True, slots=True)
class Finding:
    """What the second reader makes of a contact: its reason is one sentence for an operator."""

    band: Band
    grade: Grade
    reason: str
    markers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SecondRead:
    """One second reading as it is kept with the contact; it cannot be made again, so `output` holds the answer itself.

    `raised` says whether the case rose by it. `output` is None where a platform's terms forbid to keep it.
    """

    outcome: ReadOutcome
    at: datetime
    model: str
    prompt_version: str
    finding: Finding | None = None
    raised: bool = False
    output: str | None = None


@dataclass(frozen=True, slots=True)
class ContactPointer:
    """Names a contact, or an edit of one by `event_id`."""

    contact_key: str
    event_id: str | None = None


def second_read_message(pointer: ContactPointer) -> str:
    """The message that has a contact read again."""
    fields = {"v": VERSION, "contact_key": pointer.contact_key, "event_id": pointer.event_id}
    return json.dumps(fields, separators=(",", ":"))


def pointer_of(body: str) -> ContactPointer:
    """The pointer of such a message; raises MalformedMessageError or NewerMessageError."""
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        raise MalformedMessageError("the message is not JSON") from None
    if not isinstance(fields, dict) or not isinstance(fields.get("v"), int):
        raise MalformedMessageError("the message is not a pointer")
    if fields["v"] > VERSION:
        raise NewerMessageError(f"the message is of version {fields['v']}, this reader knows {VERSION}")
    match fields:
        case {"contact_key": str(key), "event_id": str() | None as event_id} if key:
            return ContactPointer(key, event_id)
    raise MalformedMessageError("the message names no contact")
