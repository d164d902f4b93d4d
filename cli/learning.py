"""From what operators overrode to proposals for the written bank and the rules. Pure; a person decides on each.

Personal data is masked before anything else is done with a text, and what fewer than three people wrote is dropped, so
that no proposal tells of one person. Silence is no agreement: only what operators did is learnt from.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from contact_desk.cases import Disposition
from contact_desk.grades import Band, Grade
from contact_desk.overrides import OverriddenField, Override
from contact_desk.references import digest_id

FEWEST_SENDERS = 3
LONGEST_PHRASE = 4
MOST_PHRASES = 40
FEWEST_LETTERS = 4
HARMLESS = frozenset({Disposition.NO_POLICE_MATTER, Disposition.SPAM, Disposition.THANKS})
_WORD = re.compile(r"\[[a-z]+\]|[^\W_]+(?:['\u2019][^\W_]+)?")


class Lesson(StrEnum):
    """What a person's word says of the machine's."""

    MISSED = "missed"
    """An emergency that the machine had not raised to red or amber."""
    TOO_LOW = "too_low"
    TOO_HIGH = "too_high"
    """Raised, or graded higher than it was."""


@dataclass(frozen=True, slots=True)
class CorrectedWords:
    """Words of a contact, masked, whose case was overridden; `sender` tells people apart and names nobody."""

    override: Override
    text: str
    sender: str
    channel: str
    surface: str
    language: str | None
    category: str | None
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BankLine:
    """A line for the written bank, to be read and labelled by a person before it goes in."""

    id: str
    channel: str
    surface: str
    text: str
    lang: str | None
    category: str | None
    grade: str | None
    lesson: Lesson
    was: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase that stands out in missed emergencies: how many senders wrote it there, and how many elsewhere."""

    phrase: str
    senders: int
    elsewhere: int
    weight: float


@dataclass(frozen=True, slots=True)
class Proposals:
    """What there is to decide on: `misled` counts by rule the times that a person took its raise back."""

    overrides: int
    lines: tuple[BankLine, ...]
    phrases: tuple[Phrase, ...]
    misled: dict[str, int]
    dropped: int


def lesson_of(override: Override) -> Lesson | None:
    """What the override teaches; None where the person and the machine agree."""
    if override.field is OverriddenField.DISPOSITION:
        if override.after == Disposition.EMERGENCY_TRANSFER and override.band is Band.GREEN:
            return Lesson.MISSED
        harmless = override.after in set(HARMLESS)
        return Lesson.TOO_HIGH if harmless and override.band is not Band.GREEN else None
    before, after = Grade(override.before), Grade(override.after)
    if after.rank < before.rank:
        missed = after is Grade.EMERGENCY and override.band is Band.GREEN
        return Lesson.MISSED if missed else Lesson.TOO_LOW
    return Lesson.TOO_HIGH if after.rank > before.rank else None


def proposals(corrected: Sequence[CorrectedWords]) -> Proposals:
    """The proposals that the overrides give; what fewer than three senders wrote is dropped and counted."""
    taught = [(one, lesson) for one in corrected if (lesson := lesson_of(one.override)) and one.text.strip()]
    senders: defaultdict[tuple[Lesson, str, str], set[str]] = defaultdict(set)
    for one, lesson in taught:
        senders[_group(one, lesson)].add(one.sender)
    kept = [(one, lesson) for one, lesson in taught if len(senders[_group(one, lesson)]) >= FEWEST_SENDERS]
    misled = Counter(rule for one, lesson in kept if lesson is Lesson.TOO_HIGH for rule in one.rules)
    lines = {line.id: line for line in (_line(one, lesson) for one, lesson in kept)}
    return Proposals(
        overrides=len({one.override.override_id for one in corrected}),
        lines=tuple(lines.values()),
        phrases=_phrases(
            [one for one, lesson in kept if lesson is Lesson.MISSED],
            [one for one in corrected if lesson_of(one.override) is not Lesson.MISSED],
        ),
        misled=dict(misled.most_common()),
        dropped=len(taught) - len(kept),
    )


def _group(one: CorrectedWords, lesson: Lesson) -> tuple[Lesson, str, str]:
    return lesson, one.override.before, one.override.after


def _line(one: CorrectedWords, lesson: Lesson) -> BankLine:
    graded = one.override.field is OverriddenField.GRADE
    return BankLine(
        id=f"op-{digest_id(one.override.override_id, one.text)[:10]}",
        channel=one.channel,
        surface=one.surface,
        text=one.text,
        lang=one.language,
        category=one.category,
        grade=one.override.after if graded else None,
        lesson=lesson,
        was=one.override.before,
    )


def _phrases(missed: Sequence[CorrectedWords], others: Sequence[CorrectedWords]) -> tuple[Phrase, ...]:
    """Phrases by how much likelier they are in what was missed; masks and small words alone are none."""
    here, elsewhere = _senders_by_phrase(missed), _senders_by_phrase(others)
    of_missed = len({one.sender for one in missed}) or 1
    of_others = len({one.sender for one in others}) or 1
    found = []
    for phrase, senders in here.items():
        if len(senders) < FEWEST_SENDERS:
            continue
        there = len(elsewhere.get(phrase, ()))
        weight = math.log(((len(senders) + 0.5) / (of_missed + 1)) / ((there + 0.5) / (of_others + 1)))
        if weight > 0:
            found.append(Phrase(phrase, len(senders), there, round(weight, 2)))
    found.sort(key=lambda one: (-one.weight * math.log1p(one.senders), -len(one.phrase), one.phrase))
    return tuple(found[:MOST_PHRASES])


def _senders_by_phrase(said: Iterable[CorrectedWords]) -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for one in said:
        words = _WORD.findall(one.text.lower())
        for length in range(1, LONGEST_PHRASE + 1):
            for start in range(len(words) - length + 1):
                taken = words[start : start + length]
                if not any(word.startswith("[") for word in taken):
                    phrase = " ".join(taken)
                    if len(phrase) >= FEWEST_LETTERS:
                        found[phrase].add(one.sender)
    return found


def as_markdown(found: Proposals) -> str:
    """The proposals for a person to read."""
    lines = [
        f"# Proposals from {found.overrides} overrides",
        "",
        f"{found.dropped} lines were dropped: fewer than {FEWEST_SENDERS} people wrote of that kind.",
        "",
        "## Lines for the bank (read, label and check each)",
        "",
        *(
            f"- `{one.id}` {one.lesson.value}, was {one.was}, now {one.grade or 'unsaid'}: {one.text}"
            for one in found.lines
        ),
        "",
        "## Phrases that stand out in missed emergencies",
        "",
        *(f"- {one.phrase} ({one.senders} senders, {one.elsewhere} elsewhere)" for one in found.phrases),
        "",
        "## Rules whose raise was taken back",
        "",
        *(f"- {rule}: {number}" for rule, number in found.misled.items()),
    ]
    return "\n".join(lines) + "\n"
