"""What a text speaks of, in many languages: plain words of danger and of everyday matters, each as its concept.

The lists (concepts/*.yaml) were written from knowledge of the languages, not from any message. What thousands of
English messages taught about "knife" and "not breathe" holds so for languages that hardly any was written in.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from functions.triage.wording import in_one_spelling, words

FOLDER = Path(__file__).parent / "concepts"
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
UNSPACED_LANGUAGES = frozenset({"zh", "ja", "ko", "th", "km", "my"})
UNSPACED = re.compile(r"[\u0e00-\u0e7f\u1000-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Scripts without spaces between words, and Korean, whose letters stand apart in one spelling and whose words grow."""
ARABIC = re.compile(r"[\u0600-\u06ff]")
ARABIC_BEGINNINGS = ("وال", "بال", "ال", "و", "ب", "ل", "ف")
SHORTEST_STEM = 2
LONGEST_PHRASE = 3
NEAR = 4
"""How many words further on a concept still belongs to another."""
Concepts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Concepts by whole words and phrases, by beginnings of words, and by stretches of unspaced scripts."""

    whole: Mapping[str, Concepts]
    stems: Mapping[str, Concepts]
    stretches: Mapping[str, Concepts]
    stem_lengths: Sequence[int]

    def names(self, said: Sequence[str]) -> Iterator[str]:
        """Each concept of these words in one spelling, and each two that stand near one another."""
        found = [(place, concept) for place, concepts in self._found(said) for concept in concepts]
        for position, (place, concept) in enumerate(found):
            yield concept
            for later, other in found[position + 1 :]:
                if later - place > NEAR:
                    break
                if later != place:
                    yield "+".join(sorted((concept, other)))

    def _found(self, said: Sequence[str]) -> Iterator[tuple[int, Concepts]]:
        """Concepts with their places, of which each word, or each stretch of an unspaced one, has one."""
        place = start = 0
        while start < len(said):
            length, concepts = self._phrase(said, start)
            if not concepts and UNSPACED.search(said[start]):
                stretches = sorted(
                    (said[start].find(stretch), stretch)
                    for stretch in self.stretches
                    if stretch in said[start]
                )
                for _, stretch in stretches:
                    yield place, self.stretches[stretch]
                    place += 1
                place -= bool(stretches)
            elif concepts := concepts or self._of_word(said[start]):
                yield place, concepts
            place += 1
            start += length

    def _phrase(self, said: Sequence[str], start: int) -> tuple[int, Concepts]:
        for length in range(LONGEST_PHRASE, 1, -1):
            if concepts := self.whole.get(" ".join(said[start : start + length])):
                return length, concepts
        return 1, ()

    def _of_word(self, word: str) -> Concepts:
        if concepts := self._plain(word):
            return concepts
        if ARABIC.match(word):
            for beginning in ARABIC_BEGINNINGS:
                rest = word.removeprefix(beginning)
                if len(rest) in range(SHORTEST_STEM, len(word)) and (concepts := self._plain(rest)):
                    return concepts
        return ()

    def _plain(self, word: str) -> Concepts:
        if concepts := self.whole.get(word):
            return concepts
        return next(
            (
                concepts
                for length in self.stem_lengths
                if length <= len(word) and (concepts := self.stems.get(word[:length]))
            ),
            (),
        )


@cache
def lexicon() -> Lexicon:
    """All languages as one: a word that means one thing here and another there stands for both."""
    whole: dict[str, set[str]] = defaultdict(set)
    stems: dict[str, set[str]] = defaultdict(set)
    stretches: dict[str, set[str]] = defaultdict(set)
    for path in sorted(FOLDER.glob("*.yaml")):
        listed = yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506 - a safe one
        for language, concepts in listed.items():
            for concept, written in concepts.items():
                for entry in written.split():
                    spelt = " ".join(words(in_one_spelling(entry.rstrip("*").replace("_", " "))))
                    kind = stretches if language in UNSPACED_LANGUAGES else stems if "*" in entry else whole
                    kind[spelt].add(concept)
    return Lexicon(
        whole=_ordered(whole),
        stems=_ordered(stems),
        stretches=_ordered(stretches),
        stem_lengths=sorted({len(stem) for stem in stems}, reverse=True),
    )


def _ordered(found: Mapping[str, set[str]]) -> dict[str, Concepts]:
    return {spelt: tuple(sorted(concepts)) for spelt, concepts in found.items()}
