"""Words of danger as people mistype them: a word that is none, and one slip away from a rule's, is read as that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

FEWEST_LETTERS = 5
"""Shorter words are too often a slip away from another."""
ENDINGS = "sdry"
"""Letters that make another form of a word."""
WORD = re.compile(r"[a-z]{5,20}")


@dataclass(frozen=True, slots=True)
class Spelling:
    """The rules' words by what is left of them with one letter out; None where two words leave the same."""

    known: frozenset[str]
    by_remains: dict[str, str | None]

    def corrected(self, spelt: str) -> str:
        """The text with each slip of one letter left out, put in, swapped or mistaken made good."""
        return WORD.sub(lambda found: self._word(found[0]), spelt)

    def _word(self, written: str) -> str:
        if written in self.known or (written[-1] in ENDINGS and written[:-1] in self.known):
            return written
        for remains in _remains(written):
            if meant := self.by_remains.get(remains):
                return meant
        return written


def spelling_of(words: Iterable[str], known: Iterable[str]) -> Spelling:
    """For these words of the rules; words `known` otherwise are never a slip."""
    own = {word for word in words if len(word) >= FEWEST_LETTERS}
    by_remains: dict[str, str | None] = {}
    for word in sorted(own):
        for remains in _remains(word):
            if by_remains.setdefault(remains, word) != word:
                by_remains[remains] = None
    return Spelling(frozenset(own.union(known)), by_remains)


def _remains(word: str) -> Iterator[str]:
    yield word
    seen = {word}
    for place in range(len(word)):
        left = word[:place] + word[place + 1 :]
        if left not in seen:
            seen.add(left)
            yield left
