"""Which language a text is in: by its script, else by py3langid, else by its commonest small words.

English where py3langid is unsure of a plain text: in short English messages it hears other tongues.
"""

from __future__ import annotations

from array import array
from functools import cache
from pathlib import Path

import numpy as np
import yaml
from py3langid.langid import LanguageIdentifier

from functions.triage.rule_set import LOADER
from functions.triage.wording import in_one_spelling, words

LIST = Path(__file__).parent / "rules" / "languages.yaml"
MODEL = Path(__file__).parent / "model"
FILE = "languages.npz"
LETTERS = 256
"""How many values a byte has: a state of the identifier has a move for each."""
_HEARD = """
en cy pl es pt fr ro ar tr ur zh de uk it ru vi bn lt so tl fa pa nl bg hi hu sk am cs da el et fi
ga gu ha he hr hy id ig ja ka km ko ku ln lv mk ml mn my ne ps si sl sm sn sq sr sv sw ta te th ti
tw wo yi yo zu
"""
HEARD = frozenset(_HEARD.split())
"""The languages of which it has learnt from a dozen messages at least, or has the words of danger listed."""
NEAR = {"pcm": "en", "sco": "en"}
"""Tongues that are written so like another one that what is said of it holds of them."""
ENOUGH_LETTERS = 3
MOST_LETTERS = 2000
SHORTEST = 12
SURE = 0.9
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
    text = text[:MOST_LETTERS]
    return _by_script(text.casefold()) or _by_letters(text) or _by_small_words(text)


def _by_letters(text: str) -> str | None:
    if sum(letter.isalpha() for letter in text) < SHORTEST:
        return None
    language, surety = identifier().classify(text)
    plain = all(letter.isascii() for letter in text if letter.isalpha())
    if language != "en" and plain and surety < SURE:
        return _by_small_words(text) or "en"
    return NEAR.get(str(language), str(language))


@cache
def identifier() -> LanguageIdentifier:
    """py3langid with its own model, as `training.language_weights` packed it; read once, at the start."""
    with np.load(MODEL / FILE) as stored:
        counts = stored["counts"]
        moves = np.tile(stored["usual"], (len(counts), 1))
        moves[np.repeat(np.arange(len(counts)), counts), stored["letters"]] = stored["moves"]
        return LanguageIdentifier(
            np.ascontiguousarray(stored["chances"].T),
            stored["priors"],
            stored["languages"].tolist(),
            array("I", moves.tobytes()),
            stored["features"].tolist(),
            norm_probs=True,
            tk_row=array("I", stored["rows"].tobytes()),
        )


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
    listed = yaml.load(LIST.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506 - a safe one
    return {language: frozenset(small) for language, small in listed.items()}
