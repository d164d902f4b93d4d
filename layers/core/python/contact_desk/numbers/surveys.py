"""The one question that people are asked after their case: what they would have done without the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contact_desk.references import digest_id


class SurveyAnswer(StrEnum):
    """What the person would have done: rung 101, rung 999, not made contact, or they do not know."""

    RANG_101 = "101"
    RANG_999 = "999"
    NO_CONTACT = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Survey:
    """The question that the person of one case was asked: when, and what they answered, if they did."""

    case_id: str
    asked_at: datetime
    answer: SurveyAnswer | None = None
    answered_at: datetime | None = None

    @property
    def token(self) -> str:
        """What the question's link carries in place of a name."""
        return survey_token(self.case_id)


def survey_token(case_id: str) -> str:
    """The token of a case's question: nobody can guess it who does not know the case's id, which no person is told."""
    return digest_id("survey", case_id)
