"""What a force puts into its operators' hands: approved texts to answer with, and the model of its risk assessments."""

from __future__ import annotations

from string import Formatter
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contact_desk.promises import promises_in

Language = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
Title = Annotated[str, Field(min_length=1, max_length=80)]
PLACEHOLDERS = frozenset({"force", "reference", "non_emergency", "from_abroad"})
LONGEST_APPROVED = 1000
THRIVE = ("Threat", "Harm", "Risk", "Investigation", "Vulnerability", "Engagement")
PROMPTS = (
    "Repeat victim?",
    "Child present?",
    "Safe to reply?",
    "Scene preservation advice given?",
    "Crime prevention advice given?",
)


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class ApprovedText(_Section):
    """A text that operators may send as it stands or change first, in one or more languages."""

    title: Title
    text: Annotated[dict[Language, str], Field(min_length=1)]

    @model_validator(mode="after")
    def _may_be_sent(self) -> ApprovedText:
        for language, text in self.text.items():
            if not 0 < len(text) <= LONGEST_APPROVED:
                raise ValueError(f"text.{language}: 1 to {LONGEST_APPROVED} characters")
            for promise in promises_in(text):
                raise ValueError(
                    f'text.{language} promises {promise.kind} in "{promise.words}": {promise.reason}'
                )
            try:
                used = {field for _, field, _, _ in Formatter().parse(text) if field is not None}
            except ValueError:
                raise ValueError(f"text.{language}: every brace in it must belong to a placeholder") from None
            if not used <= PLACEHOLDERS:
                raise ValueError(
                    f"text.{language}: the placeholders allowed are {', '.join(sorted(PLACEHOLDERS))}"
                )
        return self


class Thrive(_Section):
    """The force's model of risk assessment: its name, what is written on, and what must be answered."""

    model: Title = "THRIVE"
    elements: Annotated[tuple[Title, ...], Field(min_length=1, max_length=12)] = THRIVE
    prompts: Annotated[tuple[Title, ...], Field(max_length=12)] = PROMPTS
