"""The rules of the first reader: data with reasons, read from rules/*.yaml and compiled once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from contact_desk.contacts import Surface
from functions.triage.patterns import Patterns, RuleError, compile_patterns
from functions.triage.spelling import Spelling, spelling_of
from functions.triage.wording import words

FOLDER = Path(__file__).parent / "rules"
KNOWN = Path(__file__).parent / "model" / "vocabulary.txt"
"""Words that are no slip of another: those of the sentence encoder, some twenty thousand."""
WHOLE_WORD = re.compile(r"(?<![\w*?\])}])[a-z]{5,20}(?![\w*?(\[{])")
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Reads plain values only; written in C where the wheel has it, which is ten times as quick."""
CUES = (
    "pleas",
    "emergency_violence",
    "emergency_danger",
    "emergency_roads",
    "emergency_missing",
    "other_languages",
    "priority",
)
"""The files of rules that raise, in the order in which their reasons are shown within one band."""


class Kind(StrEnum):
    """What a contact is that nobody needs to answer."""

    THANKS = "thanks"
    CHATTER = "chatter"
    SPAM = "spam"


class Raise(StrEnum):
    """How high a cue raises a contact: an emergency, perhaps one, or something for a person to see soon."""

    RED = "red"
    AMBER = "amber"
    PRIORITY = "priority"

    @property
    def rank(self) -> int:
        """0 for the highest."""
        return list(Raise).index(self)


class Scope(StrEnum):
    """Which stretch of text a context looks at, around the cue that it may lower."""

    BEFORE = "before"
    SENTENCE = "sentence"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what fires it, and what follows.

    `any_of` are patterns, looked for in each sentence (or, with `whole_message`, across all); `unless` patterns in the
    same stretch keep it still. `only` and `needs` instead say of what words the whole message is made, and which of
    them it must hold. `raises` is the band of a cue, `life_risk` keeps a context from lowering it below amber, and
    without `context` no context lowers it at all. `hints` are patterns that were wrong too often on the bank to raise
    by themselves: they do so where the model holds an emergency possible, and else ask for a person soon.
    """

    rule: str
    reason: str
    any_of: Patterns
    hints: Patterns
    unless: Patterns
    only: frozenset[str]
    needs: frozenset[str]
    whole_message: bool
    raises: Raise | None
    life_risk: bool
    context: bool
    kind: Kind | None
    surface: Surface | None
    signpost: str | None
    category: str | None
    markers: tuple[str, ...]
    max_words: int | None
    pictures_only: bool
    examples: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def words_in(self, stretch: str) -> tuple[str, ...]:
        """The words of the stretch that fire the rule; none where it stays still."""
        return self._words(self.any_of, stretch)

    def hinted_in(self, stretch: str) -> tuple[str, ...]:
        """The words of the stretch that only hint at what the rule says."""
        return self._words(self.hints, stretch)

    def _words(self, patterns: Patterns, stretch: str) -> tuple[str, ...]:
        found = patterns.finditer(stretch)
        if not found or self.unless.search(stretch):
            return ()
        return tuple(dict.fromkeys(match[0] for match in found))

    def made_of(self, said: Sequence[str]) -> tuple[str, ...]:
        """The words that a message must hold, where it is made of the rule's words alone."""
        if not said or not self.only or not self.only.issuperset(said):
            return ()
        return tuple(dict.fromkeys(word for word in said if word in self.needs))


