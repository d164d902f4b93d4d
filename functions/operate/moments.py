"""Moments and days that callers name: of this age, so that arithmetic on them has a result."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

from functions.operate.refusals import InvalidFieldsError

FIRST_YEAR, LAST_YEAR = 2000, 2199
NOT_OF_THIS_AGE = f"a time from {FIRST_YEAR} to {LAST_YEAR}"


def of_this_age(moment: datetime | date) -> bool:
    """Whether a moment (by its own clock) or a day lies in the years that the desk can have to do with."""
    return FIRST_YEAR <= moment.year <= LAST_YEAR


def held_to_this_age(**named: datetime | date | None) -> None:
    """Refuse the fields that are of another age; raises InvalidFieldsError."""
    if odd := {name: NOT_OF_THIS_AGE for name, one in named.items() if one and not of_this_age(one)}:
        raise InvalidFieldsError(odd)


def _checked(moment: datetime) -> datetime:
    if not of_this_age(moment):
        raise ValueError(f"must be {NOT_OF_THIS_AGE}")
    return moment.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_checked)]
"""A moment in a body, in UTC."""
