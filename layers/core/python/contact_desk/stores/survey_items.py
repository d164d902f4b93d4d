"""Surveys as items of the table, and back."""

from __future__ import annotations

from contact_desk.clock import from_rfc3339
from contact_desk.numbers.surveys import Survey, SurveyAnswer
from contact_desk.stores import keys
from contact_desk.stores.items import Plain


def survey_item(survey: Survey) -> Plain:
    """A survey as an item, counted with its case."""
    return {
        **keys.survey(survey.token),
        **keys.counted_with_case(survey.case_id, survey.answered_at or survey.asked_at),
        "case_id": survey.case_id,
        "asked_at": survey.asked_at,
        "answer": survey.answer,
        "answered_at": survey.answered_at,
    }


def survey_from_item(fields: Plain) -> Survey:
    """The survey of an item."""
    return Survey(
        case_id=fields["case_id"],
        asked_at=from_rfc3339(fields["asked_at"]),
        answer=SurveyAnswer(fields["answer"]) if fields.get("answer") else None,
        answered_at=from_rfc3339(fields["answered_at"]) if fields.get("answered_at") else None,
    )
