"""Takes in a request for deletion, and shows what has become of it.

It is answered once the table has it: what it leads to, the sweep does, with the rights that this function lacks.
"""

from __future__ import annotations

import re
from datetime import timedelta
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from jinja2 import Template

from contact_desk.clock import Clock
from contact_desk.data_deletions import DeletionRequest, confirmation_code, names_on
from contact_desk.force_file import ForceFile
from contact_desk.http_api import Answer, Request, answer, answer_json, problem
from contact_desk.observability import count, logger
from contact_desk.ports import DeletionRequests, Secret
from contact_desk.web_pages import PAGE_HEADERS, PAGE_TYPE, page_templates
from functions.data_deletion.page_ids import PageIds
from functions.data_deletion.signed_requests import SignedRequest, read_signed, signed_part

TEMPLATES = Path(__file__).with_name("templates")
META = "meta"
RECENTLY = timedelta(seconds=30)
CODE = re.compile(r"/data-deletion/([0-9a-z]{26})", re.ASCII)


class Deletions(NamedTuple):
    """What the function works with; `pages_url` is where people find the status page, without a closing slash."""

    force: ForceFile
    requests: DeletionRequests
    secret: Secret
    page_ids: PageIds
    clock: Clock
    pages_url: str


def take_request(request: Request, deletions: Deletions) -> Answer:
    """Keep what Meta has signed, and answer with the code and the page that tells of it."""
    signed = signed_part(request.body)
    asked = _read(signed, deletions.secret) if signed else None
    if asked is None:
        count("DeletionsRefused")
        return problem(HTTPStatus.UNAUTHORIZED)
    code = confirmation_code(asked.signed)
    if deletions.requests.get(code) is None:
        deletions.requests.take(_matched(asked, code, deletions))
    logger.append_keys(code=code)
    return answer_json(
        HTTPStatus.OK,
        {"url": f"{deletions.pages_url}/data-deletion/{code}", "confirmation_code": code},
    )


def show_status(request: Request, deletions: Deletions) -> Answer:
    """What has become of a request.

    It says the same whatever was found: that somebody has a police record is nothing to tell whoever has a link.
    """
    named = CODE.fullmatch(request.path)
    found = deletions.requests.get(named[1]) if named else None
    status = HTTPStatus.OK if found else HTTPStatus.NOT_FOUND
    part = ("settled" if found.settled_at else "waits") if found else "unknown"
    force = deletions.force
    body = _template().render(
        part=part,
        privacy=force.privacy,
        force=force.name,
        from_abroad=force.phones.from_abroad,
        non_emergency=force.phones.non_emergency,
        trial=False,
    )
    shown = answer(status, body, PAGE_TYPE)
    shown["headers"] |= {"cache-control": "no-store", **PAGE_HEADERS}
    return shown


def _read(signed: str, secret: Secret) -> SignedRequest | None:
    """What was signed; a refusal counts only against a copy of the secret that was read just now."""
    return read_signed(signed, secret.versions()) or read_signed(signed, secret.versions(max_age=RECENTLY))


def _matched(asked: SignedRequest, code: str, deletions: Deletions) -> DeletionRequest:
    channels = [name for name, one in deletions.force.channels.items() if one.platform == META]
    ids = deletions.page_ids.of(asked.person, deletions.secret.versions()[0])
    count("DeletionsReceived")
    if ids is None:
        count("DeletionsUnmatched")
    now = deletions.clock.now()
    return DeletionRequest(
        code=code,
        platform=META,
        asked_at=now,
        matched=ids is not None,
        person=asked.person,
        names=names_on(channels, (asked.person, *(ids or ()))),
        look_at=now,
    )


@lru_cache(maxsize=1)
def _template() -> Template:
    return page_templates(TEMPLATES).get_template("status.html")
