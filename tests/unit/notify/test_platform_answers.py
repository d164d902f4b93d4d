"""What the Graph API's answers mean."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_desk.graph_answers import LONGEST_WAIT, HttpAnswer, wait_told
from contact_desk.send_failures import SendFailure
from functions.notify.platform_answers import (
    CredentialsRefused,
    Refusal,
    Rejected,
    RetryLater,
    UnknownEffect,
    WindowClosed,
    read_refusal,
)


def refused(code: int, subcode: int | None = None, *, status: int = 400, tried_before: bool = False) -> Any:
    error = {"message": "words", "type": "OAuthException", "code": code}
    if subcode is not None:
        error["error_subcode"] = subcode
    return read(status, {"error": error}, tried_before=tried_before)


def read(
    status: int, fields: object, headers: dict[str, str] | None = None, *, tried_before: bool = False
) -> Any:
    body = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
    return read_refusal(HttpAnswer(status, headers or {}, body), tried_before=tried_before)


@pytest.mark.parametrize("code", [4, 17, 32, 341, 613, 80001, 80002, 80006])
@pytest.mark.parametrize("status", [400, 403, 429])
def test_throttling_is_known_by_its_code_whatever_its_status(code: int, status: int) -> None:
    assert refused(code, status=status) == RetryLater(SendFailure.THROTTLED)


@pytest.mark.parametrize("subcode", [None, 458, 459, 460, 463, 464, 467, 492])
def test_a_dead_token_is_known_by_its_code_whatever_its_subcode(subcode: int | None) -> None:
    assert refused(190, subcode) == CredentialsRefused()
    assert refused(102, subcode) == CredentialsRefused()


@pytest.mark.parametrize(("code", "subcode"), [(10, 2018278), (10, 2018065), (10, 2534022)])
def test_a_closed_window(code: int, subcode: int) -> None:
    assert refused(code, subcode) == WindowClosed()


@pytest.mark.parametrize(
    ("code", "subcode", "failure"),
    [
        (551, 1545041, SendFailure.PERSON_UNREACHABLE),
        (551, None, SendFailure.PERSON_UNREACHABLE),
        (10, 2018108, SendFailure.PERSON_UNREACHABLE),
        (200, 1545041, SendFailure.PERSON_UNREACHABLE),
        (100, 33, SendFailure.TARGET_GONE),
        (100, 2018001, SendFailure.NO_SUCH_PERSON),
        (100, 2018109, SendFailure.BAD_REQUEST),
        (100, None, SendFailure.BAD_REQUEST),
        (3, None, SendFailure.PERMISSION_MISSING),
        (10, None, SendFailure.PERMISSION_MISSING),
        (200, None, SendFailure.PERMISSION_MISSING),
        (299, None, SendFailure.PERMISSION_MISSING),
        (368, None, SendFailure.CONTENT_BLOCKED),
        (1609005, None, SendFailure.CONTENT_BLOCKED),
        (2500, None, SendFailure.BAD_REQUEST),
        (987654, None, SendFailure.REFUSED),
    ],
)
def test_what_another_try_does_not_change(code: int, subcode: int | None, failure: SendFailure) -> None:
    assert refused(code, subcode) == Rejected(failure)


@pytest.mark.parametrize(
    ("code", "failure"), [(506, SendFailure.DUPLICATE_TEXT), (10900, SendFailure.ALREADY_REPLIED)]
)
def test_what_is_there_already_may_be_ours_only_after_an_earlier_try(code: int, failure: SendFailure) -> None:
    assert refused(code, tried_before=False) == Rejected(failure)
    assert refused(code, tried_before=True) == UnknownEffect(failure)


@pytest.mark.parametrize("code", [1, 2, 1200])
def test_a_transient_error_may_have_had_an_effect(code: int) -> None:
    assert refused(code, status=500) == UnknownEffect(SendFailure.SERVER_ERROR)
    assert refused(code, status=400) == UnknownEffect(SendFailure.SERVER_ERROR)


def test_an_unknown_code_that_calls_itself_transient_may_have_had_an_effect() -> None:
    answer = read(400, {"error": {"code": 987654, "is_transient": True}})

    assert answer == UnknownEffect(SendFailure.SERVER_ERROR)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error":"odd"}', b"[" * 100_000])
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_without_a_code_may_have_had_an_effect(body: bytes, status: int) -> None:
    assert read(status, body) == UnknownEffect(SendFailure.SERVER_ERROR)


@pytest.mark.parametrize("body", [b"", b'{"message_id":"m_', b"null", b"[]"])
@pytest.mark.parametrize("status", [200, 302, 403, 404])
def test_an_answer_that_cannot_be_read_may_have_had_an_effect(body: bytes, status: int) -> None:
    assert read(status, body) == UnknownEffect(SendFailure.UNREADABLE_ANSWER)


def test_a_success_is_no_refusal() -> None:
    assert read(200, {"message_id": "m_2"}) is None


def test_an_error_in_a_success_is_a_refusal() -> None:
    assert read(200, {"error": {"code": 190}}) == CredentialsRefused()


def test_a_bare_429_waits_as_long_as_it_says() -> None:
    answer = read(429, b"slow down", {"retry-after": "30"})

    assert answer == RetryLater(SendFailure.THROTTLED, timedelta(seconds=30))


def test_the_usage_header_tells_minutes_and_the_longest_counts() -> None:
    uses = {"7001": [{"estimated_time_to_regain_access": 0}, {"estimated_time_to_regain_access": 7}]}

    assert wait_told({"x-business-use-case-usage": json.dumps(uses)}) == timedelta(minutes=7)


@pytest.mark.parametrize(
    "usage",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"7001":[{"estimated_time_to_regain_access":Infinity}]}',
        '{"7001":[]}',
        '{"7001":[{}]}',
        '{"7001":[{"estimated_time_to_regain_access":0}]}',
    ],
)
def test_a_usage_header_that_tells_nothing_leaves_the_wait_to_us(usage: str) -> None:
    assert wait_told({"x-business-use-case-usage": usage}) is None
    assert wait_told({"retry-after": "Sun, 22 Nov 2026 15:00:00 GMT"}) is None
    assert wait_told({"retry-after": "soon", "date": "Sun, 22 Nov 2026 15:00:00 GMT"}) is None
    assert wait_told({"retry-after": "\u00b2"}) is None


@pytest.mark.parametrize(
    ("until", "seconds"),
    [("15:01:30 GMT", 90), ("14:00:00 GMT", 0), ("15:00:10 -0000", None), ("16:00:30 +0100", 30)],
)
def test_a_time_to_come_back_at_is_measured_by_the_answers_own_clock(until: str, seconds: int | None) -> None:
    told = {"retry-after": f"Sun, 22 Nov 2026 {until}", "date": "Sun, 22 Nov 2026 15:00:00 GMT"}

    assert wait_told(told) == (timedelta(seconds=seconds) if seconds is not None else None)


def test_a_mistaken_wait_is_no_longer_than_a_day() -> None:
    uses = {"7001": [{"estimated_time_to_regain_access": 10**30}]}

    assert wait_told({"x-business-use-case-usage": json.dumps(uses)}) == LONGEST_WAIT
    assert wait_told({"retry-after": "9" * 400}) == LONGEST_WAIT


@given(status=st.integers(100, 599), body=st.binary(max_size=200), usage=st.text(max_size=50))
def test_no_answer_is_too_strange_to_read(status: int, body: bytes, usage: str) -> None:
    headers = {"x-business-use-case-usage": usage, "retry-after": usage}

    answer: Refusal | None = read(status, body, headers)

    assert answer is not None or status == 200


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(status=st.integers(400, 599), code=JSON, subcode=JSON, transient=JSON)
def test_no_error_is_too_strange_to_read(
    status: int, code: object, subcode: object, transient: object
) -> None:
    error = {"code": code, "error_subcode": subcode, "is_transient": transient}

    assert read(status, {"error": error}) is not None
