"""The words of the data map, read from `words.toml`; whatever has none there stops the map from being made."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from contact_desk.errors import ContactDeskError

FILE = Path(__file__).with_name("words.toml")


class NoWordsError(ContactDeskError):
    """Something that the desk keeps, or a place that it has, is not described."""


@cache
def words() -> Mapping[str, Any]:
    """All of them."""
    with FILE.open("rb") as file:
        return tomllib.load(file)


def of_kind(name: str) -> Mapping[str, Any]:
    """What a kind of record is; raises NoWordsError."""
    return _found("kinds", name)


def of_field(kind: str, field: str) -> str:
    """What a field means; raises NoWordsError."""
    own: Mapping[str, str] = words()["fields_of"].get(kind, {})
    meaning = own.get(field) or words()["fields"].get(field)
    if not meaning:
        raise NoWordsError(f"{FILE.name} says nothing of field {field} of {kind}")
    return str(meaning)


def of_place(section: str, name: str) -> Mapping[str, Any]:
    """What a place holds, by its own name or the first pattern that it fits; raises NoWordsError."""
    listed: Mapping[str, Any] = words()[section]
    pattern = name if name in listed else next((one for one in listed if fnmatchcase(name, one)), "")
    return _found(section, pattern or name)


def _found(section: str, name: str) -> Mapping[str, Any]:
    said: Mapping[str, Any] | None = words()[section].get(name)
    if said is None:
        raise NoWordsError(f"{FILE.name} says nothing of {section}.{name}")
    return said
