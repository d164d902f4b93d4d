"""Takes out of a text what says who somebody is, before the text leaves the desk's own machines.

Masking errs on the side of too much: what looks like a number of somebody's is taken for one. What tells of danger (a
knife, a fire, how many they are) is kept. What is taken out stands in the text by its kind, as `[phone]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

FEWEST_NAME_LETTERS = 2
CARD_DIGITS = range(13, 20)


class PersonalData(StrEnum):
    """The kinds of what is masked."""

    NAME = "name"
    EMAIL = "email"
    LINK = "link"
    HANDLE = "handle"
    PHONE = "phone"
    CARD = "card"
    NUMBER = "number"
    POSTCODE = "postcode"
    ADDRESS = "address"
    PLATE = "plate"
    PLACE = "place"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a text, from the offset `start` up to `end`, that is of one kind."""

    start: int
    end: int
    kind: PersonalData


_DIGIT_WORDS = "zero|oh|nought|one|two|three|four|five|six|seven|eight|nine|double|treble|triple"
_GIVEN_NAME = r"(?-i:[A-Z]\w{1,24}(?: [A-Z]\w{1,24})?)"
_INTRODUCED = r"(?<=\bcalled )|(?<=\bnamed )|(?<=\bname is )|(?<=\bnames )|\b(?:mr|mrs|ms|miss|dr|pc|sgt)\.? "
_STREETS = (
    "road|rd|street|st|avenue|ave|lane|ln|drive|close|court|ct|crescent|cres|terrace|gardens|grove|place|way|walk|"
    "square|sq|mews|parade|view|hill|park|row|rise|green|vale|mount|bank|croft|fold|yard|heights|house|buildings|tower"
)

# In this order: what an earlier one has taken, a later one leaves alone.
_PATTERNS: tuple[tuple[PersonalData, str], ...] = (
    (PersonalData.EMAIL, r"[\w.+'-]{1,64}\s?(?:@|\(at\)|\[at\])\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}"),
    (
        PersonalData.LINK,
        r"(?:https?://|www\.)\S+|\b[\w-]{1,63}\.(?:com|co\.uk|org|net|uk|me|io|ly)(?:/\S*)?\b",
    ),
    (PersonalData.PLACE, r"/{3}[^\W\d_]{2,30}\.[^\W\d_]{2,30}\.[^\W\d_]{2,30}"),
    (PersonalData.HANDLE, r"(?<![\w@])[@\uff20]\w{2,50}"),
    # Names that people give: capitals tell them from words.
    (
        PersonalData.NAME,
        rf"(?:{_INTRODUCED}){_GIVEN_NAME}",
    ),
    # Royal Mail's formats of a postcode.
    (PersonalData.POSTCODE, r"\b[a-z]{1,2}[0-9][0-9a-z]?\s{0,2}[0-9][abd-hjlnp-uw-z]{2}\b"),
    # Number plates since 2001, since 1983 and since 1963; a National Insurance number is masked with them.
    (PersonalData.PLATE, r"\b[a-z]{2}[0-9]{2}\s?[a-z]{3}\b"),
    (PersonalData.PLATE, r"\b[a-z][0-9]{1,3}\s?[a-z]{3}\b|\b[a-z]{3}\s?[0-9]{1,3}[a-z]\b"),
    (PersonalData.NUMBER, r"\b[a-z]{2}\s?(?:[0-9]{2}\s?){3}[a-d]\b"),
    # Any run of figures as people write numbers of telephones, cards and accounts.
    (PersonalData.PHONE, r"(?<![\w])\+?\(?[0-9](?:[\s().\u2010-\u2015\u00a0/-]{0,3}[0-9]){5,24}(?!\w)"),
    (PersonalData.NUMBER, r"\b[0-9]{6,}\w*"),
    (PersonalData.PHONE, rf"\b(?:(?:{_DIGIT_WORDS})[\s,.-]{{1,3}}){{5,}}(?:{_DIGIT_WORDS})\b"),
    (
        PersonalData.ADDRESS,
        rf"\b[0-9]{{1,4}}[a-z]?,?\s+(?:[^\W\d_][\w'\u2019-]{{0,24}}\s+){{1,3}}(?:{_STREETS})\b",
    ),
    (
        PersonalData.ADDRESS,
        r"\b(?:flat|apartment|apt|house|door|number|num|no|nr|unit|room|plot)\.?\s{0,2}(?:no\.?\s?)?#?[0-9]{1,4}[a-z]?\b",
    ),
)
_COMPILED = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _PATTERNS)

