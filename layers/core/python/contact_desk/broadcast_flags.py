"""What an approver should look at twice: words that may identify a victim, name the dead, or state guilt.

Nothing here refuses: a missing person is named because they are missing. Each flag says the words and why they matter;
the second person decides. Sources: Sexual Offences (Amendment) Act 1992 (lifelong anonymity), Contempt of Court Act
1981, Children and Young Persons Act 1933 section 49, the College of Policing's guidance on relations with the media.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

from contact_desk.broadcasts import Wording


class FlagKind(StrEnum):
    """What may be wrong with the words."""

    VICTIM = "victim"
    DEATH = "death"
    GUILT = "guilt"


@dataclass(frozen=True, slots=True)
class Flag:
    """Words found in a field, and what to ask oneself about them."""

    field: str
    kind: FlagKind
    words: str
    reason: str


class Rule(NamedTuple):
    """Words that are flagged; `pattern` meets the text of one field."""

    kind: FlagKind
    reason: str
    pattern: re.Pattern[str]


MOST_FLAGS = 200
# Signs that word processors leave inside words, and that nobody sees.
PLACES_TO_BREAK = re.compile("[\u00ad\u200b\u200e\u200f\u2060]")
_NAME = r"[A-Z][\w'\u2019-]+"
_V, _D, _G = FlagKind.VICTIM, FlagKind.DEATH, FlagKind.GUILT


def _rule(kind: FlagKind, reason: str, pattern: str, *, letters_count: bool = False) -> Rule:
    return Rule(kind, reason, re.compile(pattern, 0 if letters_count else re.IGNORECASE))


RULES: tuple[Rule, ...] = (
    _rule(
        _V,
        "a person is named: may the public know who they are, and does their family know that it will?",
        rf"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr)\.? {_NAME}(?: {_NAME})?|\b{_NAME} {_NAME}(?:, \d{{1,3}}(?=[,.]| of | from )| "
        rf"\(\d{{1,3}}\))|\b(?:named|called|identified) as {_NAME}(?: {_NAME})*",
        letters_count=True,
    ),
    _rule(
        _V,
        "an age with a place can be enough to know who it is",
        r"\baged? \d{1,3}\b|\b\d{1,3}[- ]year[- ]olds?\b|\bin (?:his|her|their) (?:early |mid |late |mid-)?(?:teens|"
        r"twenties|thirties|forties|fifties|sixties|seventies|eighties|nineties)\b",
    ),
    _rule(
        _V,
        "victims of sexual offences are anonymous for life: nothing may point to them",
        r"\b(?:rap(?:e|es|ed)|sexual(?:ly)? (?:assault\w*|offen[cs]e\w*|abus\w*|attack\w*)|indecent \w+|upskirt\w*)\b",
    ),
    _rule(
        _V,
        "who is at home with whom points to the person",
        r"\b(?:domestic (?:abuse|violence|incident)|(?:his|her|their) (?:ex-?)?(?:wife|husband|partner|girlfriend|"
        r"boyfriend|mother|father|son|daughter|children))\b",
    ),
    _rule(
        _V,
        "children must not be identified, as victims, witnesses or suspects",
        r"\b(?:boys?|girls?|child(?:ren)?|baby|toddler|teenagers?|pupils?|schoolboys?|schoolgirls?|under[- ]?1[68])\b",
    ),
    _rule(
        _V,
        "a house number points to the people who live there",
        r"\b\d{1,4}[a-z]? (?:[A-Z][\w'\u2019-]+ ){1,3}(?:Street|Road|Avenue|Lane|Close|Drive|Way|Court|Place|Terrace|"
        r"Grove|Crescent|Gardens|St|Rd|Ave)\b",
        letters_count=True,
    ),
    _rule(
        _V,
        "what was done to a person, or how they are, is not for the desk to tell",
        r"\bvictims?\b|\b(?:critical|serious|life[- ](?:threatening|changing)) (?:condition|injur\w+)\b|\bcasualt\w+\b",
    ),
    _rule(
        _D,
        "a death is told by the family's officer first, and publicly by nobody at the desk",
        r"\b(?:dead|died|dies|dying|deaths?|deceased|killed|fatal(?:ly|ity|ities)?|bod(?:y|ies) (?:has|have|was|were|"
        r"found)|human remains|pronounced|passed away|suicide|drowned|murder(?:ed)?|manslaughter)\b",
    ),
    _rule(
        _G,
        "nobody is guilty before a court says so; the proceedings may be active already",
        r"\b(?:guilty|murderers?|killers?|rapists?|paedophiles?|predators?|thugs?|culprits?|offenders?|thie(?:f|ves)|"
        r"burglars?|robbers?|criminals?|attackers?|arsonists?|vandals?|dealers?|terrorists?|gunm[ae]n|knifem[ae]n)\b",
    ),
    _rule(
        _G,
        "this says that a person did it",
        r"\b(?:(?:is|are|was|were) responsible for|has (?:admitted|confessed)|have (?:admitted|confessed)|committed (?:"
        r"the|this|a)|caught red[- ]handed|who did (?:this|it)|previous convictions?|known to (?:the )?police)\b",
    ),
    _rule(
        _G,
        "an arrest or a charge makes proceedings active: say no more than the fact, and nothing of who",
        r"\b(?:arrest(?:ed|s)?|charged|in custody|suspects?)\b",
    ),
)


def flags_of(wording: Wording) -> tuple[Flag, ...]:
    """Every flag on the words of a broadcast, its copies' and further languages' included, each once a field.

    At most the first `MOST_FLAGS`: a page of names would make more of them than an answer holds.
    """
    flags = dict.fromkeys(
        Flag(field, rule.kind, found[0], rule.reason)
        for field, text in _fields(wording)
        for rule in RULES
        for found in rule.pattern.finditer(PLACES_TO_BREAK.sub("", text))
    )
    return tuple(islice(flags, MOST_FLAGS))


def _fields(wording: Wording) -> Iterator[tuple[str, str]]:
    yield from (("what", wording.what), ("where", wording.where), ("do", wording.do))
    yield "area.names", ", ".join(wording.area.names)
    for version in wording.versions:
        yield f"versions.{version.language}", "\n".join((version.what, version.where, version.do))
    for picture in wording.pictures:
        yield "pictures", picture.alt
    for copy in wording.copies:
        yield f"copies.{copy.channel}.text", copy.text
        if copy.alt:
            yield f"copies.{copy.channel}.alt", copy.alt
