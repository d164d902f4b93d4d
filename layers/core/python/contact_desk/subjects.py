"""Whose cases are whose: the names by which a person's cases are found again, and what became of a request for them.

A name is a digest of what it is made of: that keeps addresses out of keys, and is no secret, since whoever knows an
address can make its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contact_desk.contacts import Contact
from contact_desk.references import digest_id
from contact_desk.retention import Regime


class NotErased(StrEnum):
    """Why a case was not erased although its person asked."""

    HELD = "held"
    """It is on legal hold."""
    OPEN = "open"
    """Somebody is still working on it: ask again once it is closed."""
    NEEDED = "needed"
    """It is kept for law enforcement or as evidence: it is restricted instead."""
    GONE_BEFORE = "gone_before"
    """It was disposed of meanwhile."""


@dataclass(frozen=True, slots=True)
class SubjectCase:
    """One case of a person, as a request for it sees it."""

    case_id: str
    reference: str
    channel: str
    opened_at: datetime
    state: str
    regime: Regime
    erasable: bool
    held_because: str | None
    restricted_to: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Erasure:
    """What became of one case on a request for erasure; `reason` says why it is still there, in words."""

    case_id: str
    reference: str
    erased: bool
    why_not: NotErased | None = None
    reason: str | None = None


def address_name(channel: str, address: str) -> str:
    """The name of whoever writes from this address on the channel."""
    return digest_id("subject", "address", channel, address.strip())


def reference_name(reference: str) -> str:
    """The name of whose case has the reference."""
    return digest_id("subject", "reference", reference.strip().upper())


def reach_name(reach: str) -> str:
    """The name of whoever gave this e-mail address or telephone number in a report; a number by its last nine figures.

    So +44 7700 900123 and 07700 900123 are the same.
    """
    if "@" in reach:
        return digest_id("subject", "email", reach.strip().casefold())
    return digest_id("subject", "phone", re.sub(r"[^0-9]", "", reach)[-9:])


def names_of(contact: Contact, reference: str) -> tuple[str, ...]:
    """Every name by which the case of a contact is found, each once."""
    return tuple(dict.fromkeys(_names(contact, reference)))


def person_names(contact: Contact) -> tuple[str, ...]:
    """The names of whoever wrote it, without that of the case."""
    return tuple(dict.fromkeys(_names_of_person(contact)))


def _names(contact: Contact, reference: str) -> Iterator[str]:
    yield reference_name(reference)
    yield from _names_of_person(contact)


def _names_of_person(contact: Contact) -> Iterator[str]:
    if contact.person:
        yield address_name(contact.channel, contact.person.address)
    reached = (contact.report or {}).get("contact")
    for way in ("email", "phone"):
        given = reached.get(way) if isinstance(reached, dict) else None
        if isinstance(given, str) and given.strip():
            yield reach_name(given)


def seen_by_all(restrictions: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Who may see a new case of a person with these restrictions: those whom all name, or else those whom any does."""
    named = [dict.fromkeys(one) for one in restrictions]
    everybody = dict.fromkeys(one for each in named for one in each)
    return tuple(one for one in everybody if all(one in each for each in named)) or tuple(everybody)
