"""What a force file says of privacy: who answers for it, and where people reach them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Privacy(BaseModel):
    """Whom people ask about their data: the controller in law, its data protection officer, and how to reach them."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    controller: Annotated[str, Field(min_length=1, max_length=120)]
    officer: Annotated[str, Field(min_length=1, max_length=120)]
    reach: Annotated[str, Field(min_length=1, max_length=300)]
