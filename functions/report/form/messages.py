"""The form's words, by language: one file for each in `messages`, in which every sentence has a name."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from contact_desk.force_file import ForceFile

FOLDER = Path(__file__).with_name("messages")


class Messages:
    """The sentences of one language, in the name of one force. An unknown name is a KeyError: a slip of ours."""

    def __init__(self, language: str, force: ForceFile) -> None:
        self.language = language
        self._sentences = sentences(language)
        self._force = force

    def __call__(self, name: str, **values: object) -> str:
        """The sentence of that name with its placeholders filled."""
        return self._force.write(self._sentences[name], **{key: str(value) for key, value in values.items()})

    def first_of(self, *names: str) -> str:
        """The first of these sentences that there is."""
        return self(next(name for name in names if name in self._sentences))

    def any_of(self, *names: str) -> str | None:
        """The first of these sentences that there is, None where there is none."""
        return next((self(name) for name in names if name in self._sentences), None)


@cache
def sentences(language: str) -> Mapping[str, str]:
    """All sentences of a language by their names, `page.sentence`."""
    fields = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return dict(_flat(fields, ""))


def languages_of(force: ForceFile) -> tuple[str, ...]:
    """The languages that the form has for this force: those of the force that there are words in, else English."""
    return tuple(one for one in force.languages if (FOLDER / f"{one}.toml").is_file()) or ("en",)


def _flat(fields: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in fields.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value)
