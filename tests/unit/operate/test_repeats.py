"""The same call again: the same answer, and nothing done twice."""

from __future__ import annotations

from datetime import datetime

import pytest

from contact_desk.case_desk import AnsweredRequest
from tests.builders import CASE_ID
from tests.unit.operate.at_the_desk import AtTheDesk

NOTE = {"text": "A note"}


def test_the_same_call_again_has_the_same_answer_and_does_nothing(at_the_desk: AtTheDesk, case: str) -> None:
    at_the_desk.post(f"{case}/claim")
    first = at_the_desk.post(f"{case}/replies", NOTE, key="k", version=1)
    at_the_desk.clock.advance(hours=23)
    again = at_the_desk.post(f"{case}/replies", NOTE, key="k", version=1)

    assert again == first
    assert at_the_desk.records.cases[CASE_ID].version == 2
    assert len(at_the_desk.records.outbox) == len(at_the_desk.nudges.sent) == 1
    assert [entry.act for entry in at_the_desk.records.audit[CASE_ID]] == ["claim", "reply"]


def test_the_order_and_the_spaces_of_a_body_are_nothing_new(at_the_desk: AtTheDesk, case: str) -> None:
    at_the_desk.post(f"{case}/claim")
    first = b'{"grade": "priority", "reason": "x"}'
    again = b'{"reason":"x",\n"grade":"priority"}'

    answers = [at_the_desk.post(f"{case}/grade", body, key="k", version=1) for body in (first, again)]

    assert answers[0].status == 200
    assert answers[0] == answers[1]


def test_a_key_stands_for_one_body_and_one_path(at_the_desk: AtTheDesk, case: str) -> None:
    at_the_desk.post(f"{case}/claim")
    at_the_desk.post(f"{case}/notes", NOTE, key="k", version=1)
    other_body = at_the_desk.post(f"{case}/notes", {"text": "Another"}, key="k", version=2)
    other_path = at_the_desk.post(f"{case}/replies", NOTE, key="k", version=2)

    assert [(one.status, one.problem) for one in (other_body, other_path)] == [(422, "key-reused")] * 2
    assert [one.fields["text"] for one in (other_body, other_path)] == ["Another", "A note"]
    assert at_the_desk.records.cases[CASE_ID].version == 2


def test_a_key_belongs_to_its_operator(at_the_desk: AtTheDesk, case: str) -> None:
    at_the_desk.post(f"{case}/claim", key="k")

    assert at_the_desk.post(f"{case}/claim", key="k", who="Bo").problem == "case-held"


def test_a_key_is_good_again_after_a_day(at_the_desk: AtTheDesk, case: str) -> None:
    at_the_desk.post(f"{case}/claim", key="k")
    at_the_desk.clock.advance(hours=24)

    assert at_the_desk.post(f"{case}/claim", key="k").fields["owner"]["until"].startswith("2026-11-03")


def test_a_refusal_changed_nothing_so_the_same_call_is_tried_anew(at_the_desk: AtTheDesk, case: str) -> None:
    at_the_desk.post(f"{case}/claim", who="Bo")
    refused = at_the_desk.post(f"{case}/claim", key="k")
    at_the_desk.post(f"{case}/release", who="Bo")

    assert refused.status == 409
    assert at_the_desk.post(f"{case}/claim", key="k").status == 200


@pytest.mark.parametrize("key", [None, " ", "two words", "a#b", "ü", "x" * 201])
@pytest.mark.parametrize("path", ["claim", "notes"])
def test_a_call_without_a_usable_key_is_a_bad_request(
    at_the_desk: AtTheDesk, case: str, path: str, key: str | None
) -> None:
    body = NOTE if path == "notes" else {}
    refused = at_the_desk.post(f"{case}/{path}", body, key=key, version=1)

    assert (refused.status, refused.fields["type"]) == (400, "about:blank")
    assert "Idempotency-Key" in refused.fields["detail"]


@pytest.mark.parametrize("key", ["k", "x" * 200, '"8e03978e-40d5-43dd-bc93-6894a57f9324"', "a,b"])
def test_a_key_is_whatever_a_client_makes_of_it(at_the_desk: AtTheDesk, case: str, key: str) -> None:
    assert at_the_desk.post(f"{case}/claim", key=key).status == 200


def test_a_call_that_its_own_twin_overtook_has_the_twins_answer(
    at_the_desk: AtTheDesk, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_the_desk.post(f"{case}/claim")
    first = at_the_desk.post(f"{case}/notes", NOTE, key="k", version=1)
    answered, looks = at_the_desk.desk.cases.answered, iter(range(9))

    def at_first_not_yet(operator: str, key: str, now: datetime) -> AnsweredRequest | None:
        return answered(operator, key, now) if next(looks) else None

    monkeypatch.setattr(at_the_desk.desk.cases, "answered", at_first_not_yet)
    again = at_the_desk.post(f"{case}/notes", NOTE, key="k", version=1)

    assert first.status == 200
    assert again == first
