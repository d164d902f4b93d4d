"""Where in a text as it was written the words stand that fired in its one spelling."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from functions.triage.wording import APOSTROPHES

WORD = re.compile(r"\w+|[^\w\s]")


def offsets_of(found: Sequence[str], text: str) -> tuple[int, ...]:
    """For each of the found words the offset of its first letter in the text; -1 where the spelling hides it.

    What follows in brackets is what words of another language mean, and does not stand in the text.
    """
    if not found:
        return ()
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        folded = _folded(letter)
        letters.append(folded)
        places += [place] * len(folded)
    folded_text = "".join(letters)
    return tuple(_offset(words.partition(" (")[0], folded_text, places) for words in found)


@lru_cache(maxsize=2048)
def _folded(letter: str) -> str:
    """What of the letter stands in one spelling."""
    decomposed = unicodedata.normalize("NFKD", APOSTROPHES.sub("", letter).casefold())
    return "".join(part for part in decomposed if unicodedata.category(part) not in {"Mn", "Cf"})


def _offset(words: str, folded_text: str, places: Sequence[int]) -> int:
    parts = [_drawn_out(word) for word in WORD.findall(words) if word != "…"]
    match = re.search(r"(?<!\w)" + r"\W+(?:\w+\W+)?".join(parts), folded_text) if parts else None
    return places[match.start()] if match else -1


def _drawn_out(word: str) -> str:
    """The word as it may have been written, with letters repeated ("heeelp")."""
    return "".join(f"{re.escape(letter)}+" if letter.isalpha() else re.escape(letter) for letter in word)
