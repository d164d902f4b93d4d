"""From the first question to the reference: what each press of a button leads to."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from contact_desk.errors import InvalidReportError, SecretUnavailableError, StoreError
from contact_desk.http_api import Answer, Request, answer
from contact_desk.observability import count, logger
from functions.report.form.drafts import Draft, Seal, seal, unseal, unsealed
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
from functions.report.form.rendering import (
    FORM_HEADERS,
    View,
    answer_file,
    answer_page,
    render,
    summary_rows,
)
from functions.report.form.report_body import emergency_body, report_body
from functions.report.reports import Reports, TakenIn, take_in

START = "/report"
RESUME = "resume"
DRAFT, PRESSED = "draft", "press"
CONTINUE, BACK, SEND, CHANGE = "continue", "back", "send", "change:"
BODY_BYTES = 512 * 1024
MOST_FIELDS = 32
TEMPLATES = {"call-999": "call_999.html", "check": "check.html", "signposts": "signposts.html"}


def begin(request: Request, reports: Reports) -> Answer:
    """The first page, with a new report's id in it. Nothing is stored of it."""
    now = reports.clock.now()
    languages = languages_of(reports.force)
    asked = request.query.get("language", "")
    language = asked if asked in languages else languages[0]
    draft = Draft(report_id=str(uuid.uuid4()), begun_at=now, language=language)
    try:
        return _show(EMERGENCY, draft, request, reports)
    except SecretUnavailableError as fault:
        return _not_working(fault, draft, request, reports)


def look(request: Request, reports: Reports) -> Answer:
    """A file of the form's, the way to its beginning from a page that was left, or that there is no such page."""
    name = _name(request)
    if found := file_named(name, reports.force):
        return answer_file(*found, request)
    if name in PAGES or name == RESUME:
        led = answer(HTTPStatus.SEE_OTHER, "")
        led["headers"] |= {**FORM_HEADERS, "location": START}
        return led
    return _tell(HTTPStatus.NOT_FOUND, "not_found", _stranger(reports), request, reports)


