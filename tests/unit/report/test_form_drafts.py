"""The answers that a page carries: ours or not, young or old, and whatever else somebody may put there."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_desk.errors import SecretNotSetError
from functions.report.form.drafts import GOOD_FOR, Draft, Seal, seal, unseal
from local.twins.held_still import NOON
from local.twins.in_memory_secret import InMemorySecret
from tests.builders import REPORT_ID
from tests.form_walker import FormWalker, shown_page
from tests.unit.report.form import ANSWERS, FormDesk

KEY = InMemorySecret(key="a key that nobody knows")


def draft(**answers: str) -> Draft:
    return Draft(report_id=REPORT_ID, begun_at=NOON, language="en", answers=answers)


def at_check(desk: FormDesk) -> FormWalker:
    person = desk.person()
    person.to_check(**ANSWERS)
    return person


def changed(sealed: str, **fields: Any) -> str:
    """The draft with other fields under the seal of the old ones."""
    payload, _, mac = sealed.partition(".")
    read = json.loads(base64.urlsafe_b64decode(payload + "=="))
    written = base64.urlsafe_b64encode(json.dumps({**read, **fields}).encode()).rstrip(b"=").decode()
    return f"{written}.{mac}"


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=200), max_size=5), st.booleans())
def test_what_is_sealed_comes_out_as_it_went_in(answers: dict[str, str], checking: bool) -> None:
    clean = {
        name.encode("utf-8", "replace").decode(): text.encode("utf-8", "replace").decode()
        for name, text in answers.items()
    }
    one = Draft(report_id=REPORT_ID, begun_at=NOON, language="cy", answers=clean, checking=checking)

    assert unseal(seal(one, KEY), KEY, NOON) == (one, Seal.GOOD)


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_no_byte_of_it_can_be_changed(place: int, value: int) -> None:
    sealed = seal(draft(what="x"), KEY)
    place %= len(sealed)
    other = f"{sealed[:place]}{chr(value)}{sealed[place + 1 :]}"
    found, standing = unseal(other, KEY, NOON)

    # The last letter of base64 has bits that mean nothing.
    assert standing is Seal.FOREIGN or (found, other[:-1].rstrip("=")) == (draft(what="x"), sealed[:-1])


@given(
    st.text(max_size=300) | st.binary(max_size=200).map(lambda raw: base64.urlsafe_b64encode(raw).decode())
)
def test_no_text_makes_it_fail(text: str) -> None:
    assert unseal(text, KEY, NOON)[1] is Seal.FOREIGN


@pytest.mark.parametrize("nested", ["[" * 100_000, '{"answers":' * 50_000])
def test_no_depth_makes_it_fail(nested: str) -> None:
    assert unseal(base64.urlsafe_b64encode(nested.encode()).decode(), KEY, NOON) == (None, Seal.FOREIGN)


def test_a_page_that_was_sealed_with_the_key_before_is_good_and_with_the_one_before_that_is_not() -> None:
    secret = InMemorySecret(key="first")
    sealed = seal(draft(), secret)
    secret.rotate(key="second")
    assert unseal(sealed, secret, NOON)[1] is Seal.GOOD
    secret.rotate(key="third")
    assert unseal(sealed, secret, NOON)[1] is Seal.FOREIGN


def test_a_secret_without_a_key_seals_nothing() -> None:
    with pytest.raises(SecretNotSetError):
        seal(draft(), InMemorySecret())


def test_it_is_good_for_a_day() -> None:
    sealed = seal(draft(), KEY)
    assert unseal(sealed, KEY, NOON + GOOD_FOR)[1] is Seal.GOOD
    assert unseal(sealed, KEY, NOON + GOOD_FOR + timedelta(seconds=1)) == (draft(), Seal.OLD)


def test_whose_report_is_too_old_is_shown_it_and_goes_on_with_the_same_one() -> None:
    desk = FormDesk()
    person = at_check(desk)
    begun = unseal(person.page.fields["draft"], desk.seal, desk.clock.now())[0]
    desk.clock.at += GOOD_FOR + timedelta(minutes=1)
    shown = person.press()

    assert (shown.status, shown.heading) == (200, "You began this report more than a day ago")
    assert ANSWERS["what"] in shown.text
    assert not desk.queue.sent
    assert person.press().action == "/report/check"
    assert person.press().heading == "Report sent"
    assert begun is not None
    assert desk.sent[0]["report_id"] == begun.report_id


def test_what_was_typed_on_the_page_that_was_too_old_is_kept() -> None:
    desk = FormDesk()
    person = desk.person()
    person.open()
    person.press(emergency="no")
    person.press(matter="suspicious")
    desk.clock.at += GOOD_FOR * 2
    assert ANSWERS["what"] in person.press(what=ANSWERS["what"]).text

    assert person.press().action == "/report/where"


@pytest.mark.parametrize(
    "fields", [{"id": "00000000-0000-4000-8000-000000000000"}, {"answers": {**ANSWERS, "what": "not mine"}}]
)
def test_a_page_that_was_tampered_with_sends_nothing_and_says_so(fields: dict[str, Any]) -> None:
    desk = FormDesk()
    person = at_check(desk)
    person.page.fields["draft"] = changed(person.page.fields["draft"], **fields)
    shown = person.press()

    assert (shown.status, shown.heading) == (400, "We could not tell where this page comes from")
    assert "Nothing has been sent" in shown.text
    assert not desk.queue.sent
    # Whoever owns the answers may go on, in a report of our own making.
    assert person.press().action == "/report/check"
    person.press()
    assert desk.sent[0]["report_id"] != fields.get("id")


def test_a_page_from_elsewhere_brings_no_answer_that_is_not_one_and_is_one_report_however_often_it_is_sent() -> (
    None
):
    elsewhere = InMemorySecret(key="somebody else's")
    foreign = seal(draft(**ANSWERS, admin="yes", emergency_now="true"), elsewhere)
    desk = FormDesk()
    for _ in range(2):
        person = desk.person()
        person.page = shown_page(
            200, f'<form action="/report/check"><input name="draft" value="{foreign}"></form>'
        )
        person.page.buttons = [("press", "continue")]
        for heading in (
            "We could not tell where this page comes from",
            "Check your answers before you send them",
            "Report sent",
        ):
            assert person.press().heading == heading

    assert len(desk.archive.deliveries) == 1
    assert not {"admin", "emergency"} & desk.sent[0].keys()


@pytest.mark.parametrize("carried", ["", "nonsense", "e30", "W10.W10"])
def test_what_cannot_be_read_leaves_what_was_typed_to_be_copied(carried: str) -> None:
    desk = FormDesk()
    status, html = desk.ask(
        "POST", "/report/what", {"draft": carried, "what": ANSWERS["what"], "press": "continue"}
    )
    page = shown_page(status, html)

    assert status == 400
    assert page.heading in {
        "We could not read what your browser sent",
        "We could not tell where this page comes from",
    }
    assert ANSWERS["what"] in page.text


def test_more_than_anybody_types_is_refused_before_it_is_read() -> None:
    desk = FormDesk()
    status, html = desk.ask("POST", "/report/what", {"draft": "x", "what": "x" * 600_000})
    assert status == 413
    assert len(html) < 20_000


@pytest.mark.parametrize("body", [{}, {f"f{number}": "x" for number in range(100)}])
def test_what_is_no_form_is_no_error_of_ours(body: dict[str, str]) -> None:
    assert FormDesk().ask("POST", "/report/what", body)[0] == 400


@pytest.mark.parametrize(
    ("method", "page", "status"),
    [("GET", "what", 303), ("GET", "resume", 303), ("GET", "x", 404), ("POST", "x", 404)],
)
def test_a_page_that_is_asked_for_without_answers_leads_to_the_first(
    method: str, page: str, status: int
) -> None:
    desk = FormDesk()
    assert desk.ask(method, f"/report/{page}", {} if method == "POST" else None)[0] == status
    if status == 303:
        assert desk.last["headers"]["location"] == "/report"
