"""Places that a text may speak of, as candidates with a confidence: never one silent guess."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from contact_desk.decisions import Place

MOST_LETTERS = 10_000
MOST_PLACES = 6
STREET = (
    "road|rd|street|st|avenue|ave|lane|ln|close|drive|way|grove|crescent|terrace|place|square|gardens|court|parade|hill|"
    "rise|mews|walk|view|row|heol|ffordd|stryd"
)
NOT_NAMES = frozenset(
    {
        *(
            "the",
            "a",
            "an",
            "our",
            "my",
            "your",
            "his",
            "her",
            "their",
            "this",
            "that",
            "on",
            "in",
            "at",
            "of",
            "to",
            "by",
        ),
        *(
            "off",
            "down",
            "up",
            "same",
            "other",
            "next",
            "main",
            "busy",
            "wrong",
            "right",
            "left",
            "any",
            "no",
            "every",
        ),
        *("whole", "long", "short", "high", "quiet", "dark", "back", "side"),
    }
)
PATTERNS = (
    (
        re.compile(
            r"(?:what3words(?:\.com/)?:? ?|///)([a-z]{2,20}\.[a-z]{2,20}\.[a-z]{2,20})", re.IGNORECASE
        ),
        0.95,
    ),
    (re.compile(r"\b([A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2})\b", re.IGNORECASE), 0.9),
    (
        re.compile(
            r"\b((?:[AM][0-9]{1,4}(?:\(M\))?|B[0-9]{3,4})"
            r"(?:,? (?:at )?(?:[Jj]unction|[Jj]ct|[Jj]) ?[0-9]{1,2}[A-Z]?)?)\b"
        ),
        0.8,
    ),
    (
        re.compile(
            r"\b((?:junction|jct) ?[0-9]{1,2}[A-Z]?(?: (?:of|on) (?:the )?[AM][0-9]{1,4})?)\b", re.IGNORECASE
        ),
        0.7,
    ),
)
NUMBERED = re.compile(
    rf"\b([0-9]{{1,4}}[a-z]? (?:[\w'\u2019-]{{2,20}} ){{1,3}}(?:{STREET}))\b", re.IGNORECASE
)
NAMED = re.compile(rf"\b((?:[\w'\u2019-]{{3,20}} ){{1,2}}(?:{STREET}))\b", re.IGNORECASE)
CAPITALS = re.compile(r"^[A-Z]")
WORD = re.compile(r"[^\W_]+")


def places_in(text: str, gazetteer: Collection[str]) -> tuple[Place, ...]:
    """The candidates, the surest first; `gazetteer` holds the force's own names of places."""
    best: dict[str, Place] = {}
    for place in _found(text[:MOST_LETTERS], gazetteer):
        name = place.name.casefold()
        if name not in best or best[name].confidence < place.confidence:
            best[name] = place
    return tuple(sorted(best.values(), key=lambda place: (-place.confidence, place.name))[:MOST_PLACES])


def _found(text: str, gazetteer: Collection[str]) -> Iterator[Place]:
    for pattern, confidence in PATTERNS:
        for match in pattern.finditer(text):
            yield Place(match[1], confidence)
    for match in NUMBERED.finditer(text):
        if name := _without_small_words(match[1]):
            yield Place(name, 0.8)
    for match in NAMED.finditer(text):
        if name := _without_small_words(match[1]):
            yield Place(name, 0.7 if CAPITALS.match(name) else 0.4)
    said = _apart(text)
    for name in gazetteer:
        if _apart(name) in said:
            yield Place(name, 0.6)


def _apart(text: str) -> str:
    """The words in lower case, each between spaces."""
    return f" {' '.join(WORD.findall(text.casefold()))} "


def _without_small_words(found: str) -> str | None:
    """The name of a street without what stands before it; none where nothing of a name is left."""
    words = found.split()
    number = words[:1] if words[0][:1].isdigit() else []
    names = words[len(number) :]
    while len(names) > 1 and names[0].casefold() in NOT_NAMES:
        names, number = names[1:], []
    return " ".join([*number, *names]) if len(names) > 1 else None
