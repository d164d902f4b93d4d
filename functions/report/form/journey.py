"""From the first question to the reference: what each press of a button leads to."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import parse_qs

from contact_desk.errors import SecretUnavailableError
from contact_desk.http_api import Answer, Request, answer
from functions.report.form.drafts import Draft, Seal, unseal, unsealed
from functions.report.form.files import file_named
from functions.report.form.messages import languages_of
from functions.report.form.questions import (
    CALL_999,
    CHECK,
    EMERGENCY,
    FIELDS,
    PAGES,
    YES,
    Page,
    after,
    before,
    first_mistaken,
)
from functions.report.form.rendering import FORM_HEADERS, answer_file
from functions.report.form.visit import RESUME, Visit
from functions.report.reports import Reports

START = "/report"
DRAFT, PRESSED = "draft", "press"
CONTINUE, BACK, SEND, CHANGE, LANGUAGE = "continue", "back", "send", "change:", "language:"
BODY_BYTES = 512 * 1024
MOST_FIELDS = 32


def begin(request: Request, reports: Reports) -> Answer:
    """The first page, with a new report's id in it. Nothing is stored of it."""
    visit, languages = Visit(request, reports), languages_of(reports.force)
    asked = request.query.get("language", "")
    draft = Draft(
        report_id=str(uuid.uuid4()),
        begun_at=reports.clock.now(),
        language=asked if asked in languages else languages[0],
    )
    try:
        return visit.show(EMERGENCY, draft)
    except SecretUnavailableError as fault:
        return visit.not_working(fault, draft)


def look(request: Request, reports: Reports) -> Answer:
    """A file of the form's, the way to its beginning from a page that was left, or that there is no such page."""
    name = _name(request)
    if found := file_named(name, reports.force):
        return answer_file(*found, request)
    if name in PAGES or name == RESUME:
        led = answer(HTTPStatus.SEE_OTHER, "")
        led["headers"] |= {**FORM_HEADERS, "location": START}
        return led
    return Visit(request, reports).tell(HTTPStatus.NOT_FOUND, "not_found")


def press(request: Request, reports: Reports) -> Answer:
    """A button was pressed on one of the pages; what comes next, with all that was answered so far in it."""
    name, visit = _name(request), Visit(request, reports)
    if name not in PAGES and name != RESUME:
        return visit.tell(HTTPStatus.NOT_FOUND, "not_found")
    if len(request.body) > BODY_BYTES:
        return visit.tell(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")
    sent = _sent(request.body)
    try:
        draft, sealed = unseal(sent.get(DRAFT, ""), reports.form_seal, reports.clock.now())
    except SecretUnavailableError as fault:
        return _without_seal(fault, name, sent, visit)
    if draft is None:
        return visit.unreadable(sent)
    if name == RESUME:
        return _resume(draft, visit)
    return _read(PAGES[name], draft, sealed, sent, visit)


def _read(page: Page, draft: Draft, sealed: Seal, sent: Mapping[str, str], visit: Visit) -> Answer:
    """What follows from a page that can be judged, and from what was entered on it."""
    draft, pressed = _entered(draft, page, sent), sent.get(PRESSED, CONTINUE)
    if page is CALL_999 and pressed == SEND:
        # Whoever cannot call is heard, whoever's page it is.
        return visit.send_emergency(draft, sent.get(DRAFT, ""))
    if sealed is not Seal.GOOD:
        return visit.ask_again(draft, sealed)
    if pressed.startswith(LANGUAGE):
        asked = pressed.removeprefix(LANGUAGE)
        known = asked in languages_of(visit.reports.force)
        return visit.show(page, replace(draft, language=asked if known else draft.language))
    if pressed.startswith(CHANGE):
        return visit.show(PAGES.get(pressed.removeprefix(CHANGE), CHECK), draft)
    if pressed == BACK:
        return visit.show(_back(page, draft, visit.reports), draft)
    return _onward(page, draft, visit)


def _onward(page: Page, draft: Draft, visit: Visit) -> Answer:
    """The page after this one, unless something on this one is wrong; after the last one, the reference."""
    force, answers, came_from = visit.reports.force, draft.answers, page
    if page is EMERGENCY and answers.get("emergency") == YES:
        page = CALL_999
    if page is CALL_999:
        # Enter in a field presses no button that a person chose: nothing goes, and the page says so.
        return visit.show(page, draft, mistakes={"": "not_sent"} if came_from is CALL_999 else None)
    if mistakes := page.mistakes(answers):
        return visit.show(page, draft, mistakes=mistakes)
    lacking = first_mistaken(answers, force)
    if page is CHECK and lacking:
        return visit.show(lacking, draft, mistakes=lacking.mistakes(answers))
    if page is CHECK:
        return visit.send(draft)
    following = CHECK if draft.checking else after(page, answers, force)
    return _show_or_check(lacking if following is CHECK else following, draft, visit)


def _back(page: Page, draft: Draft, reports: Reports) -> Page:
    """The page before; from a change of one answer, the check, where all others are good."""
    changing = draft.checking and page is not CHECK
    if changing and first_mistaken(draft.answers, reports.force) is None:
        return CHECK
    return before(page, draft.answers, reports.force)


def _resume(draft: Draft, visit: Visit) -> Answer:
    """Somebody has looked at their own answers again, and goes on."""
    known = {name: text for name, text in draft.answers.items() if name in FIELDS}
    renewed = replace(draft, answers=known, begun_at=visit.reports.clock.now())
    return _show_or_check(first_mistaken(known, visit.reports.force), renewed, visit)


def _show_or_check(page: Page | None, draft: Draft, visit: Visit) -> Answer:
    return visit.show(page or CHECK, replace(draft, checking=draft.checking or page is None))


def _without_seal(fault: SecretUnavailableError, name: str, sent: Mapping[str, str], visit: Visit) -> Answer:
    """No page can be judged now. An emergency is taken in all the same; of all else nothing typed is lost."""
    carried = sent.get(DRAFT, "")
    draft = unsealed(carried, visit.reports.clock.now())
    if draft is None or name == RESUME:
        return visit.not_working(fault, draft)
    page = PAGES[name]
    draft = _entered(draft, page, sent)
    if page is CALL_999 and sent.get(PRESSED) == SEND:
        return visit.send_emergency(draft, carried)
    return visit.not_done(fault, page, draft, carried)


def _entered(draft: Draft, page: Page, sent: Mapping[str, str]) -> Draft:
    """The draft with what was entered on the page; in it is nothing that the form does not ask."""
    known = {name: text for name, text in draft.answers.items() if name in FIELDS}
    return replace(draft, answers={**known, **page.taken(sent)})


def _name(request: Request) -> str:
    return request.path.rpartition("/")[2]


def _sent(body: bytes) -> dict[str, str]:
    """The fields of a form; the last one of a name counts, and what is no form has none."""
    try:
        fields = parse_qs(
            body.decode("utf-8", errors="replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS
        )
    except ValueError:
        return {}
    return {name: values[-1] for name, values in fields.items()}
