"""The report form through the deployed desk: from its first page to a reference, and from there to an operator."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.e2e.outside import Operators, Outside
from tests.form_walker import FormWalker
from tests.unit.report.form import ANSWERS


@pytest.fixture
def person(outside: Outside) -> FormWalker:
    """Somebody at a browser without scripts, which posts as browsers do from a page that names no referrer."""

    def ask(method: str, path: str, fields: Mapping[str, str] | None) -> tuple[int, str]:
        origin = {"origin": "null", "sec-fetch-site": "same-origin"} if method == "POST" else {}
        answer = outside.http.request(
            method, f"{outside.stack.api_url}{path}", data=dict(fields or {}) or None, headers=origin
        )
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["cache-control"] == "no-store"
        return answer.status_code, answer.text

    return FormWalker(ask)


def test_a_report_goes_from_the_form_to_its_reference_and_to_the_desk(
    person: FormWalker, outside: Outside, operators: Operators
) -> None:
    text = outside.new("Somebody tries the doors of parked cars. Ärger & <b>\u202e</b> 😀")
    person.to_check(**{**ANSWERS, "what": text})
    done = person.press()
    case = operators.case_with(text)

    assert done.heading == "Report sent"
    assert case["reference"] in done.text
    assert (case["channel"], case["state"]) == ("report_form", "open")


def test_an_emergency_is_an_alert_when_the_person_chooses_to_tell_the_desk(
    person: FormWalker, outside: Outside, operators: Operators
) -> None:
    text = outside.new("he is at the door")
    person.open()
    person.press(emergency="yes")
    told = person.press("send", what=text)
    case = operators.case_with(text)

    assert told.heading == "The desk has your message"
    assert (case["grade"], case["emergency"]) == ("emergency", True)


def test_the_forms_style_and_script_are_served_to_be_kept(person: FormWalker, outside: Outside) -> None:
    page = person.open().html
    for kind in ("style-", "script-"):
        path = page[page.index(f"/report/{kind}") :].split('"')[0]
        file = outside.http.get(f"{outside.stack.api_url}{path}")
        assert (file.status_code, file.headers["cache-control"]) == (
            200,
            "public, max-age=31536000, immutable",
        )
        assert len(file.content) > 10_000
