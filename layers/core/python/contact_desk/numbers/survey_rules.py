"""Whom to ask the one question after their case, and in which words: the force's rules, and what keeps it safe."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from string import Formatter
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from contact_desk.cases import Case, CaseState, Disposition
from contact_desk.contacts import Surface
from contact_desk.conversations import Conversation
from contact_desk.grades import Band, Grade
from contact_desk.numbers.definitions import SIGNIFICANT_ENDS
from contact_desk.numbers.surveys import survey_token
from contact_desk.outbox import OutboxKind, has_sender
from contact_desk.promises import promises_in

ASKED_AFTER = SIGNIFICANT_ENDS - {Disposition.EMERGENCY_TRANSFER, Disposition.ANSWERED_ELSEWHERE}
WINDOW_RESERVE = timedelta(minutes=10)
"""So long the reply window must still be open: the question is not worth a refused message."""
PLACEHOLDERS = frozenset({"force", "reference", "link"})


def _carries_the_link(text: str) -> str:
    try:
        used = {field for _, field, _, _ in Formatter().parse(text) if field is not None}
    except ValueError:
        raise ValueError("every brace in it must belong to a placeholder") from None
    if "link" not in used or not used <= PLACEHOLDERS:
        raise ValueError("it needs {link}, and may have {force} and {reference} beside it")
    if promised := list(promises_in(text)):
        raise ValueError(f"promises {promised[0].kind}")
    return text


Question = Annotated[str, Field(min_length=1, max_length=600), AfterValidator(_carries_the_link)]


class SurveyRules(BaseModel):
    """The survey's part of the force file: how long after the close, how many of a hundred, in which words."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    after_minutes: Annotated[int, Field(ge=1, le=24 * 60)]
    share_percent: Annotated[int, Field(ge=1, le=100)]
    texts: Annotated[Mapping[Annotated[str, Field(pattern=r"^[a-z]{2}$")], Question], Field(min_length=1)]

    @property
    def after(self) -> timedelta:
        """How long after the close the person is asked."""
        return timedelta(minutes=self.after_minutes)

    def text_for(self, language: str | None) -> tuple[str, str]:
        """The language to ask in, and the question: the person's own where there is one, else the first."""
        asked_in = language if language and language in self.texts else next(iter(self.texts))
        return asked_in, self.texts[asked_in]

    def chosen(self, case_id: str) -> bool:
        """Whether the case is one of those that are asked about: the same case always gets the same answer."""
        return zlib.crc32(survey_token(case_id).encode("ascii")) % 100 < self.share_percent


def may_be_asked(case: Case, now: datetime) -> bool:
    """Whether the person of a closed case may be asked, as far as the case tells.

    In private, where we can write; never after an emergency or with a marker of any kind; not one who had a case a
    few days before, nor one who has told an operator already.
    """
    window_open = case.reply_until is None or case.reply_until - WINDOW_RESERVE > now
    return (
        case.state is CaseState.CLOSED
        and case.disposition in ASKED_AFTER
        and case.surface is Surface.PRIVATE
        and has_sender(OutboxKind.MESSAGE, case.channel)
        and case.grade is not Grade.EMERGENCY
        and case.band is not Band.RED
        and not case.markers
        and case.previous_case is None
        and case.survey is None
        and window_open
    )


def is_safe_to_ask(case: Case, conversation: Conversation | None) -> bool:
    """Whether nothing in the conversation speaks against it: no safe-contact rule, no marker, no newer case."""
    if conversation is None or conversation.current is None:
        return False
    current, rule = conversation.current, conversation.safe_contact
    return (
        current.case_id == case.case_id
        and current.state is CaseState.CLOSED
        and not current.markers
        and conversation.emergency_text_at is None
        and (rule is None or not rule.restricts)
    )
