"""The online report (C7): its fields, and the contact it becomes, alike when it comes and when it is replayed."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationError,
)

from contact_desk.archive_keys import archive_key
from contact_desk.contacts import REPORT_FORM, Act, Contact, Person, Surface, clean_text
from contact_desk.errors import InvalidReportError, UnreadableJsonError
from contact_desk.force_file import ForceFile
from contact_desk.untrusted_json import load_json

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

FIELD_NAME_CHARACTERS = 100
LINE_CHARACTERS = 200
PROSE_CHARACTERS = 2_000
WHAT_CHARACTERS = 10_000
EMAIL_CHARACTERS = 254
PHONE_CHARACTERS = 40
UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE | re.ASCII)

# What a person who fills in the form is told, by pydantic's name of the mistake.
MESSAGES = {
    "bool_type": "must be true or false",
    "extra_forbidden": "is not a field of a report",
    "missing": "is needed",
    "model_type": "must be an object",
    "string_pattern_mismatch": "is not of the form it must have",
    "string_too_long": "must have at most {max_length} characters",
    "string_type": "must be text",
}


def _canonical_uuid(text: str) -> str:
    if not UUID.fullmatch(text):
        raise ValueError("must be a UUID")
    return text.lower()


def _words(value: object) -> object:
    return clean_text(value) if isinstance(value, str) else value


Line = Annotated[str, StringConstraints(max_length=LINE_CHARACTERS), BeforeValidator(_words)]
Prose = Annotated[str, StringConstraints(max_length=PROSE_CHARACTERS), BeforeValidator(_words)]
What = Annotated[str, StringConstraints(max_length=WHAT_CHARACTERS), BeforeValidator(_words)]
Email = Annotated[str, StringConstraints(max_length=EMAIL_CHARACTERS), BeforeValidator(_words)]
Phone = Annotated[str, StringConstraints(max_length=PHONE_CHARACTERS), BeforeValidator(_words)]
ReportId = Annotated[str, AfterValidator(_canonical_uuid)]
LanguageTag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")]


class _Fields(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class ReachedBy(_Fields):
    """How the person can be reached."""

    email: Email | None = None
    phone: Phone | None = None


class SafeContactWish(_Fields):
    """Whether it is safe to get in touch, by what way, and when not."""

    ok: bool
    how: Prose | None = None
    not_when: Prose | None = None


class Report(_Fields):
    """One report as the form sends it; `report_id` is made by the form, so that sending twice is the same report."""

    report_id: ReportId
    emergency_now: bool = False
    matter: Line | None = None
    what: What | None = None
    where: Prose | None = None
    when: Prose | None = None
    country: Line | None = None
    name: Line | None = None
    contact: ReachedBy | None = None
    safe_contact: SafeContactWish | None = None
    language: LanguageTag | None = None


def report_contact(
    body: bytes, force: ForceFile, received_at: datetime, *, archived_as: str | None = None
) -> Contact:
    """The contact that a report's bytes become; `archived_as` is its archive key where it has one already.

    Raises UnreadableJsonError for what is no JSON object, InvalidReportError for a report that breaks a rule.
    """
    fields = load_json(body)
    if not isinstance(fields, dict):
        raise UnreadableJsonError("not_an_object")
    report = _validated(fields)
    return Contact(
        act=Act.CREATED,
        channel=REPORT_FORM,
        account=force.short_code,
        surface=Surface.PRIVATE,
        native_id=report.report_id,
        person=Person(report.report_id, report.name),
        text=report.what or "",
        language=report.language.partition("-")[0].lower() if report.language else None,
        occurred_at=received_at,
        received_at=received_at,
        archive_key=archived_as or archive_key(REPORT_FORM, body, 1, received_at),
        report=report.model_dump(exclude={"report_id", "what"}),
        raw=json.dumps(fields, separators=(",", ":")),
    )


def is_emergency_now(contact: Contact) -> bool:
    """Whether the person said that it is happening now."""
    return contact.report is not None and contact.report.get("emergency_now") is True


def _validated(fields: dict[str, Any]) -> Report:
    mistakes, emergency_now = {}, fields.get("emergency_now") is True
    if not emergency_now and not says_something(fields.get("what")):
        mistakes["what"] = "is needed, unless it is an emergency now"
    try:
        report = Report.model_validate(fields)
    except ValidationError as error:
        for mistake in error.errors(include_input=False, include_url=False):
            mistakes[_path(mistake["loc"])] = _message(mistake)
        raise InvalidReportError(mistakes, emergency_now=emergency_now) from None
    if mistakes:
        raise InvalidReportError(mistakes, emergency_now=emergency_now)
    return report


def says_something(what: object) -> bool:
    """Whether there is anything to be seen in it: a zero-width space is none."""
    return any(not one.isspace() and unicodedata.category(one) != "Cf" for one in str(what or ""))


def _path(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part)[:FIELD_NAME_CHARACTERS] for part in location)


def _message(mistake: ErrorDetails) -> str:
    """What is allowed there, without a word of what was sent."""
    if mistake["type"] in MESSAGES:
        return MESSAGES[mistake["type"]].format(**mistake.get("ctx", {}))
    return mistake["msg"].removeprefix("Value error, ")
