"""What the trained model sees of a text: hashed words, letters and concepts, the same in training as at run time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from zlib import crc32

from functions.triage.meanings import lexicon
from functions.triage.wording import in_one_spelling, shortened, words

BUCKETS = 1 << 18
MOST_LETTERS = 12_000
"""How much of a text is read: its beginning and its end, since a form may turn dark in its last line."""
KINDS = ("words", "letters", "concepts")
LETTERS = (2, 3, 4, 5)
SHORT, LONG = 6, 60
LONG_NUMBER = 3
WORD_NAMES = frozenset("123")
"""The kinds of names that are a person's own words: one, two in a row, two with one between."""


class Name(NamedTuple):
    """One feature: of what kind, as it may be shown, and its bucket."""

    kind: str
    shown: str
    bucket: int


def features(text: str, surface: str) -> tuple[frozenset[int], ...]:
    """The buckets of a text's words, of its letters and of what they mean; each kind (KINDS) is weighed apart."""
    said = words(in_one_spelling(shortened(text, MOST_LETTERS)))
    return (
        frozenset(bucket_of(f"{kind}:{shown}") for kind, shown in _of_words(said, surface)),
        frozenset(map(bucket_of, _of_letters(said))),
        frozenset(map(bucket_of, lexicon().names(said))),
    )


def names_of(text: str, surface: str) -> Iterator[Name]:
    """The features that are words, each with what it stands for."""
    for kind, shown in _of_words(words(in_one_spelling(shortened(text, MOST_LETTERS))), surface):
        yield Name(kind, shown, bucket_of(f"{kind}:{shown}"))


def bucket_of(name: str) -> int:
    """The bucket of a feature; CRC-32 is the same on every machine and every version of Python."""
    return crc32(name.encode("utf-8", errors="replace")) % BUCKETS


def _of_words(said: list[str], surface: str) -> Iterator[tuple[str, str]]:
    yield "s", surface
    yield "n", "short" if len(said) < SHORT else "long" if len(said) > LONG else "middling"
    bounded = ["<", *("0" if word.isdigit() and len(word) >= LONG_NUMBER else word for word in said), ">"]
    for position, word in enumerate(bounded):
        yield "1", word
        if position:
            yield "2", f"{bounded[position - 1]} {word}"
        if position > 1:
            yield "3", f"{bounded[position - 2]} … {word}"


def _of_letters(said: list[str]) -> Iterator[str]:
    for word in said:
        bounded = f" {word} "
        for size in LETTERS:
            for start in range(len(bounded) - size + 1):
                yield f"c:{bounded[start : start + size]}"
