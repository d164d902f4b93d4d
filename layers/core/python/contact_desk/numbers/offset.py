"""What the desk took off the phone line, and what came only because the desk is there: two numbers, never one.

Both are shares of a survey, taken to all significant contacts, with Wilson's interval of 95 per cent (E. B. Wilson,
1927), which holds for small surveys and never leaves 0 to 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from contact_desk.numbers.surveys import SurveyAnswer

Z_95 = 1.959964
"""The standard normal's two-sided 95 per cent."""
FEWEST_ANSWERS = 30
"""With fewer answers the interval is too wide to be told as a number."""
ASSUMPTIONS = (
    "Those who answered are like those who did not answer, and like those whom it was not safe to ask.",
    "People would have done what they say they would have done.",
    "Each significant contact stands for one call: nobody would have rung twice, and nobody rang as well.",
    "The answers are independent of each other; contacts of one person are not told apart from those of several.",
    "The interval speaks of the survey's chance alone, and of none of the above.",
)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number of contacts with the interval that it lies in, 19 times of 20; `share` is the survey's."""

    share: float
    number: int
    lowest: int
    highest: int


@dataclass(frozen=True, slots=True)
class Offset:
    """What a survey of so many answers says of so many significant contacts.

    `off_101` and `off_999` would have been calls, `new_demand` would not have come at all, `unknown` did not know.
    """

    contacts: int
    answers: int
    off_101: Estimate
    off_999: Estimate
    new_demand: Estimate
    unknown: Estimate

    @property
    def told(self) -> bool:
        """Whether there are answers enough to say it as a number."""
        return self.answers >= FEWEST_ANSWERS


def offset(contacts: int, answers: Mapping[SurveyAnswer, int]) -> Offset | None:
    """The offset of the contacts by the survey's answers; None where nobody has answered."""
    asked = sum(answers.values())
    if asked == 0:
        return None

    def estimated(answer: SurveyAnswer) -> Estimate:
        return estimate(contacts, answers.get(answer, 0), asked)

    return Offset(
        contacts=contacts,
        answers=asked,
        off_101=estimated(SurveyAnswer.RANG_101),
        off_999=estimated(SurveyAnswer.RANG_999),
        new_demand=estimated(SurveyAnswer.NO_CONTACT),
        unknown=estimated(SurveyAnswer.UNKNOWN),
    )


def estimate(contacts: int, said: int, asked: int) -> Estimate:
    """How many of the contacts would have said what `said` of `asked` have said."""
    share = said / asked
    lowest, highest = wilson(said, asked)
    return Estimate(share, *(round(contacts * part) for part in (share, lowest, highest)))


def wilson(said: int, asked: int) -> tuple[float, float]:
    """Wilson's interval of a share, at 95 per cent."""
    share, squared = said / asked, Z_95 * Z_95
    middle = (share + squared / (2 * asked)) / (1 + squared / asked)
    half = (
        Z_95 * math.sqrt(share * (1 - share) / asked + squared / (4 * asked * asked)) / (1 + squared / asked)
    )
    return max(0.0, middle - half), min(1.0, middle + half)
