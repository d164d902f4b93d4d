"""Canaries: contacts that the desk sends to itself, through a platform's own webhook, and that no operator sees.

A canary is known by two names that a platform gives and nobody who writes to us can choose: whom it is from, and its
own id. So no words hide a contact, and whoever could sign one could sign anything. Triage notes it, closes its
delivery, and makes no case, text, alert or figure of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contact_desk.contacts import Act, Contact

PERSON = "canary"
PREFIX = "canary."


@dataclass(frozen=True, slots=True)
class CanarySeen:
    """The last canary of a channel account that triage saw: its own id, when we had it, and when triage had it."""

    native_id: str
    received_at: datetime
    seen_at: datetime


def canary_id(name: str) -> str:
    """The native id of a canary; `name` tells it from every other of its account: printable ASCII without `#`."""
    return f"{PREFIX}{name}"


def is_canary(contact: Contact) -> bool:
    """Whether nobody wrote it."""
    return (
        contact.act is Act.CREATED
        and contact.person is not None
        and contact.person.address == PERSON
        and contact.native_id.startswith(PREFIX)
    )
