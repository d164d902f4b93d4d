"""A deploy in the middle of the desk's work: aliases lead to two versions at once, a tenth of calls more each minute.

As CodeDeploy moves them by `Linear10PercentEvery1Minute`: each call goes to either version by itself, so that what the
one began the other goes on with. Jobs that no alias leads to change at once.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

from tests.simulation.desk_on_moto import Desk
from tests.simulation.lambdas import HANDLERS
from tests.simulation.operator_at_work import OperatorAtWork
from tests.simulation.story import (
    CAT,
    IN_PRIVATE,
    IN_PUBLIC,
    KNIFE,
    ORDINARY,
    QUESTION,
    REPLY,
    SIGNPOSTED,
    Said,
    Story,
    comment,
    message,
    report,
)
from tests.simulation.versions import Version

MINUTES = 11
JOBS = frozenset(name for name in HANDLERS if name.startswith("Sweep")) | {
    "CatchUp",
    "ChannelHealth",
    "Canary",
}
KINDS = ("emergency", "in public", "question", "signposted", "report", "photo")


@dataclass(slots=True)
class Shift:
    """Where aliases lead: `share` of a hundred calls go to the `newer` version; `only` names the functions it is of."""

    older: Version
    newer: Version
    chance: random.Random
    only: frozenset[str] = frozenset(HANDLERS)
    share: int = 0

    def version_for(self, function: str, _worker: int) -> Version:
        """The version that takes this call."""
        if function not in self.only:
            return self.older
        takes_over = function in JOBS or self.chance.randrange(100) < self.share
        return self.newer if takes_over else self.older


@dataclass(slots=True)
class Load:
    """What people write, minute by minute, some of it delivered twice; `said` is all that came, `answered` by people.

    Where there are to be no `questions`, no operator is at work.
    """

    chance: random.Random
    a_minute: int
    questions: bool = True
    said: list[Said] = field(default_factory=list)
    deliveries: list[Said] = field(default_factory=list)
    answered: list[Said] = field(default_factory=list)

    def arrives(self, desk: Desk) -> None:
        """A minute of it: the platform sends again what it is not sure of, and the desk is not always at it at once."""
        for _ in range(self.a_minute):
            said = self._next()
            self.said.append(said)
            for _ in range(self.chance.choice((1, 1, 2))):
                self.deliveries.append(said)
                send = desk.report if said.channel == "report_form" else desk.deliver
                send(said.body)
                if self.chance.random() < 0.5:
                    desk.pump()

    def is_answered(self, desk: Desk) -> None:
        """An operator answers the newest question, and presses three times, since no answer seems to come."""
        asked = [said for said in self.said if said.text == QUESTION and said not in self.answered]
        if asked:
            self.answered.append(asked[-1])
            desk.rest()
            for _ in range(3):
                OperatorAtWork(desk).reply(asked[-1], REPLY)

    def story(self) -> Story:
        """All of it, as the promises are checked against."""
        return Story("a load", tuple(self.said), tuple(self.deliveries), tuple(self.answered))

    def _next(self) -> Said:
        number = 100 + len(self.said)
        match KINDS[len(self.said) % len(KINDS)]:
            case "emergency":
                return message(number, KNIFE, *IN_PRIVATE)
            case "in public":
                return comment(number, KNIFE, *IN_PUBLIC)
            case "question" if self.questions:
                return message(number, QUESTION, *ORDINARY.texts)
            case "question" | "signposted":
                return message(number, CAT, *SIGNPOSTED.texts)
            case "report":
                return report(number, KNIFE, emergency=True)
            case _:
                return replace(message(number, "thanks, that's all I needed"), photo=True)
