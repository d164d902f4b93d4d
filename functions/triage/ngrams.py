"""What the trained model sees of a text: hashed words, letters and concepts, the same in training as at run time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from zlib import crc32

from functions.triage.meanings import ENGLISH, Heard, Unit
from functions.triage.wording import in_one_spelling, words

BUCKETS = 1 << 18
KINDS = ("words", "letters", "concepts")
LETTERS = (2, 3, 4, 5)
SHORT, LONG = 6, 60
LONG_NUMBER = 3
WORD_NAMES = frozenset({"1", "2", "3", "meant"})
"""The kinds of names that tell a person something: a word, two in a row, two with one between; what a word means."""


class Name(NamedTuple):
    """One feature: of what kind, as it may be shown, and its bucket among those of all kinds."""

    kind: str
    shown: str
    bucket: int


def features(heard: Heard, surface: str) -> tuple[frozenset[int], ...]:
    """The buckets of a text's words, of its letters and of what they mean; each kind (KINDS) is weighed apart.

    Of what is not English the words count as they stand and word for word in English.
    """
    said = [*_of_words(heard.said, surface)]
    if heard.language != ENGLISH:
        said += _of_words(words(in_one_spelling(heard.in_english)), surface)
    return (
        frozenset(bucket_of(f"{kind}:{shown}") for kind, shown in said),
        frozenset(map(bucket_of, _of_letters(heard.said))),
        frozenset(map(bucket_of, heard.concepts())),
    )


def names_of(heard: Heard, surface: str) -> Iterator[Name]:
    """The features that can be shown: the words, or, of what is not English, those known and what they mean."""
    if heard.language != ENGLISH and (meant := _meant(heard)):
        for concept, unit in meant.items():
            bucket = KINDS.index("concepts") * BUCKETS + bucket_of(concept)
            yield Name("meant", f"{unit.said} ({heard.english[concept]})", bucket)
        return
    for kind, shown in _of_words(heard.said, surface):
        yield Name(kind, shown, bucket_of(f"{kind}:{shown}"))


def _meant(heard: Heard) -> dict[str, Unit]:
    """Each concept that a unit is put into English by, with the first that is: a phrase, not the words in it."""
    meant: dict[str, Unit] = {}
    for unit in heard.units:
        if unit.concepts:
            meant.setdefault(unit.concepts[0], unit)
    return meant


def bucket_of(name: str) -> int:
    """The bucket of a feature; CRC-32 is the same on every machine and every version of Python."""
    return crc32(name.encode("utf-8", errors="replace")) % BUCKETS


def _of_words(said: Sequence[str], surface: str) -> Iterator[tuple[str, str]]:
    yield "s", surface
    yield "n", "short" if len(said) < SHORT else "long" if len(said) > LONG else "middling"
    bounded = ["<", *("0" if word.isdigit() and len(word) >= LONG_NUMBER else word for word in said), ">"]
    for position, word in enumerate(bounded):
        yield "1", word
        if position:
            yield "2", f"{bounded[position - 1]} {word}"
        if position > 1:
            yield "3", f"{bounded[position - 2]} … {word}"


def _of_letters(said: Sequence[str]) -> Iterator[str]:
    for word in said:
        bounded = f" {word} "
        for size in LETTERS:
            for start in range(len(bounded) - size + 1):
                yield f"c:{bounded[start : start + size]}"