def press(request: Request, reports: Reports) -> Answer:
    """A button was pressed on one of the pages; what comes next, with all that was answered so far in it."""
    name = _name(request)
    if name not in PAGES and name != RESUME:
        return _tell(HTTPStatus.NOT_FOUND, "not_found", _stranger(reports), request, reports)
    if len(request.body) > BODY_BYTES:
        return _tell(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", _stranger(reports), request, reports)
    sent = _sent(request.body)
    carried, now = sent.get(DRAFT, ""), reports.clock.now()
    try:
        draft, sealed = unseal(carried, reports.form_seal, now)
    except SecretUnavailableError as fault:
        return _without_seal(fault, name, sent, request, reports)
    if draft is None:
        return _unreadable(sent, request, reports)
    draft = _known_only(draft)
    if name == RESUME:
        renewed = _with(draft, begun_at=now)
        return _show(first_mistaken(draft.answers, reports.force) or CHECK, renewed, request, reports)
    page = PAGES[name]
    draft = _with(draft, answers={**draft.answers, **page.taken(sent)})
    if page is CALL_999 and sent.get(PRESSED) == SEND:
        # Whoever cannot call is heard, whatever is wrong with the page.
        return _send_emergency(draft, carried, request, reports)
    if sealed is not Seal.GOOD:
        return _ask_again(draft, sealed, request, reports)
    return _follow(page, draft, sent.get(PRESSED, CONTINUE), request, reports)


def _follow(page: Page, draft: Draft, pressed: str, request: Request, reports: Reports) -> Answer:
    """The page that a button of a sound page leads to."""
    force, answers = reports.force, draft.answers
    if pressed.startswith(CHANGE):
        return _show(PAGES.get(pressed.removeprefix(CHANGE), CHECK), draft, request, reports)
    mistaken = first_mistaken(answers, force)
    if pressed == BACK:
        back_to_check = draft.checking and page is not CHECK and mistaken is None
        return _show(CHECK if back_to_check else before(page, answers, force), draft, request, reports)
    if page is CALL_999:
        return _show(page, draft, request, reports)
    if page is CHECK:
        if mistaken:
            return _show(mistaken, draft, request, reports, mistakes=mistaken.mistakes(answers))
        return _send(draft, request, reports)
    if mistakes := page.mistakes(answers):
        return _show(page, draft, request, reports, mistakes=mistakes)
    if page is EMERGENCY and answers.get("emergency") == YES:
        return _show(CALL_999, draft, request, reports)
    following = (mistaken or CHECK) if draft.checking else after(page, answers, force)
    if following is CHECK and mistaken:
        following = mistaken
    return _show(following, _with(draft, checking=draft.checking or following is CHECK), request, reports)


def _show(
    page: Page,
    draft: Draft,
    request: Request,
    reports: Reports,
    *,
    mistakes: Mapping[str, str] | None = None,
    sealed: str | None = None,
) -> Answer:
    """A page of the form with what was answered on it before. Raises SecretUnavailableError."""
    force = reports.force
    more: dict[str, Any] = {"asked": page}
    if page is CHECK:
        more["rows"] = summary_rows(draft, force)
    names = force.report_form.signposts_for(draft.answers.get("matter"))
    more["signposts"] = [force.signposts[name] for name in names]
    view = View(
        draft=draft,
        sealed=sealed if sealed is not None else seal(draft, reports.form_seal),
        typed=draft.answers,
        mistakes=mistakes or {},
        more=more,
    )
    html = render(TEMPLATES.get(page.name, "question.html"), page.name, view, force)
    return answer_page(HTTPStatus.OK, html, request)


def _send(draft: Draft, request: Request, reports: Reports) -> Answer:
    """The report goes to the desk; where it does not get there, everything still stands on the page."""
    try:
        taken = take_in(report_body(draft, reports.force), reports)
    except StoreError as fault:
        return _not_sent(fault, CHECK, draft, seal(draft, reports.form_seal), request, reports)
    except InvalidReportError:
        # The form and the report disagree about what is an answer: a slip of ours, which must not lose a report.
        return _not_sent(None, CHECK, draft, seal(draft, reports.form_seal), request, reports)
    return _told("done.html", "done", draft, taken, request, reports)


def _send_emergency(draft: Draft, carried: str, request: Request, reports: Reports) -> Answer:
    """The one mistake that stops it is a text that no report can hold; an odd telephone number is sent as it is."""
    too_long = {
        name: wrong for name, wrong in CALL_999.mistakes(draft.answers).items() if wrong == "too_long"
    }
    if too_long:
        return _show(CALL_999, draft, request, reports, mistakes=too_long, sealed=carried)
    try:
        taken = take_in(emergency_body(draft, reports.force), reports)
    except (StoreError, InvalidReportError) as fault:
        return _not_sent(fault, CALL_999, draft, carried, request, reports)
    return _told("told.html", "told", draft, taken, request, reports)


def _told(
    template: str, page: str, draft: Draft, taken: TakenIn, request: Request, reports: Reports
) -> Answer:
    reachable = draft.answers.get("who") == YES and draft.answers.get("safe") == YES
    view = View(draft=draft, sealed=None, more={"taken": taken, "reachable": reachable})
    return answer_page(HTTPStatus.OK, render(template, page, view, reports.force), request)


def _ask_again(draft: Draft, sealed: Seal, request: Request, reports: Reports) -> Answer:
    """The answers of a page that is too old, or none of ours, for the person to look at before anything goes on."""
    count("ReportFormsRefused")
    kind = "old" if sealed is Seal.OLD else "foreign"
    rows = summary_rows(draft, reports.force)
    held = seal(_with(draft, begun_at=reports.clock.now()), reports.form_seal)
    view = View(draft=draft, sealed=held, more={"rows": rows, "kind": kind})
    status = HTTPStatus.OK if sealed is Seal.OLD else HTTPStatus.BAD_REQUEST
    return answer_page(status, render("resume.html", RESUME, view, reports.force), request)


def _without_seal(
    fault: SecretUnavailableError, name: str, sent: Mapping[str, str], request: Request, reports: Reports
) -> Answer:
    """No page can be judged now. An emergency is taken in all the same; of all else nothing typed is lost."""
    draft = unsealed(sent.get(DRAFT, ""), reports.clock.now())
    if draft is None or name == RESUME:
        return _not_working(fault, draft or _stranger(reports), request, reports)
    page = PAGES[name]
    draft = _with(_known_only(draft), answers={**_known_only(draft).answers, **page.taken(sent)})
    if page is CALL_999 and sent.get(PRESSED) == SEND:
        return _send_emergency(draft, sent.get(DRAFT, ""), request, reports)
    return _not_sent(fault, page, draft, sent.get(DRAFT, ""), request, reports)


def _not_sent(
    fault: Exception | None, page: Page, draft: Draft, carried: str, request: Request, reports: Reports
) -> Answer:
    """The page again, as it was, and that it did not work."""
    _note(fault)
    shown = _show(page, draft, request, reports, mistakes={"": "not_working"}, sealed=carried)
    return {**shown, "statusCode": HTTPStatus.SERVICE_UNAVAILABLE.value}


def _not_working(fault: Exception, draft: Draft, request: Request, reports: Reports) -> Answer:
    _note(fault)
    return _tell(HTTPStatus.SERVICE_UNAVAILABLE, "not_working", draft, request, reports)


def _unreadable(sent: Mapping[str, str], request: Request, reports: Reports) -> Answer:
    """Nothing can be made of what the page carried; what was typed on it is shown, to be copied."""
    count("ReportFormsRefused")
    typed = [text for name, text in sent.items() if name in FIELDS and text.strip()]
    return _tell(HTTPStatus.BAD_REQUEST, "unreadable", _stranger(reports), request, reports, typed=typed)


def _tell(
    status: HTTPStatus, page: str, draft: Draft, request: Request, reports: Reports, **more: Any
) -> Answer:
    view = View(draft=draft, sealed=None, more=more)
    return answer_page(status, render("plain.html", page, view, reports.force), request)


def _note(fault: Exception | None) -> None:
    count("RequestFaults")
    if fault is not None:
        logger.append_keys(fault=type(fault).__name__)


def _stranger(reports: Reports) -> Draft:
    return Draft(report_id="", begun_at=reports.clock.now(), language=languages_of(reports.force)[0])


def _known_only(draft: Draft) -> Draft:
    return _with(draft, answers={name: text for name, text in draft.answers.items() if name in FIELDS})


def _with(draft: Draft, **changed: Any) -> Draft:
    return replace(draft, **changed)


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
