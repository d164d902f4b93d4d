"""Is this really from the police? What was typed is led to its page; what has no page was not published by us."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_desk.broadcasts import broadcast_reference
from contact_desk.http_api import respond
from contact_desk.web_pages import PAGE_POLICY
from functions.report.handler import ROUTES
from functions.report.look_up import reference_in
from functions.report.reports import Reports
from local.twins.held_still import FrozenClock
from local.twins.in_memory_archive import InMemoryArchive
from local.twins.in_memory_queues import InMemoryContactQueue
from local.twins.in_memory_secret import InMemorySecret
from tests.builders import force
from tests.lambda_output import written_output

OURS = "MP-14X5-4M5T-3"


def ask(path: str, **query: str) -> dict[str, Any]:
    clock = FrozenClock()
    reports = Reports(force(), InMemoryArchive(clock), InMemoryContactQueue(), clock, InMemorySecret())
    event = {
        "rawPath": path,
        "queryStringParameters": query or None,
        "requestContext": {"http": {"method": "GET"}, "stage": "$default"},
    }
    return respond(event, ROUTES, reports)


@pytest.mark.parametrize(
    "typed",
    [
        OURS,
        "mp-14x5-4m5t-3",
        "MP 14X5 4M5T 3",
        "MP14X54M5T3",
        "MP-14X5-4M5T-3.",
        "MP\u201314X5\u20134M5T\u20133",
        "MP-I4X5-4M5T-3",
        "Road closed, see MP-14X5-4M5T-3 and stay away",
        "https://desk.example/live/MP-14X5-4M5T-3",
        "https://desk.example/live/MP-14X5-4M5T-3?utm_source=x#top",
        "EMP-1 is not it, MP-14X5-4M5T-3 is",
    ],
)
def test_a_reference_is_found_however_it_is_written(typed: str) -> None:
    answer = ask("/live/look-up", reference=typed)

    assert (answer["statusCode"], answer["headers"]["location"]) == (303, f"/live/{OURS}")


@pytest.mark.parametrize(
    ("typed", "page"),
    [
        ("https://x.com/MerseyPolice/status/1870000000000000001?s=20", "/live/x-1870000000000000001"),
        ("is this real? https://twitter.com/Somebody/status/17", "/live/x-17"),
        ("https://www.facebook.com/merseysidepolice/posts/1234567", "/live/facebook_page-1234567"),
        ("https://www.facebook.com/104728361905512_1234567", "/live/facebook_page-1234567"),
        ("https://m.facebook.com/permalink.php?story_fbid=1234567&id=10472", "/live/facebook_page-1234567"),
        ("facebook.com/merseysidepolice/posts/road-closed/1234567/", "/live/facebook_page-1234567"),
    ],
)
def test_a_link_to_a_post_leads_to_the_page_that_it_would_have(typed: str, page: str) -> None:
    answer = ask("/live/look-up", reference=typed)

    assert (answer["statusCode"], answer["headers"]["location"]) == (303, page)


@pytest.mark.parametrize(
    "typed",
    [
        "https://evil.example/?go=https://x.com/MerseyPolice/status/17",
        "https://evil-x.com/a/status/17",
        "https://x.com.evil.example/a/status/17",
    ],
)
def test_a_link_to_anywhere_else_leads_nowhere(typed: str) -> None:
    assert ask("/live/look-up", reference=typed)["statusCode"] == 404


def test_a_post_that_is_none_of_ours_is_said_to_be_none() -> None:
    answer = ask("/live/x-17")

    assert answer["statusCode"] == 404
    assert "We did not publish this" in answer["body"]


@pytest.mark.parametrize(
    "typed",
    [
        "MP-14X5-4M5T-4",
        "MP-41X5-4M5T-3",
        "WP-14X5-4M5T-3",
        "MP-14X5",
        "https://evil.example/",
        "//evil.example",
    ],
)
def test_what_holds_no_reference_of_ours_was_not_published_by_us(typed: str) -> None:
    answer = ask("/live/look-up", reference=typed)

    assert answer["statusCode"] == 404
    assert "We did not publish this" in answer["body"]
    assert "location" not in answer["headers"]
    assert typed not in answer["body"]


def test_a_reference_without_a_page_was_not_published_by_us() -> None:
    answer = ask(f"/live/{OURS}")

    assert answer["statusCode"] == 404
    assert "There is no message of Merseyside Police with the reference" in answer["body"]
    assert f">{OURS}<" in answer["body"]
    assert "What to do" in answer["body"]
    assert "101" in answer["body"]
    assert "999" in answer["body"]
    assert answer["headers"]["content-type"] == "text/html; charset=utf-8"
    assert answer["headers"]["content-security-policy"] == PAGE_POLICY
    # It may be published the next moment.
    assert answer["headers"]["cache-control"] == "max-age=1"


def test_without_a_question_there_is_the_form() -> None:
    answer = ask("/live/look-up")

    assert answer["statusCode"] == 200
    assert '<form action="/live/look-up" method="get">' in answer["body"]


@given(st.text(max_size=400))
def test_no_question_is_an_error_or_markup(typed: str) -> None:
    answer = ask("/live/look-up", reference=typed)

    assert answer["statusCode"] in {200, 303, 404}
    assert "<script" not in answer["body"]
    if answer["statusCode"] == 303:
        assert answer["headers"]["location"].startswith(("/live/MP-", "/live/x-", "/live/facebook_page-"))


@given(st.text(min_size=1, max_size=26))
def test_every_reference_of_a_broadcast_is_found(name: str) -> None:
    made = broadcast_reference("MP", name.encode("utf-8", "replace").decode())

    assert reference_in(made, "MP") == made
    assert reference_in(f"x {made.lower().replace('-', '')} y", "MP") == made


def test_what_was_asked_stays_out_of_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    with written_output(capsys) as output:
        ask("/live/look-up", reference="my name is Ann Other")
        ask("/live/Ann-Other")
        written = output()

    assert [line["route"] for line in written.log_lines] == ["/live/*", "/live/*"]
    assert "Ann" not in written.text


@pytest.mark.parametrize("path", ["/live", "/live/a/b", "/other/MP-14X5-4M5T-3"])
def test_other_paths_are_none_of_its(path: str) -> None:
    answer = ask(path)

    assert answer["statusCode"] == 404
    assert "We did not" not in answer["body"]
