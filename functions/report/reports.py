"""Takes in one online report: check, archive, queue. Nothing is answered 201 before archive and queue have it."""

from __future__ import annotations

from http import HTTPStatus
from typing import NamedTuple

import contact_desk
from contact_desk.clock import Clock
from contact_desk.errors import InvalidReportError, UnreadableJsonError
from contact_desk.force_file import ForceFile
from contact_desk.http_api import Answer, Request, answer_json, problem
from contact_desk.observability import count, logger
from contact_desk.ports import Archive, ContactQueue, Secret
from contact_desk.references import reference
from contact_desk.reports import is_emergency_now, report_contact


class Reports(NamedTuple):
    """What the report form works with."""

    force: ForceFile
    archive: Archive
    contacts: ContactQueue
    clock: Clock
    form_seal: Secret


class TakenIn(NamedTuple):
    """What a person is told of a report that the desk has: its reference, and what to do next."""

    reference: str
    next: str


def take_in_report(request: Request, reports: Reports) -> Answer:
    """Take in one report; the same report again gets the same answer. Raises StoreError where it is not kept."""
    try:
        taken = take_in(request.body, reports)
    except UnreadableJsonError:
        return problem(
            HTTPStatus.BAD_REQUEST,
            "validation",
            detail="The body must be one JSON object in UTF-8.",
            errors=[],
        )
    except InvalidReportError as error:
        mistakes = [{"field": field, "message": message} for field, message in error.mistakes.items()]
        # Whoever says that it is happening now learns what to do, whatever else is wrong with the form.
        now = {"next": reports.force.texts_for(None).neutral} if error.emergency_now else {}
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "validation", errors=mistakes, **now)
    return answer_json(HTTPStatus.CREATED, taken._asdict())


def take_in(body: bytes, reports: Reports) -> TakenIn:
    """Take in the bytes of one report, whichever way they came: checked, archived, queued.

    Raises UnreadableJsonError and InvalidReportError for what is no report, StoreError where it is not kept.
    """
    try:
        contact = report_contact(body, reports.force, reports.clock.now())
    except (UnreadableJsonError, InvalidReportError):
        count("ReportsRefused")
        raise
    reports.archive.put(contact.archive_key, body)
    reports.contacts.send([contact])
    count("ContactsReceived")
    logger.append_keys(archive_key=contact.archive_key, contacts=1)
    force = reports.force
    number = reference(force.short_code, contact.key)
    texts = force.texts_for(contact.language)
    text = texts.emergency if is_emergency_now(contact) else texts.acknowledgement
    return TakenIn(number, force.write(text, reference=number))


def tell_health(_request: Request, reports: Reports) -> Answer:
    """That the desk answers, in which version and for which force."""
    return answer_json(HTTPStatus.OK, {"version": contact_desk.__version__, "force": reports.force.name})
