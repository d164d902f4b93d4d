"""Operators at work: one holds a case, a reply arrives once, and nobody does what is not theirs to do."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from local.stack_file import Stack
from tests.builders import Json
from tests.e2e.outside import Operators, Outside, until
from tests.proving import Share


@pytest.fixture
def case(outside: Outside, operators: Operators) -> Json:
    """A case that nobody holds; its person is `person`."""
    text, person = outside.new("when is the station open?"), outside.new_person()
    outside.deliver(outside.message(text, sender=person))
    found = operators.case_with(text)
    until(lambda: outside.received(person))
    return {**found, "person": person}


def test_of_sixteen_operators_who_claim_one_case_one_holds_it(
    outside: Outside, operators: Operators, share: Share
) -> None:
    tokens = [operators.new_operator(f"Operator {number}") for number in range(16)]
    for _ in range(share(3, 100)):
        text = outside.new("who takes this?")
        outside.deliver(outside.message(text, sender=outside.new_person()))
        path = f"/desk/cases/{operators.case_with(text)['case_id']}/claim"

        with ThreadPoolExecutor(16) as pool:
            claims = [pool.submit(operators.post, path, token=token) for token in tokens]
        answers = [claim.result() for claim in claims]

        assert sorted(answer.status_code for answer in answers) == [200] + [409] * 15
        [won] = [answer.json() for answer in answers if answer.status_code == 200]
        refused = [answer.json() for answer in answers if answer.status_code == 409]
        assert {problem["type"] for problem in refused} == {"urn:contact-desk:case-held"}
        assert {problem["holder"] for problem in refused} == {won["owner"]["name"]}


def test_a_reply_reaches_the_person_exactly_once(outside: Outside, operators: Operators, case: Json) -> None:
    case_id, words = case["case_id"], outside.new("From eight until ten.")
    claimed = operators.post(f"/desk/cases/{case_id}/claim").json()

    first = operators.post(
        f"/desk/cases/{case_id}/replies", {"text": words}, version=claimed["version"], key=f"reply-{case_id}"
    )
    again = operators.post(
        f"/desk/cases/{case_id}/replies", {"text": words}, version=claimed["version"], key=f"reply-{case_id}"
    )

    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["outbox_id"] == again.json()["outbox_id"]

    def replies() -> list[Json]:
        return [sent for sent in outside.received(case["person"]) if sent["text"] == words]

    until(replies)
    time.sleep(2)
    assert len(replies()) == 1
    until(
        lambda: [e for e in operators.case(case_id)["timeline"] if (e["text"], e["state"]) == (words, "sent")]
    )


def test_a_reply_to_a_case_that_moved_on_is_refused_with_its_text_kept(
    operators: Operators, case: Json
) -> None:
    path = f"/desk/cases/{case['case_id']}"
    stale = operators.post(f"{path}/claim").json()["version"]
    operators.post(f"{path}/notes", {"text": "rang them"}, version=stale)

    refused = operators.post(f"{path}/replies", {"text": "typed for minutes"}, version=stale)
    unversioned = operators.post(f"{path}/replies", {"text": "typed for minutes"})

    assert (refused.status_code, unversioned.status_code) == (412, 428)
    assert refused.json()["type"] == "urn:contact-desk:stale-version"
    assert "typed for minutes" in refused.text


def test_a_supervisor_takes_over_and_the_timeline_says_so(
    operators: Operators, case: Json, stack: Stack
) -> None:
    path = f"/desk/cases/{case['case_id']}"
    operators.post(f"{path}/claim")

    by_operator = operators.post(f"{path}/take-over", token=stack.tokens.operator2)
    by_supervisor = operators.post(f"{path}/take-over", token=stack.tokens.supervisor)

    assert by_operator.status_code == 403
    assert by_supervisor.status_code == 200
    assert by_supervisor.json()["owner"]["name"] == "Sian Supervisor"
    assert "take_over" in {entry["kind"] for entry in operators.case(case["case_id"])["timeline"]}


def test_a_case_is_graded_again_and_closed(operators: Operators, case: Json) -> None:
    path = f"/desk/cases/{case['case_id']}"
    claimed = operators.post(f"{path}/claim").json()
    graded = operators.post(
        f"{path}/grade", {"grade": "priority", "reason": "her brother is ill"}, version=claimed["version"]
    )
    closed = operators.post(
        f"{path}/close",
        {
            "disposition": "advice_given",
            "last_contact_at": graded.json()["last_contact_at"],
            "survey": None,
        },
        version=graded.json()["version"],
    )

    assert graded.json()["grade"] == "priority"
    assert (closed.status_code, closed.json()["state"]) == (200, "closed")
    assert case["case_id"] not in {listed["case_id"] for listed in operators.cases()}
    until(lambda: [c for c in operators.cases(state="closed") if c["case_id"] == case["case_id"]])


def test_a_contact_after_the_close_opens_a_case_linked_to_the_last(
    outside: Outside, operators: Operators, case: Json
) -> None:
    path = f"/desk/cases/{case['case_id']}"
    claimed = operators.post(f"{path}/claim").json()
    operators.post(
        f"{path}/close",
        {"disposition": "advice_given", "last_contact_at": claimed["last_contact_at"], "survey": None},
        version=claimed["version"],
    )

    text = outside.new("one more thing")
    outside.deliver(outside.message(text, sender=case["person"]))

    assert operators.case_with(text)["case_id"] != case["case_id"]


def test_nobody_reads_what_is_not_theirs(operators: Operators, stack: Stack, case: Json) -> None:
    def status(token: str) -> int:
        return operators.get(f"/desk/cases/{case['case_id']}", token=token).status_code

    head, payload, signature = stack.tokens.operator.split(".")
    forged = f"{head}.{payload}.{signature[::-1]}"

    assert status(stack.tokens.operator) == status(stack.tokens.supervisor) == 200
    assert status(stack.tokens.publisher) == status(stack.tokens.auditor) == 403
    assert status(forged) == status("nonsense") == 401
    assert operators.http.get(f"{stack.api_url}/desk/cases").status_code == 401