@dataclass(frozen=True, slots=True)
class Context:
    """Words around a cue that make it less than it seems: past, denied, played, supposed."""

    context: str
    told: str
    scope: Scope
    lowers: frozenset[Raise]
    any_of: Patterns
    unless: Patterns

    def holds_in(self, stretch: str) -> bool:
        """Whether the stretch is in this context."""
        return bool(self.any_of.search(stretch)) and not self.unless.search(stretch)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules of one version, which is told from the bytes of their files.

    A short line made of `calm` words alone is no emergency by its wording: the model may not raise it.
    """

    version: str
    cues: tuple[Rule, ...]
    plain: tuple[Rule, ...]
    signposts: tuple[Rule, ...]
    matters: tuple[Rule, ...]
    marks: tuple[Rule, ...]
    idioms: Patterns
    courtesies: Patterns
    calm: frozenset[str]
    spelling: Spelling
    contexts: tuple[Context, ...]
    police_matter: Patterns


def load_rules(folder: Path = FOLDER) -> RuleSet:
    """Read and compile the rules; raises RuleError naming the file and rule of a mistake."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.yaml"))}
    files = {name: yaml.load(text, Loader=LOADER) for name, text in texts.items()}  # noqa: S506 - a safe one
    groups = files["words"]
    digest = hashlib.sha256("\x1f".join(f"{name}\x1f{text}" for name, text in texts.items()).encode())

    def rules_of(name: str) -> tuple[Rule, ...]:
        return tuple(_rule(name, entry, groups) for entry in files[name]["rules"])

    return RuleSet(
        version=f"rules-{digest.hexdigest()[:12]}",
        cues=tuple(rule for name in CUES for rule in rules_of(name)),
        plain=rules_of("plain"),
        signposts=rules_of("signposts"),
        matters=rules_of("matters"),
        marks=rules_of("markers"),
        idioms=compile_patterns(files["contexts"]["idioms"]["any_of"], groups),
        calm=frozenset(files["calm"]["words"]),
        spelling=spelling_of(
            _words_of(files, groups),
            [
                *KNOWN.read_text(encoding="utf-8").split(),
                *re.findall(r"[a-z]{5,}", "\n".join(texts.values())),
            ],
        ),
        courtesies=compile_patterns(files["contexts"]["courtesies"]["any_of"], groups),
        contexts=tuple(_context(entry, groups) for entry in files["contexts"]["contexts"]),
        police_matter=compile_patterns(files["signposts"]["police_matter"]["any_of"], groups),
    )


def _words_of(files: Mapping[str, Any], groups: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The words of the English rules of emergencies, whole ones alone."""
    patterns = [
        pattern
        for name in CUES
        if name.startswith(("emergency", "pleas"))
        for entry in files[name]["rules"]
        for pattern in (*entry.get("any_of", []), *entry.get("only", []))
    ]
    for source in (*patterns, *(word for group in groups.values() for word in group)):
        yield from WHOLE_WORD.findall(source)


def _rule(file: str, entry: Mapping[str, Any], groups: Mapping[str, Sequence[str]]) -> Rule:
    entry = dict(entry)
    try:
        rule = Rule(
            rule=entry.pop("id"),
            reason=entry.pop("reason"),
            any_of=compile_patterns(entry.pop("any_of", []), groups),
            hints=compile_patterns(entry.pop("hints", []), groups),
            unless=compile_patterns(entry.pop("unless", []), groups),
            only=frozenset(entry.pop("only", [])),
            needs=frozenset(entry.pop("needs", [])),
            whole_message=entry.pop("scope", Scope.SENTENCE) == Scope.MESSAGE,
            raises=Raise(entry.pop("raises")) if "raises" in entry else None,
            life_risk=entry.pop("life_risk", True),
            context=entry.pop("context", True),
            kind=Kind(entry.pop("kind")) if "kind" in entry else None,
            surface=Surface(entry.pop("surface")) if "surface" in entry else None,
            signpost=entry.pop("signpost", None),
            category=entry.pop("category", None),
            markers=tuple(entry.pop("markers", ())),
            max_words=entry.pop("max_words", None),
            pictures_only=entry.pop("pictures_only", False),
            examples=entry.pop("examples"),
        )
    except (KeyError, ValueError, RuleError) as error:
        raise RuleError(f"{file}.yaml: {entry.get('id', 'a rule')}: {error}") from None
    if entry:
        raise RuleError(f"{file}.yaml: {rule.rule}: nobody knows {', '.join(sorted(entry))}")
    return rule


def _context(entry: Mapping[str, Any], groups: Mapping[str, Sequence[str]]) -> Context:
    scope = Scope(entry["scope"])
    # A denial stands right before what it denies, with at most one word between.
    ends = r"\W+(?:\w+\W+)?$" if scope is Scope.BEFORE else ""
    return Context(
        context=entry["id"],
        told=entry["told"],
        scope=scope,
        lowers=frozenset(map(Raise, entry.get("lowers", Raise))),
        any_of=compile_patterns(entry["any_of"], groups, ends=ends),
        unless=compile_patterns(entry.get("unless", []), groups),
    )


def has_only_pictures(spelt: str) -> bool:
    """Whether a text says something, and no letter or number of it."""
    said = words(spelt)
    return bool(said) and not any(character.isalnum() for word in said for character in word)
