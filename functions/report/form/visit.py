"""What one request to the form is answered with: a page of it, or why there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from contact_desk.errors import InvalidReportError, StoreError
from contact_desk.http_api import Answer, Request
from contact_desk.observability import count, logger
from functions.report.form.drafts import Draft, Seal, seal
from functions.report.form.messages import languages_of
from functions.report.form.questions import CALL_999, CHECK, FIELDS, YES, Page
from functions.report.form.rendering import View, answer_page, messages_of, render, summary_rows
from functions.report.form.report_body import emergency_body, report_body
from functions.report.reports import Reports, take_in

RESUME = "resume"
TEMPLATES = {"call-999": "call_999.html", "check": "check.html", "signposts": "signposts.html"}


@dataclass(frozen=True, slots=True)
class Visit:
    """One request, and what the form works with."""

    request: Request
    reports: Reports

    def show(
        self,
        page: Page,
        draft: Draft,
        *,
        mistakes: Mapping[str, str] | None = None,
        carried: str | None = None,
        status: HTTPStatus = HTTPStatus.OK,
    ) -> Answer:
        """A page with what was answered on it before, and what is wrong with that.

        It carries the draft, sealed anew, or what the page before it `carried`. Raises SecretUnavailableError.
        """
        force = self.reports.force
        names = force.report_form.signposts_for(draft.answers.get("matter"))
        language = messages_of(draft, force).language
        view = View(
            draft=draft,
            sealed=seal(draft, self.reports.form_seal) if carried is None else carried,
            typed=draft.answers,
            mistakes=mistakes or {},
            more={
                "asked": page,
                "rows": summary_rows(draft, force) if page is CHECK else [],
                "signposts": [force.signposts[name].words(language) for name in names],
            },
        )
        html = render(TEMPLATES.get(page.name, "question.html"), page.name, view, force)
        return answer_page(status, html, self.request)

    def tell(
        self, status: HTTPStatus, page: str, draft: Draft | None = None, typed: tuple[str, ...] = ()
    ) -> Answer:
        """A page that carries nothing on, and says why."""
        view = View(draft=draft or self.stranger, sealed=None, more={"typed": typed})
        return answer_page(status, render("plain.html", page, view, self.reports.force), self.request)

    def send(self, draft: Draft) -> Answer:
        """The report goes to the desk; where it does not get there, everything still stands on the page."""
        carried = seal(draft, self.reports.form_seal)
        return self._send(CHECK, draft, carried, report_body, "done")

    def send_emergency(self, draft: Draft, carried: str) -> Answer:
        """The desk is told of an emergency, whatever is wrong with the page.

        The one mistake that stops it is a text that no report can hold; an odd telephone number is sent as it is.
        """
        mistakes = CALL_999.mistakes(draft.answers).items()
        if too_long := {name: wrong for name, wrong in mistakes if wrong == "too_long"}:
            return self.show(CALL_999, draft, mistakes=too_long, carried=carried)
        return self._send(CALL_999, draft, carried, emergency_body, "told")

    def ask_again(self, draft: Draft, sealed: Seal) -> Answer:
        """The answers of a page that is too old, or none of ours, for the person to look at before anything goes on."""
        count("ReportFormsRefused")
        force, old = self.reports.force, sealed is Seal.OLD
        renewed = replace(draft, begun_at=self.reports.clock.now())
        view = View(
            draft=draft,
            sealed=seal(renewed, self.reports.form_seal),
            more={"rows": summary_rows(draft, force), "kind": "old" if old else "foreign"},
        )
        status = HTTPStatus.OK if old else HTTPStatus.BAD_REQUEST
        return answer_page(status, render("resume.html", RESUME, view, force), self.request)

    def unreadable(self, sent: Mapping[str, str]) -> Answer:
        """Nothing can be made of what the page carried; what was typed on it is shown, to be copied."""
        count("ReportFormsRefused")
        typed = tuple(text for name, text in sent.items() if name in FIELDS and text.strip())
        return self.tell(HTTPStatus.BAD_REQUEST, "unreadable", typed=typed)

    def not_done(self, fault: Exception, page: Page, draft: Draft, carried: str) -> Answer:
        """The page again, as it was, and that it did not work."""
        self.note(fault)
        status = HTTPStatus.SERVICE_UNAVAILABLE
        return self.show(page, draft, mistakes={"": "not_working"}, carried=carried, status=status)

    def not_working(self, fault: Exception, draft: Draft | None = None) -> Answer:
        """There is no page without a key to seal it with."""
        self.note(fault)
        return self.tell(HTTPStatus.SERVICE_UNAVAILABLE, "not_working", draft)

    @property
    def stranger(self) -> Draft:
        """Somebody of whom nothing is known."""
        language = languages_of(self.reports.force)[0]
        return Draft(report_id="", begun_at=self.reports.clock.now(), language=language)

    def note(self, fault: Exception) -> None:
        """Count it, and say in the log what kind of fault it was."""
        count("RequestFaults")
        logger.append_keys(fault=type(fault).__name__)

    def _send(
        self, page: Page, draft: Draft, carried: str, body: Callable[[Draft, Any], bytes], told: str
    ) -> Answer:
        force = self.reports.force
        try:
            taken = take_in(body(draft, force), self.reports)
        except (StoreError, InvalidReportError) as fault:
            # A form that lets through what no report may hold is a slip of ours, and must not lose one either.
            return self.not_done(fault, page, draft, carried)
        reachable = draft.answers.get("who") == YES and draft.answers.get("safe") == YES
        view = View(draft=draft, sealed=None, more={"taken": taken, "reachable": reachable})
        return answer_page(HTTPStatus.OK, render(f"{told}.html", told, view, force), self.request)
