"""Where a person seems to write from, and how that was learnt: a hint for counting, never a fact about the person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from contact_desk.contacts import Contact
from contact_desk.numbers.countries import COUNTRIES, NORTH_AMERICA, Country

PHONE_CHANNELS = frozenset({"sms", "whatsapp"})
LONGEST_CALLING_CODE = 4
READ_CHARACTERS = 2_000
# "I am from Poland" says where somebody was born, so "from" counts with few verbs only.
HERE = (
    r"\b(?:(?:i live|i am|i'm|im|we live|we are|we're|living|based|currently|here)"
    r"(?: (?:over|out|down|now))? in|(?:writing|calling|messaging)(?: to you)? from)(?: the)? "
)


class LearntFrom(StrEnum):
    """How a country was learnt, the surest first."""

    OPERATOR = "operator"
    FORM = "form"
    PHONE = "phone"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Origin:
    """A country by its ISO 3166-1 code, and how it was learnt."""

    country: str
    learnt_from: LearntFrom


def origin_of(contact: Contact) -> Origin | None:
    """Where the contact seems to come from; None where nothing says it, which is no sign of being near."""
    ways = (
        (LearntFrom.FORM, _named((contact.report or {}).get("country"))),
        (LearntFrom.PHONE, _by_phone(contact)),
        (LearntFrom.TEXT, _said(contact.text)),
    )
    return next((Origin(country, learnt_from) for learnt_from, country in ways if country), None)


def _by_phone(contact: Contact) -> str | None:
    known = contact.channel in PHONE_CHANNELS and contact.person is not None
    return country_of_number(contact.person.address) if known and contact.person else None


def country_of_number(number: str) -> str | None:
    """The country of an international telephone number, with or without its plus; None where no code fits."""
    digits = re.sub(r"\D", "", number)
    if digits.startswith("1"):
        return NORTH_AMERICA.get(digits[1:4], "US")
    codes = _by_calling_code()
    for length in range(LONGEST_CALLING_CODE, 0, -1):
        if country := codes.get(digits[:length]):
            return country
    return None


def _named(given: object) -> str | None:
    """The country that the form's field names, by code or by name."""
    if not isinstance(given, str):
        return None
    return given.strip().upper() if given.strip().upper() in COUNTRIES else _by_name().get(_plain(given))


def _said(text: str) -> str | None:
    found = _here_in().search(_plain(text[:READ_CHARACTERS]))
    return _by_name()[found["country"]] if found else None


def _plain(text: str) -> str:
    return " ".join(text.replace("\u2019", "'").casefold().split()).removeprefix("the ")


@cache
def _by_calling_code() -> dict[str, str]:
    return {country.calling_code: code for code, country in COUNTRIES.items() if country.calling_code}


@cache
def _by_name() -> dict[str, str]:
    return {name.casefold(): code for code, country in COUNTRIES.items() for name in _names(country)}


def _names(country: Country) -> tuple[str, ...]:
    return (country.name, *country.also)


@cache
def _here_in() -> re.Pattern[str]:
    names = sorted(map(re.escape, _by_name()), key=len, reverse=True)
    return re.compile(rf"{HERE}(?P<country>{'|'.join(names)})\b")
