"""Is this really from the police? What is published has a page; here answers who is asked for what has none."""

from __future__ import annotations

import re
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path

from jinja2 import Template

from contact_desk.clock import CROCKFORD_BASE32
from contact_desk.force_file import ForceFile
from contact_desk.http_api import Answer, Request, answer
from contact_desk.observability import count
from contact_desk.post_links import post_in
from contact_desk.references import check_letter
from contact_desk.web_pages import PAGE_HEADERS, PAGE_TYPE, page_templates
from functions.report.reports import Reports

TEMPLATES = Path(__file__).with_name("templates")
LOOK_UP = "look-up"
# Whatever people make of the dashes, and the letters that Crockford's alphabet leaves out for looking like numbers.
_WRITTEN = re.compile(r"(?:[\s._\u2010-\u2015/-]*[0-9A-Z]){9}")
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
LONGEST_QUESTION = 300
BODY = 8


def answer_look_up(request: Request, reports: Reports) -> Answer:
    """Leads what was typed to the page that it would have; for what has no page says that we did not publish it."""
    force = reports.force
    asked = request.path.removeprefix("/live/")
    if asked == LOOK_UP:
        question = request.query.get("reference", "").strip()[:LONGEST_QUESTION]
        if not question:
            return _page(force, HTTPStatus.OK, reference=None, asked=False)
        if reference := reference_in(question, force.short_code):
            return _lead_to(f"/live/{reference}")
        if post := post_in(question):
            return _lead_to(f"/live/{post}")
        asked = ""
    count("UnknownReferences")
    return _page(force, HTTPStatus.NOT_FOUND, reference=reference_in(asked, force.short_code), asked=True)


def reference_in(text: str, short_code: str) -> str | None:
    """The first reference of the force's in the text, a link too, as it should be written; None where there is none.

    Its check letter must be right, so that a slip of the finger is not looked up in vain.
    """
    capitals = text.upper()
    for start in re.finditer(rf"(?<![0-9A-Z]){re.escape(short_code)}", capitals):
        found = _WRITTEN.match(capitals, start.end())
        if found is None:
            continue
        letters = re.sub(r"[^0-9A-Z]", "", found[0]).translate(_MISREAD)
        body, check = letters[:BODY], letters[BODY]
        if set(letters) <= set(CROCKFORD_BASE32) and check_letter(body) == check:
            return f"{short_code}-{body[:4]}-{body[4:]}-{check}"
    return None


def _lead_to(path: str) -> Answer:
    led = answer(HTTPStatus.SEE_OTHER, "")
    led["headers"] |= {"location": path, "cache-control": "no-store", **PAGE_HEADERS}
    return led


def _page(force: ForceFile, status: HTTPStatus, *, reference: str | None, asked: bool) -> Answer:
    body = _template().render(
        asked=asked,
        force=force.name,
        from_abroad=force.phones.from_abroad,
        non_emergency=force.phones.non_emergency,
        reference=reference,
        short_code=force.short_code,
        trial=False,
    )
    shown = answer(status, body, PAGE_TYPE)
    # It may be published the next moment.
    shown["headers"] |= {"cache-control": "max-age=1", **PAGE_HEADERS}
    return shown


@lru_cache(maxsize=1)
def _template() -> Template:
    return page_templates(TEMPLATES).get_template("not_published.html")
