"""The fields that platforms' payloads are made of, read the way platforms really write them.

What a contact cannot do without (its id, its words) is read strictly: where that is broken the whole event becomes
an unreadable card. Everything else is `Lenient`: broken means absent, and the person's words still arrive.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from contact_desk.contacts import clean_text

MILLISECONDS_FROM = 1e12  # as seconds it would be the year 33658; platforms mix both units in one field
EARLIEST, LATEST = datetime(2004, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
NAME_CHARACTERS = 200

# Printable ASCII: anything else could not be a key of the table; `#` is what keys are joined with.
IDENTIFIER = r"^[!-\"$-~]{1,512}$"

T = TypeVar("T")


class Payload(BaseModel):
    """A part of a platform's payload: what it holds beyond the named fields is ignored."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True, populate_by_name=True)


def _text_of_integer(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def read_moment(value: object) -> datetime | None:
    """The moment that a number or text tells: seconds, milliseconds or ISO 8601; None where it tells none.

    A moment before there was a platform, or after 2100, is none.
    """
    try:
        if isinstance(value, str) and not re.fullmatch(r"\d{1,16}(\.\d{1,9})?", value, re.ASCII):
            moment = datetime.fromisoformat(value)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        elif isinstance(value, (int, float, str)) and not isinstance(value, bool):
            seconds = float(value)
            moment = datetime.fromtimestamp(seconds / 1000 if seconds >= MILLISECONDS_FROM else seconds, UTC)
        else:
            return None
        return moment.astimezone(UTC) if EARLIEST <= moment <= LATEST else None
    except (ValueError, OverflowError, OSError):
        return None


def read_identifier(value: object) -> str | None:
    """A platform's id, which may come as an integer; None where it is not of an id's form."""
    text = _text_of_integer(value)
    return text if isinstance(text, str) and re.fullmatch(IDENTIFIER, text) else None


def _none_if_broken(value: object, read: ValidatorFunctionWrapHandler) -> object:
    try:
        return read(value)
    except ValidationError:
        return None


def _those_readable(values: object, read: ValidatorFunctionWrapHandler) -> tuple[object, ...]:
    if isinstance(values, dict):
        values = [values]  # one of them, not wrapped
    if not isinstance(values, list):
        return ()
    readable = (_none_if_broken([value], read) for value in values)
    return tuple(value for single in readable if isinstance(single, tuple) for value in single)


Lenient = Annotated[T | None, WrapValidator(_none_if_broken)]
NativeId = Annotated[str, BeforeValidator(_text_of_integer), StringConstraints(pattern=IDENTIFIER)]
Moment = Annotated[datetime | None, BeforeValidator(read_moment)]
Words = Annotated[str, BeforeValidator(lambda value: clean_text(value) if isinstance(value, str) else value)]
Name = Annotated[Words, AfterValidator(lambda name: name[:NAME_CHARACTERS])]
Kind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[!-~]{1,4096}$")]
Several = Annotated[tuple[T, ...], WrapValidator(_those_readable)]
