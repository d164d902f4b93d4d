"""The form's pages as HTML: GOV.UK Frontend's components, every word escaped, and what each answer may do."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jinja2 import ChainableUndefined, Environment, FileSystemLoader, PackageLoader, PrefixLoader
from jinja2.loaders import ChoiceLoader

from contact_desk.force_file import ForceFile
from contact_desk.http_api import Answer, Request
from contact_desk.report_form import Matter
from contact_desk.web_pages import PAGE_HEADERS, PAGE_TYPE
from functions.report.form.drafts import Draft
from functions.report.form.files import StaticFile, script, style
from functions.report.form.messages import Messages, languages_of
from functions.report.form.questions import EMERGENCY, Kind, asked_of

PLURALS = ("other", "zero", "one", "two", "few", "many")
TEMPLATES = Path(__file__).with_name("templates")
# Its own style, script and picture, and forms to its own origin; no script may make markup of a text.
FORM_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
FORM_HEADERS = {
    **PAGE_HEADERS,
    "content-security-policy": FORM_POLICY,
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    # Neither a shared computer nor anything on the way keeps what somebody told the police.
    "cache-control": "no-store",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a page shows: the sealed draft that it carries, what stands in its fields, and what is wrong with them."""

    draft: Draft
    sealed: str | None = field(repr=False)
    typed: Mapping[str, str] = field(default_factory=dict, repr=False)
    mistakes: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict, repr=False)


def render(template: str, page: str, view: View, force: ForceFile) -> str:
    """The HTML of one page of the form, in the draft's language where the form has it."""
    m = messages_of(view.draft, force)
    variant = "_advice" if view.draft.answers.get("matter") == Matter.ADVICE else ""

    def say(name: str) -> str | None:
        """This page's sentence of that name, in the wording for whoever wants advice where there is one."""
        return m.any_of(f"{page}.{name}{variant}", f"{page}.{name}")

    def plurals(name: str) -> dict[str, str]:
        """A counting sentence for every form of plural that a language may have: Welsh has them all."""
        return dict.fromkeys(PLURALS, m(f"frame.{name}", count="%{count}"))

    errors = {
        name: say(f"{name}_{wrong}") or say(wrong) or m(f"{wrong}.kept")
        for name, wrong in view.mistakes.items()
    }
    return (
        environment()
        .get_template(template)
        .render(
            errors=errors,
            exit_to=force.report_form.exit_to,
            languages={one: Messages(one, force)("language") for one in languages_of(force)},
            m=m,
            page=page,
            plurals=plurals,
            say=say,
            script=f"/report/{script().name}",
            short_code=force.short_code,
            style=f"/report/{style(force.report_form.colour).name}",
            force=force,
            view=view,
            **view.more,
        )
    )


def messages_of(draft: Draft, force: ForceFile) -> Messages:
    """The words in the draft's language, or in the form's first where it has none in that."""
    languages = languages_of(force)
    return Messages(draft.language if draft.language in languages else languages[0], force)


def summary_rows(draft: Draft, force: ForceFile) -> list[dict[str, str | None]]:
    """What the person has answered, each with the page that it is changed on; without the emergency, which is past."""
    m = messages_of(draft, force)
    rows: list[dict[str, str | None]] = []
    for page in asked_of(draft.answers, force):
        for one in page.fields if page is not EMERGENCY else ():
            answer = draft.answers.get(one.name, "")
            if one.kind is Kind.CHOICE:
                answer = m(f"{page.name}.{answer}") if answer in one.choices else ""
            label = m.first_of(
                f"{page.name}.{one.name}_label", f"{page.name}.{one.name}", f"{page.name}.label"
            )
            rows.append({"page": page.name, "label": label, "answer": answer.strip() or None})
    return rows


def answer_page(status: HTTPStatus, html: str, request: Request) -> Answer:
    """A page as an answer, compressed where the caller takes that; nothing on the way does it for a page not kept."""
    body = html.encode("utf-8", errors="replace")
    answered = {
        "statusCode": status.value,
        "headers": {"content-type": PAGE_TYPE, "vary": "accept-encoding", **FORM_HEADERS},
    }
    return _with_body(answered, body, gzip.compress(body, 6, mtime=0) if _takes_gzip(request) else None)


def answer_file(file: StaticFile, kept: str, request: Request) -> Answer:
    """A file as an answer."""
    headers = {"content-type": file.media_type, "vary": "accept-encoding", "cache-control": kept}
    answered = {
        "statusCode": HTTPStatus.OK.value,
        "headers": {**headers, "x-content-type-options": "nosniff"},
    }
    return _with_body(answered, file.body, file.compressed if _takes_gzip(request) else None)


def _takes_gzip(request: Request) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "")


def _with_body(answered: Answer, body: bytes, compressed: bytes | None) -> Answer:
    if compressed is None:
        return {**answered, "body": body.decode("utf-8")}
    return {
        **answered,
        "headers": {**answered["headers"], "content-encoding": "gzip"},
        "body": base64.b64encode(compressed).decode("ascii"),
        "isBase64Encoded": True,
    }


@cache
def environment() -> Environment:
    """The form's templates over GOV.UK Frontend's, whose macros count on asking for what is not given."""
    return Environment(
        loader=ChoiceLoader(
            [
                FileSystemLoader(TEMPLATES),
                PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
            ]
        ),
        autoescape=True,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
