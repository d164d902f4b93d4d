"""An override: a person's word on what the machine decided. It is kept for learning, and holds no contact's words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contact_desk.grades import Band


class OverriddenField(StrEnum):
    """What a person decided: a grade in place of the case's, or how the case ended."""

    GRADE = "grade"
    DISPOSITION = "disposition"


@dataclass(frozen=True, slots=True)
class Override:
    """One act of one operator: `before` is the case's grade, `after` the new grade or the disposition.

    `band` is the machine's reading, `why` the operator's own reason (empty with a disposition), `versions` are those of
    the rules and models that decided on the case's contacts.
    """

    override_id: str
    at: datetime
    case_id: str
    by: str
    field: OverriddenField
    before: str
    after: str
    band: Band
    why: str
    versions: tuple[str, ...]
