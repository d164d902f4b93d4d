"""A person's words as the rules compare them: one spelling, split into sentences and clauses."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

SENTENCE_END = re.compile(r"[.!?;\n\u2026\u061f\u06d4]+")
CLAUSE_END = re.compile(r"[,:\u060c()\u2013\u2014]|\b(?:but|although|however|because|anyway)\b")
APOSTROPHES = re.compile(r"['\u2018\u2019`\u00b4\u02bc]")
DRAWN_OUT = re.compile(r"([^\W\d])\1{2,}")
INDIAN = "\u0900-\u0963\u0966-\u0dff"
"""Scripts whose vowels are marks: part of the word, though Python does not count them to it."""
INDIAN_MARK = re.compile(rf"[{INDIAN}]")
WORD = re.compile(rf"[\w{INDIAN}]+|[^\w\s]")
SPACES = re.compile(r"[^\S\n]+")


def in_one_spelling(text: str) -> str:
    """Lower case, no accents and apostrophes, "heeelp" as "help", pictures as words of their own; line breaks stay."""
    decomposed = APOSTROPHES.sub("", text).casefold()
    if not decomposed.isascii():
        decomposed = "".join(map(_spelt, unicodedata.normalize("NFKD", decomposed)))
    return SPACES.sub(" ", DRAWN_OUT.sub(r"\1", decomposed)).strip()


@lru_cache(maxsize=2048)
def _spelt(letter: str) -> str:
    if letter.isascii():
        return letter
    category = unicodedata.category(letter)
    if category in {"Mn", "Cf"}:
        return letter if INDIAN_MARK.match(letter) else ""
    if category in {"So", "Sk"}:
        return f" {letter} "
    return LIKE_ASCII.get(letter, " " if category in {"Cc", "Zs"} else letter)


LIKE_ASCII = {
    "ł": "l",
    "ø": "o",
    "đ": "d",
    "\u0131": "i",
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "\u2028": "\n",
    "\u2029": "\n",
}


def shortened(text: str, most: int) -> str:
    """The text, of a longer one its beginning and its end: a form may turn dark in its last line."""
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]}\n{text[-half:]}"


def sentences(spelt: str) -> list[str]:
    """The sentences and lines of a text in one spelling, without the empty ones."""
    return [sentence for part in SENTENCE_END.split(spelt) if (sentence := part.strip())]


def clause_around(sentence: str, start: int, end: int) -> tuple[int, int]:
    """Where the clause that holds the stretch from start to end begins and ends in its sentence."""
    begins = max((mark.end() for mark in CLAUSE_END.finditer(sentence, 0, start)), default=0)
    ends = CLAUSE_END.search(sentence, end)
    return begins, ends.start() if ends else len(sentence)


def words(spelt: str) -> list[str]:
    """The words, numbers and pictures of a text in one spelling, without punctuation."""
    return [word for word in WORD.findall(spelt) if word.isalnum() or not word.isascii() or word == "_"]
