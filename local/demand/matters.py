"""Matters: a person with something to say, how they say it, and what the desk's people will do about it."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from contact_desk.cases import Disposition
from contact_desk.numbers.origins import LearntFrom, Origin
from contact_desk.numbers.surveys import SurveyAnswer

WORDS = Path(__file__).with_name("words.toml")
MORE, EMERGENCY, NOT_POLICE, THANKS, SPAM = "more", "emergency", "not_police", "thanks", "spam"
MESSAGES_A_MATTER = 6.0
X_MENTION = "x_mention"
# Where matters begin, in parts of a hundred; a mention on X is one post, and so is a report.
WAYS: Mapping[str, int] = {
    "messenger": 46, "facebook_page": 14, "report_form": 22, "sms": 8, X_MENTION: 4, "x": 6,
}  # fmt: skip
ONE_MESSAGE = frozenset({"report_form", X_MENTION})
PUBLIC = frozenset({"facebook_page", X_MENTION})
ABROAD_SHARE = 0.03
ABROAD: Mapping[str, tuple[str, str, int]] = {
    "US": ("+1212555", "the USA", 5),
    "AU": ("+61412", "Australia", 4),
    "CA": ("+1416555", "Canada", 2),
    "IE": ("+35385", "Ireland", 2),
    "ES": ("+346", "Spain", 1),
}
SURVEY_RESPONSE = 0.35
SURVEY = {
    SurveyAnswer.RANG_101: 61, SurveyAnswer.NO_CONTACT: 27, SurveyAnswer.RANG_999: 3, SurveyAnswer.UNKNOWN: 9,
}  # fmt: skip
LATER = datetime.min.replace(tzinfo=UTC)
LEFT_OPEN, CLAIM_LOST, COMES_BACK, REDELIVERED = 0.004, 0.02, 0.03, 0.01


@dataclass(frozen=True, slots=True)
class Message:
    """One thing that the person writes; `number` makes its ids its own."""

    number: int
    at: datetime
    text: str
    redelivered: bool = False


@dataclass(frozen=True, slots=True)
class Handling:
    """What people do about a case, counted from its opening; None for what never happens.

    `loses_claim` is when somebody claims it and forgets it, `closes` by `disposition`.
    """

    sees: timedelta
    replies: timedelta | None
    closes: timedelta | None
    disposition: Disposition
    loses_claim: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Matter:
    """One person's matter on one channel: `way` is the channel, or `x_mention` for a post that mentions the force.

    `returns` is how long after its close the person writes again, and what is done about that case; `survey` what they
    answer if they are asked.
    """

    number: int
    kind: str
    way: str
    person: str
    origin: Origin | None
    messages: tuple[Message, ...]
    handling: Handling
    survey: SurveyAnswer | None
    returns: tuple[timedelta, Message, Handling] | None = None

    @property
    def channel(self) -> str:
        """The channel as the desk names it."""
        return "x" if self.way == X_MENTION else self.way


@dataclass(slots=True)
class Population:
    """Makes matters; the same seed makes the same ones. `ways` are those that the force has channels for."""

    chance: random.Random
    ways: Sequence[str]
    messages_a_matter: float = MESSAGES_A_MATTER
    _matters: int = 0
    _messages: int = 0

    def matter(self, at: datetime, *, kind: str | None = None, way: str | None = None) -> Matter:
        """The next matter, which begins at this moment."""
        chance, self._matters = self.chance, self._matters + 1
        words = _words()
        kind = kind or _chosen(chance, {name: each["share"] for name, each in words.items() if name != MORE})
        way = way or _chosen(chance, {name: WAYS[name] for name in self.ways})
        person, origin, opening = self._person(way, chance.choice(words[kind]["opens"]))
        messages = [self._message(at, opening)]
        if way not in ONE_MESSAGE:
            messages += self._more(at)
        handling = self._handling(kind, messages[-1].at - at)
        return Matter(
            number=self._matters,
            kind=kind,
            way=way,
            person=person,
            origin=origin,
            messages=tuple(messages),
            handling=handling,
            survey=_chosen(chance, SURVEY) if chance.random() < SURVEY_RESPONSE else None,
            returns=self._returns(kind, way, handling),
        )

    def _message(self, at: datetime, text: str) -> Message:
        self._messages += 1
        return Message(self._messages, at, text, redelivered=self.chance.random() < REDELIVERED)

    def _more(self, at: datetime) -> list[Message]:
        """What comes after the first message: a number of messages that falls off as people lose interest."""
        written = []
        while self.chance.random() < 1 - 1 / self.messages_a_matter:
            at += timedelta(seconds=round(20 + self.chance.expovariate(1 / 240), 3))
            written.append(self._message(at, self.chance.choice(_words()[MORE]["opens"])))
        return written

    def _person(self, way: str, opening: str) -> tuple[str, Origin | None, str]:
        """Who writes, from where, and the words that say so where nothing else does."""
        chance = self.chance
        digits = f"{chance.randrange(10**15, 10**16)}"
        abroad = chance.random() < ABROAD_SHARE
        country = _chosen(chance, {code: each[2] for code, each in ABROAD.items()}) if abroad else "GB"
        if way == "sms":
            prefix = ABROAD[country][0] if abroad else "+44770090"
            return prefix + digits[:6], Origin(country, LearntFrom.PHONE), opening
        if not abroad:
            return digits, None, opening
        if way == "report_form":
            return digits, Origin(country, LearntFrom.FORM), opening
        return digits, Origin(country, LearntFrom.TEXT), f"{opening}. I live in {ABROAD[country][1]}"

    def _handling(self, kind: str, until_last: timedelta) -> Handling:
        chance = self.chance
        urgent = kind == EMERGENCY
        sees = _about(chance, 45 if urgent else 420)
        wordless = kind in {THANKS, SPAM, NOT_POLICE}
        replies = None if wordless else sees + _about(chance, 60 if urgent else 300)
        # Nobody closes a case while its person is still writing.
        closes = max(until_last, replies or sees) + timedelta(seconds=30) + _about(chance, 2400)
        lost = sees if chance.random() < CLAIM_LOST else None
        if lost is not None:
            sees, closes = lost, closes + timedelta(hours=1)
            replies = None if replies is None else lost + timedelta(minutes=45)
        ends = {Disposition(name): weight for name, weight in _words()[kind]["ends"].items()}
        return Handling(
            sees=sees,
            replies=replies,
            closes=None
            if chance.random() < LEFT_OPEN
            else max(closes, (replies or sees) + timedelta(minutes=2)),
            disposition=_chosen(chance, ends),
            loses_claim=lost,
        )

    def _returns(self, kind: str, way: str, handling: Handling) -> tuple[timedelta, Message, Handling] | None:
        """The same person on the same matter, hours later: a repeat."""
        once = way in ONE_MESSAGE or way in PUBLIC or kind in {THANKS, SPAM, EMERGENCY}
        if once or handling.closes is None or self.chance.random() >= COMES_BACK:
            return None
        after = timedelta(hours=2) + _about(self.chance, 2 * 3600)
        second = replace(
            self._handling("update", timedelta(0)), disposition=Disposition.REPEAT, loses_claim=None
        )
        # When it comes is only known once the first case is closed.
        return after, self._message(LATER, "Is there any news? I wrote to you before"), second


def ways_of(channels: Sequence[str]) -> list[str]:
    """The ways in which matters can begin at a force with these channels."""
    return [way for way in WAYS if (way.removesuffix("_mention") in channels) or way == "report_form"]


@cache
def _words() -> dict[str, dict[str, Any]]:
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))


def _chosen(chance: random.Random, weights: Mapping[Any, float]) -> Any:
    return chance.choices(list(weights), list(weights.values()))[0]


def _about(chance: random.Random, median_seconds: float) -> timedelta:
    """A duration around a median, with the long tail that work has."""
    return timedelta(seconds=round(median_seconds * chance.lognormvariate(0, 0.8), 3))
