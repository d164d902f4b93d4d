"""Splits a text into the pieces that the sentence encoder knows: the uncased tokens of BERT (Devlin et al., 2018)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache

BEGIN, END, UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
LONGEST_WORD = 100
IDEOGRAPHS = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0xF900, 0xFAFF), (0x20000, 0x2FA1F))


def pieces(text: str, vocabulary: Mapping[str, int], most: int) -> list[int]:
    """The numbers of at most so many pieces with the marks of begin and end; of a longer text its two ends."""
    found = [vocabulary[piece] for word in split_words(text) for piece in _pieces_of(word, vocabulary)]
    if len(found) > most - 2:
        first = (most - 2) // 2
        found = [*found[:first], *found[len(found) - (most - 2 - first) :]]
    return [vocabulary[BEGIN], *found, vocabulary[END]]


def split_words(text: str) -> Iterator[str]:
    """Lower-case words without accents; every punctuation mark and every ideograph is a word of its own."""
    apart = "".join(map(_apart, unicodedata.normalize("NFD", text.lower())))
    yield from apart.split()


@lru_cache(maxsize=2048)
def _apart(letter: str) -> str:
    """The letter as it is written beside others: spaced where it stands alone, nothing where it is dropped."""
    category = unicodedata.category(letter)
    if letter in "\t\n\r":
        return " "
    if category in {"Mn", "Cc", "Cf"} or letter in "\x00\ufffd":
        return ""
    return f" {letter} " if _is_punctuation(letter, category) or _is_ideograph(letter) else letter


def _pieces_of(word: str, vocabulary: Mapping[str, int]) -> list[str]:
    """The longest known beginning, then the longest known continuation, and so on."""
    if len(word) > LONGEST_WORD:
        return [UNKNOWN]
    found: list[str] = []
    start = 0
    while start < len(word):
        known = (
            (piece, end)
            for end in range(len(word), start, -1)
            if (piece := ("##" if start else "") + word[start:end]) in vocabulary
        )
        piece, start = next(known, (UNKNOWN, 0))
        if piece == UNKNOWN:
            return [UNKNOWN]
        found.append(piece)
    return found


def _is_punctuation(letter: str, category: str) -> bool:
    return category.startswith("P") or (
        letter.isascii() and letter.isprintable() and not letter.isalnum() and letter != " "
    )


def _is_ideograph(letter: str) -> bool:
    return any(first <= ord(letter) <= last for first, last in IDEOGRAPHS)
