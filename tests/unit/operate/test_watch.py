"""What the operators' screen asks all the time, and what it is told of the house once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contact_desk.contacts import Surface
from contact_desk.force_file import ForceFile
from functions.operate.handler import respond
from functions.operate.routes.watch import LONGEST_WAIT_SECONDS, LOOK_EVERY_SECONDS
from functions.operate.views import limit_fields
from tests.builders import CASE_ID, LambdaContext, contact, force, http_event
from tests.desk_staging import admit
from tests.unit.operate.at_the_desk import ROLES, AtTheDesk


def test_one_call_has_queue_alerts_switch_and_the_open_case(at_the_desk: AtTheDesk, case: str) -> None:
    at_the_desk.post(f"{case}/claim")
    seen = at_the_desk.get("/desk/watch", case=CASE_ID).fields

    assert [one["case_id"] for one in seen["cases"]] == [CASE_ID]
    assert (seen["alerts"], seen["publishing"]["on"]) == ([], True)
    assert seen["case"].keys() == {"case_id", "version", "last_contact_at", "state", "owner"}
    assert seen["case"]["owner"]["name"] == "Alex"


def test_what_has_not_changed_is_not_sent_again(at_the_desk: AtTheDesk, case: str) -> None:
    tag = at_the_desk.get("/desk/watch").headers["etag"]

    def again() -> Any:
        event = http_event("GET", "/desk/watch", headers={"If-None-Match": tag})
        claims = {"sub": "sub-Alex", "name": "Alex", ROLES: "[operator]"}
        event["requestContext"]["authorizer"] = {"jwt": {"claims": claims}}
        context: Any = LambdaContext()
        return respond(event, context, at_the_desk.desk, ROLES)

    same = again()
    at_the_desk.post(f"{case}/claim", who="Bo")
    other = again()

    assert (same["statusCode"], same["body"], same["headers"]["etag"]) == (304, "", tag)
    assert other["statusCode"] == 200
    assert other["headers"]["etag"] != tag


def asks(at_the_desk: AtTheDesk, tag: str, wait: int) -> tuple[int, float]:
    """The answer to somebody who knows the tag, and after how many seconds of the frozen clock it came."""
    began = at_the_desk.clock.now()
    event = http_event("GET", "/desk/watch", headers={"If-None-Match": tag}, query={"wait": str(wait)})
    status = at_the_desk.send(event, who="Alex", role="operator").status
    return status, (at_the_desk.clock.now() - began).total_seconds()


@pytest.mark.parametrize("comes_after", [0.1, 0.5, 0.9, 2.0, 3.3, 4.9])
def test_an_answer_is_held_until_something_is_new_and_no_longer(
    at_the_desk: AtTheDesk, comes_after: float
) -> None:
    tag = at_the_desk.get("/desk/watch").headers["etag"]
    comes_at = at_the_desk.clock.now() + timedelta(seconds=comes_after)

    def pause(seconds: float) -> None:
        at_the_desk.clock.advance(seconds=seconds)
        if at_the_desk.clock.now() >= comes_at and not at_the_desk.records.cases:
            admit(at_the_desk.intake, contact("He is back"), case_id=CASE_ID)

    at_the_desk.desk = replace(at_the_desk.desk, pause=pause)
    status, held = asks(at_the_desk, tag, wait=5)

    assert status == 200
    assert comes_after <= held < comes_after + LOOK_EVERY_SECONDS


@pytest.mark.parametrize("wait", range(LONGEST_WAIT_SECONDS + 1))
def test_where_nothing_is_new_the_answer_says_so_when_the_wait_is_over(
    at_the_desk: AtTheDesk, case: str, wait: int
) -> None:
    tag = at_the_desk.get("/desk/watch").headers["etag"]
    assert asks(at_the_desk, tag, wait) == (304, wait)


def test_nobody_waits_for_long_or_for_what_they_do_not_know(at_the_desk: AtTheDesk, case: str) -> None:
    assert at_the_desk.get("/desk/watch", wait=str(LONGEST_WAIT_SECONDS + 1)).problem == "validation"
    assert asks(at_the_desk, '"another"', wait=5) == (200, 0)


def test_a_lease_that_runs_out_is_news_to_who_waits(at_the_desk: AtTheDesk, case: str) -> None:
    at_the_desk.post(f"{case}/claim", who="Bo")
    at_the_desk.clock.advance(seconds=force().claims.lease_seconds - 2)
    tag = at_the_desk.get("/desk/watch").headers["etag"]
    status, held = asks(at_the_desk, tag, wait=5)
    assert (status, 2 <= held < 2 + LOOK_EVERY_SECONDS) == (200, True)


def test_what_a_screen_is_shown_is_audited_once_an_hour(at_the_desk: AtTheDesk, case: str) -> None:
    for _ in range(3):
        at_the_desk.get("/desk/watch")

    (entry,) = at_the_desk.records.audit["sub-Alex"]
    assert (entry.act, entry.shown) == ("list", (CASE_ID,))


def test_a_page_of_the_list_is_as_long_as_asked(at_the_desk: AtTheDesk) -> None:
    for number in range(3):
        admit(at_the_desk.intake, contact("?", native_id=f"m{number}"), case_id=f"01HCASE{number:019}")
    page = at_the_desk.get("/desk/cases", limit="2").fields

    assert at_the_desk.get("/desk/cases", limit="201").problem == "validation"
    assert len(page["cases"]) == min(2, len(at_the_desk.records.cases))


def test_the_house_says_how_it_calls_grades_and_what_its_model_asks(at_the_desk: AtTheDesk) -> None:
    house = at_the_desk.get("/desk/me").fields["desk"]

    assert house["grades"]["emergency"] == {"name": "Emergency", "target_minutes": 1}
    assert house["thrive"]["model"] == "THRIVE"
    assert house["lease_seconds"] == force().claims.lease_seconds


def test_approved_texts_come_before_signposts_with_the_cases_place_kept(at_the_desk: AtTheDesk) -> None:
    texts = at_the_desk.get("/desk/texts").fields["texts"]
    names = [one["name"] for one in texts]

    assert names.index("noted") < names.index("signpost_rspca")
    assert "{reference}" in next(one["text"] for one in texts if one["name"] == "noted")
    assert {one["language"] for one in texts} == set(force().languages)
    assert not any("{force}" in one["text"] or "{who}" in one["text"] for one in texts)


@pytest.mark.parametrize(
    ("channel", "surface", "most", "counting"),
    [
        ("messenger", Surface.PRIVATE, 2000, "characters"),
        ("instagram", Surface.PRIVATE, 1000, "bytes"),
        ("sms", Surface.PRIVATE, 1600, "units"),
        ("x", Surface.PUBLIC, 280, "x"),
        ("report_form", Surface.PRIVATE, 10_000, "characters"),
    ],
)
def test_a_case_says_how_much_a_reply_may_hold(
    at_the_desk: AtTheDesk, case: str, channel: str, surface: Surface, most: int, counting: str
) -> None:
    stands = at_the_desk.records.cases[CASE_ID]
    limit = limit_fields(replace(stands, channel=channel, surface=surface), force(), at_the_desk.clock.now())

    assert limit is not None
    assert (limit["most"], limit["counting"]) == (most, counting)


def test_a_case_that_cannot_be_answered_says_so(at_the_desk: AtTheDesk, case: str) -> None:
    stands = replace(at_the_desk.records.cases[CASE_ID], channel="instagram", surface=Surface.PUBLIC)
    rules: ForceFile = force()

    assert limit_fields(stands, rules, at_the_desk.clock.now()) is None
