"""What a text speaks of, in many languages: its words as concepts, and what is not English word for word in English.

The lists were written from knowledge of the languages, not from any message (training/concepts). What thousands of
English messages taught about "knife" and "not breathe" holds so for languages that hardly any was written in.
"""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from functions.triage.slips import Slips, load_slips
from functions.triage.wording import in_one_spelling, shortened, words

FILE = "concepts.json"
MODEL = Path(__file__).parent / "model"
UNSPACED = re.compile(r"[\u0e00-\u0e7f\u1000-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Scripts without spaces between words, and Korean, whose letters stand apart in one spelling and whose words grow."""
ARABIC = re.compile(r"[\u0600-\u06ff]")
ARABIC_BEGINNINGS = ("وال", "بال", "ال", "و", "ب", "ل", "ف")
SHORTEST_STEM = 2
LONGEST_PHRASE = 3
NEAR = 4
"""How many words further on a concept still belongs to another."""
MOST_LETTERS = 12_000
"""How much of a text is read: its beginning and its end, since a form may turn dark in its last line."""
ENGLISH = "en"
_SMALL = """
the a an i im ive my me we our us you your he him his she her they them their it its is are was were be been
being am to of in on at for from with by and or but if so this that these those there here what which who
when where why how not no does do did dont didnt doesnt have has had can could will would should just now up
out off down over about into after before all some any as than then too very got get go one two
"""
SMALL = frozenset(_SMALL.split())
"""Small words of English, which say that a text is English and nothing else."""
SAYS_ENGLISH, HOME = 0.4, 0.2
"""What a small word counts for English, and what English has beforehand: most people write it."""
SHARED = 2
"""In how many other languages a plain word must stand to be taken for what it means there."""
LONG = 4

Meanings = Mapping[str, tuple[str, ...]]
"""The concepts of an entry in each language that has it."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A word, a phrase or a stretch of an unspaced script, in one spelling, and its concepts in the text's language.

    A phrase that says nothing in it is no unit.
    """

    said: str
    concepts: tuple[str, ...]


@dataclass(frozen=True)
class Heard:
    """A text as the model reads it."""

    text: str
    said: Sequence[str]
    language: str
    units: Sequence[Unit]
    english: Mapping[str, str]

    @cached_property
    def in_english(self) -> str:
        """An English text as it is, any other word for word where the words are known."""
        if self.language == ENGLISH:
            return self.text
        return " ".join(self.english[unit.concepts[0]] if unit.concepts else unit.said for unit in self.units)

    def concepts(self) -> Iterator[str]:
        """Each concept, and each two that stand near one another."""
        found = [(place, concept) for place, unit in enumerate(self.units) for concept in unit.concepts]
        for position, (place, concept) in enumerate(found):
            yield concept
            for later, other in found[position + 1 :]:
                if later - place > NEAR:
                    break
                if later != place and other != concept:
                    yield "+".join(sorted((concept, other)))


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Concepts by whole words and phrases, by beginnings of words, and by stretches of unspaced scripts.

    An entry's languages are `language:concept` with a blank between, taken apart when it is met: most never are.
    `english` is the word for each concept; `slips` knows listed words as people mistype them.
    """

    english: Mapping[str, str]
    whole: Mapping[str, str]
    stems: Mapping[str, str]
    stretches: Mapping[str, str]
    stem_lengths: Sequence[int]
    slips: Slips

    def hear(self, text: str) -> Heard:
        """Read a text in the language that most of its known words are of. Never raises."""
        said = words(in_one_spelling(shortened(text, MOST_LETTERS)))
        language, found = self._with_slips_made_good(said, list(self._found(said)))
        units = [Unit(one, _in(language, one, meanings)) for one, meanings in found]
        units = [unit for unit in units if unit.concepts or " " not in unit.said]
        return Heard(text, said, language, units, self.english)

    def _with_slips_made_good(
        self, said: Sequence[str], found: list[tuple[str, Meanings]]
    ) -> tuple[str, list[tuple[str, Meanings]]]:
        """The language, slips heard too, and what is found; in English, whose letters the model knows, words stay."""
        first = _language(found)
        unknown = (word for word, meanings in found if not meanings and not UNSPACED.search(word))
        meant = self.slips.meant(unknown)
        if not meant:
            return first, found
        likeliest = {
            word: next((one for one in each if first in self._of_word(one)), each[0])
            for word, each in meant.items()
        }
        language = _language(list(self._found([likeliest.get(word, word) for word in said])))
        sure = {word: one for word, each in meant.items() if (one := self._agreed(each, language))}
        if language == ENGLISH or not sure:
            return first, found
        return language, list(self._found([sure.get(word, word) for word in said]))

    def _agreed(self, each: Sequence[str], language: str) -> str | None:
        """The first of them that the language has, where all that it has share a concept."""
        own = {one: set(told) for one in each if (told := self._of_word(one).get(language))}
        return next(iter(own)) if own and set.intersection(*own.values()) else None

    def _found(self, said: Sequence[str]) -> Iterator[tuple[str, Meanings]]:
        """Phrases, each before its own words ("not" of "not breathe" counts too), and words."""
        within = 0
        for start, word in enumerate(said):
            if start >= within:
                length, phrase, meanings = self._phrase(said, start)
                within = start + length
                if meanings:
                    yield phrase, meanings
            if not (meanings := self._of_word(word)) and UNSPACED.search(word):
                yield from self._within(word)
            else:
                yield word, meanings

    def _phrase(self, said: Sequence[str], start: int) -> tuple[int, str, Meanings]:
        for length in range(min(LONGEST_PHRASE, len(said) - start), 1, -1):
            phrase = " ".join(said[start : start + length])
            if listed := self.whole.get(phrase):
                return length, phrase, _taken_apart(listed)
        return 1, "", {}

    def _within(self, word: str) -> Iterator[tuple[str, Meanings]]:
        places = sorted(
            (word.find(stretch), -len(stretch), stretch) for stretch in self.stretches if stretch in word
        )
        end = 0
        for place, _, stretch in places:
            if place >= end:
                yield stretch, _taken_apart(self.stretches[stretch])
                end = place + len(stretch)
        if not places:
            yield word, {}

    def _of_word(self, word: str) -> Meanings:
        if listed := self._plain(word):
            return _taken_apart(listed)
        if ARABIC.match(word):
            for beginning in ARABIC_BEGINNINGS:
                rest = word.removeprefix(beginning)
                if len(rest) in range(SHORTEST_STEM, len(word)) and (listed := self._plain(rest)):
                    return _taken_apart(listed)
        return {}

    def _plain(self, word: str) -> str | None:
        if listed := self.whole.get(word):
            return listed
        stems = (
            self.stems.get(word[:length])
            for length in self.stem_lengths
            if SHORTEST_STEM <= length <= len(word)
        )
        return next((listed for listed in stems if listed), None)


def _taken_apart(listed: str) -> Meanings:
    meanings: dict[str, tuple[str, ...]] = {}
    for one in listed.split():
        language, _, concept = one.partition(":")
        meanings[language] = (*meanings.get(language, ()), concept)
    return meanings


def _language(found: Sequence[tuple[str, Meanings]]) -> str:
    counts: dict[str, float] = defaultdict(float, {ENGLISH: HOME})
    for said, meanings in found:
        for language in meanings:
            counts[language] += 1 / math.sqrt(len(meanings))
        if said in SMALL:
            counts[ENGLISH] += SAYS_ENGLISH
    return max(sorted(counts), key=lambda language: counts[language])


def _in(language: str, said: str, meanings: Meanings) -> tuple[str, ...]:
    """What an entry means in a text of that language, of words of other languages only what is beyond doubt."""
    if language in meanings:
        return meanings[language]
    if said.isascii():
        if language == ENGLISH or len(said) < LONG:
            return ()
        if ENGLISH in meanings:
            return meanings[ENGLISH]
        if len(meanings) < SHARED:
            return ()
    return tuple(sorted({concept for concepts in meanings.values() for concept in concepts}))[:2]


@cache
def lexicon() -> Lexicon:
    """All languages, as `training.concept_lists` packed them; read once, at the start."""
    return load_lexicon(MODEL)


def load_lexicon(folder: Path) -> Lexicon:
    """Reads the packed lists."""
    packed = json.loads((folder / FILE).read_text(encoding="utf-8"))
    stem_lengths = sorted({len(stem) for stem in packed["stems"]}, reverse=True)
    return Lexicon(**packed, stem_lengths=stem_lengths, slips=load_slips(folder))