# Names that are words as well: alone and in small letters they are taken for the word.
_WORDS = """
al an angel april art at august autumn baby bill bob carol chance child dawn dean dee don drew eve faith
fern fire frank gale gene grace grant gun guy harry hazel he heather help holly hope hunter in iris is it
ivy jack jay jean josh joy june king knife lance lee lily long love man mark may me men miles my nick norm
olive on pat penny police pop ray rich rob robin rose rusty sandy she sky son sonny sue summer the to us
victor violet wade we will young
"""
_WORDS_AS_NAMES = frozenset(_WORDS.split())


def personal_data(text: str, names: Iterable[str | None] = ()) -> tuple[Span, ...]:
    """Where a text says who somebody is, in order and without overlaps; `names` are those known beforehand."""
    spans: list[Span] = []
    taken = bytearray(len(text))
    for span in (*_found(text), *_named(text, names)):
        if taken.find(1, span.start, span.end) < 0:
            taken[span.start : span.end] = b"\1" * (span.end - span.start)
            spans.append(span)
    return tuple(sorted(spans))


def masked(text: str, names: Iterable[str | None] = ()) -> str:
    """The text with each such stretch replaced by its kind in brackets."""
    parts, at = [], 0
    for span in personal_data(text, names):
        parts += [text[at : span.start], f"[{span.kind}]"]
        at = span.end
    return "".join([*parts, text[at:]])


def _found(text: str) -> Iterator[Span]:
    for kind, pattern in _COMPILED:
        for match in pattern.finditer(text):
            yield Span(
                match.start(), match.end(), _of_digits(match[0]) if kind is PersonalData.PHONE else kind
            )


def _of_digits(written: str) -> PersonalData:
    digits = [int(character) for character in written if character.isdecimal()]
    return PersonalData.CARD if len(digits) in CARD_DIGITS and _is_card(digits) else PersonalData.PHONE


def _is_card(digits: list[int]) -> bool:
    """Luhn's check, which every payment card's number passes."""
    doubled = [sum(divmod(digit * 2, 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(digits[-1::-2])) % 10 == 0


def _named(text: str, names: Iterable[str | None]) -> Iterator[Span]:
    """The whole names first, then each part of one that can be told from a word."""
    whole = sorted({" ".join(name.split()) for name in names if name and name.strip()}, key=len, reverse=True)
    for name in whole:
        if len(name) >= FEWEST_NAME_LETTERS:
            yield from _everywhere(text, re.escape(name).replace(r"\ ", r"\s+"))
    for part in dict.fromkeys(part for name in whole for part in re.findall(r"[^\W\d_]{2,}", name)):
        small = part.lower()
        if small not in _WORDS_AS_NAMES:
            yield from _everywhere(text, re.escape(part))
        else:
            # Rose: the flower is written small.
            yield from _everywhere(text, re.escape(part.capitalize()), ignore_case=False)


def _everywhere(text: str, expression: str, *, ignore_case: bool = True) -> Iterator[Span]:
    flags = re.IGNORECASE if ignore_case else re.NOFLAG
    for match in re.finditer(rf"(?<!\w){expression}(?:['\u2019]?s)?(?!\w)", text, flags):
        yield Span(match.start(), match.end(), PersonalData.NAME)
