"""Words of the lists of concepts as people mistype them: a word that nobody knows, and one slip away from one listed.

A slip is a letter left out, one too many, or two swapped, after the first letter. Another letter in its place is none:
in most languages that makes another word of it ("valeur" is no "voleur").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

FILE = "slips.npz"
FEWEST_LETTERS = 6
"""Shorter words are too often a slip away from another."""
MOST_LETTERS = 17
"""Hardly any longer word is listed."""
BEGINNING = "*"
Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Slips:
    """Listed words, those that are only beginnings with a star, and what is left of each without one letter.

    `left` are the marks of those remains in order and `places` whose they are; `known` the marks of words that are a
    slip of none, in order.
    """

    listed: Sequence[str]
    left: Array
    places: Array
    known: Array

    def meant(self, written: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """What may have been meant by those of these words that are slips."""
        long = [word for word in dict.fromkeys(written) if FEWEST_LETTERS - 1 <= len(word) <= MOST_LETTERS]
        remains = [(mark(rest), word) for word in self._unknown(long) for rest in _remains(word)]
        if not remains:
            return {}
        asked = np.array([one for one, _ in remains], np.uint32)
        first, last = (np.searchsorted(self.left, asked, side) for side in ("left", "right"))
        found: dict[str, dict[str, None]] = {}
        for number in np.flatnonzero(first < last).tolist():
            word = remains[number][1]
            for place in self.places[first[number] : last[number]].tolist():
                if meant := _meant(word, self.listed[place]):
                    found.setdefault(word, {})[meant] = None
        return {word: tuple(each) for word, each in found.items()}

    def _unknown(self, words: Sequence[str]) -> list[str]:
        asked = np.array([mark(word) for word in words], np.uint32)
        places = np.minimum(np.searchsorted(self.known, asked), len(self.known) - 1)
        return [word for word, known in zip(words, self.known[places] == asked, strict=True) if not known]


def mark(word: str) -> int:
    """A word as a number, the same on every machine."""
    return crc32(word.encode("utf-8", errors="replace"))


def left_of(word: str) -> Iterator[str]:
    """The word, and what is left of it without one letter after the first."""
    yield word
    for place in range(1, len(word)):
        yield word[:place] + word[place + 1 :]


def _remains(word: str) -> list[str]:
    """Of the word and of its beginnings, since of some words only beginnings are listed."""
    beginnings = (word[:length] for length in range(FEWEST_LETTERS - 1, len(word) + 1))
    return sorted({rest for beginning in beginnings for rest in left_of(beginning)})


def _meant(written: str, listed: str) -> str | None:
    """What was meant if it was the listed word, or one that begins so; None where that is more than a slip away."""
    if not listed.endswith(BEGINNING):
        return listed if is_slip(written, listed) else None
    beginning = listed.removesuffix(BEGINNING)
    for length in (len(beginning), len(beginning) - 1, len(beginning) + 1):
        if length <= len(written) and is_slip(written[:length], beginning):
            return beginning + written[length:]
    return None


def is_slip(written: str, meant: str) -> bool:
    """Whether a letter is left out, one too many or two are swapped, and the first is right."""
    if written[:1] != meant[:1] or written == meant:
        return False
    pairs = zip(written, meant, strict=False)
    same = next((place for place, (one, other) in enumerate(pairs) if one != other), None)
    start = min(len(written), len(meant)) if same is None else same
    mine, theirs = written[start:], meant[start:]
    if len(mine) == len(theirs):
        return mine[:2] == theirs[1::-1] and mine[2:] == theirs[2:]
    return mine == theirs[1:] or mine[1:] == theirs


def load_slips(folder: Path) -> Slips:
    """As `training.concept_lists` packed them."""
    with np.load(folder / FILE) as stored:
        return Slips(
            listed=stored["listed"].tobytes().decode().split("\n"),
            left=stored["left"],
            places=stored["places"],
            known=stored["known"],
        )
