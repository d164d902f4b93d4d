"""Which language a text is in: by its script, else by its commonest small words. Cheap, and silent when unsure."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from functions.triage.wording import in_one_spelling, words

LIST = Path(__file__).parent / "rules" / "languages.toml"
ENOUGH_LETTERS = 3
ENOUGH_WORDS = 2
URDU_ALONE = frozenset("ٹڈڑںےہھگچپکی")
UKRAINIAN_ALONE = frozenset("іїєґ")
SCRIPTS = (
    ("pa", "\u0a00", "\u0a7f"),
    ("bn", "\u0980", "\u09ff"),
    ("hi", "\u0900", "\u097f"),
    ("ta", "\u0b80", "\u0bff"),
    ("zh", "\u4e00", "\u9fff"),
)


def language_of(text: str) -> str | None:
    """The ISO 639-1 code of the language, None where the text does not tell."""
    return _by_script(text.casefold()) or _by_small_words(text)


def _by_script(text: str) -> str | None:
    arabic = {letter for letter in text if "\u0600" <= letter <= "\u06ff"}
    if len(arabic) >= ENOUGH_LETTERS:
        return "ur" if len(arabic & URDU_ALONE) >= ENOUGH_LETTERS - 1 else "ar"
    cyrillic = {letter for letter in text if "\u0400" <= letter <= "\u04ff"}
    if len(cyrillic) >= ENOUGH_LETTERS:
        return "uk" if cyrillic & UKRAINIAN_ALONE else "ru"
    for language, first, last in SCRIPTS:
        if any(first <= letter <= last for letter in text):
            return language
    return None


def _by_small_words(text: str) -> str | None:
    said = words(in_one_spelling(text))
    counts = {language: sum(word in small for word in said) for language, small in _small_words().items()}
    best = max(counts.values(), default=0)
    leaders = [language for language, count in counts.items() if count == best]
    return leaders[0] if best >= ENOUGH_WORDS and len(leaders) == 1 else None


@cache
def _small_words() -> dict[str, frozenset[str]]:
    listed = tomllib.loads(LIST.read_text(encoding="utf-8"))
    return {language: frozenset(small) for language, small in listed.items()}
