"""What is served, to whom, and what no body can break."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.operate.app import openapi_document
from functions.operate.gate import RIGHTS
from tests.builders import CASE_ID, http_event
from tests.unit.operate.at_the_desk import AtTheDesk

PATHS = [
    (method, re.sub(r"<\w+>", CASE_ID, template), roles)
    for template, verbs in RIGHTS.items()
    for method, roles in verbs.items()
]


def test_every_route_has_its_rights_and_every_right_its_route() -> None:
    document = json.loads(openapi_document())

    served = {(path, verb.upper()) for path, verbs in document["paths"].items() for verb in verbs}
    assert served == {
        (re.sub(r"<(\w+)>", r"{\1}", template), verb) for template, verbs in RIGHTS.items() for verb in verbs
    }


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, _ in PATHS])
def test_nothing_is_served_to_nobody(at_the_desk: AtTheDesk, method: str, path: str) -> None:
    answer = at_the_desk.hand_over(http_event(method, path))

    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("role", ["operator", "supervisor", "publisher", "auditor", "wizard", ""])
@pytest.mark.parametrize(("method", "path", "roles"), PATHS)
def test_a_route_is_served_to_its_roles_alone(
    at_the_desk: AtTheDesk, method: str, path: str, roles: frozenset[str], role: str
) -> None:
    answer = at_the_desk.send(http_event(method, path), role=role)

    assert (answer.status == 403) == (role not in roles)
    if answer.status == 403:
        assert answer.problem == "forbidden"


@pytest.mark.parametrize("role", ["publisher", "auditor"])
def test_who_has_nothing_to_do_with_cases_sees_none(at_the_desk: AtTheDesk, case: str, role: str) -> None:
    refused = [at_the_desk.get(path, role=role) for path in ("/desk/cases", case, "/desk/alerts")]

    shown = [answer for answer in refused if answer.status != 403]
    assert [answer.fields for answer in shown] == [{"alerts": []}] * (role == "auditor")
    assert {answer.problem for answer in refused if answer not in shown} == {"forbidden"}


@pytest.mark.parametrize(
    ("method", "path", "subject", "act"),
    [
        ("GET", "/desk/cases", "cases", "get"),
        ("GET", f"/desk/cases/{CASE_ID}", CASE_ID, "get"),
        ("POST", f"/desk/cases/{CASE_ID}/close", CASE_ID, "close"),
        ("POST", f"/desk/cases/{CASE_ID}/take-over", CASE_ID, "take-over"),
        ("GET", "/desk/audit", "audit", "get"),
    ],
)
def test_who_was_refused_what_is_written_down(
    at_the_desk: AtTheDesk, method: str, path: str, subject: str, act: str
) -> None:
    assert at_the_desk.send(http_event(method, path), role="publisher").status == 403

    (entry,) = at_the_desk.records.audit[subject]
    assert (entry.by, entry.act) == ("sub-Alex", f"{act} refused: Forbidden")


@pytest.mark.parametrize(
    "path",
    [
        "/desk",
        "/desk/",
        "/desk/cases/",
        "/desk/broadcast",
        "/desk/cases/x/attachments",
        f"/desk/cases/{CASE_ID}/claim/",
        f"/desk/cases/{'x' * 129}",
        "/desk/cases/a#b",
        "/desk/cases/%2e%2e",
        "/desk/cases/ä",
        "/desk/cases/\udcff",
        "/webhooks/meta",
        "",
    ],
)
def test_where_nothing_is_served_the_answer_is_404(at_the_desk: AtTheDesk, path: str) -> None:
    assert at_the_desk.get(path).status == 404
    assert at_the_desk.post(path, {}).status == 404


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, _ in PATHS])
def test_another_verb_is_told_which_ones_there_are(at_the_desk: AtTheDesk, method: str, path: str) -> None:
    allowed = {verb for verb, known, _ in PATHS if known == path}
    for other in {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"} - allowed:
        answer = at_the_desk.send(http_event(other, path), role="supervisor")

        assert (answer.status, answer.headers["allow"]) == (405, ", ".join(sorted(allowed)))


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe",
        b"[" * 10_000 + b"]" * 10_000,
        b'{"text":' * 3_000 + b"1" + b"}" * 3_000,
        b'{"text": ' + b"9" * 5_000 + b"}",
        b"text=hello",
        b"NaN",
    ],
)
def test_a_body_that_is_not_json_is_a_bad_request(at_the_desk: AtTheDesk, case: str, body: bytes) -> None:
    answer = at_the_desk.post(f"{case}/notes", body, version=1)

    assert (answer.status, answer.fields["type"]) == (400, "about:blank")


@pytest.mark.parametrize("body", [b"[]", b'[{"text":"a note"}]', b'"a note"', b"7", b"null"])
def test_a_body_that_is_not_an_object_is_invalid(at_the_desk: AtTheDesk, case: str, body: bytes) -> None:
    at_the_desk.post(f"{case}/claim")
    answer = at_the_desk.post(f"{case}/notes", body, version=1)

    assert (answer.status, answer.fields["errors"]) == (422, [{"field": "body", "message": "an object"}])


def test_a_body_of_another_kind_is_not_read(at_the_desk: AtTheDesk, case: str) -> None:
    at_the_desk.post(f"{case}/claim")
    form = {"content-type": "application/x-www-form-urlencoded"}
    charset = {"content-type": "Application/JSON; charset=utf-8"}

    assert at_the_desk.post(f"{case}/notes", b"text=hello", version=1, headers=form).status == 415
    assert at_the_desk.post(f"{case}/notes", {"text": "hello"}, version=1, headers=charset).status == 200


def test_a_body_in_base64_is_read(at_the_desk: AtTheDesk, case: str) -> None:
    at_the_desk.post(f"{case}/claim")
    headers = {"Idempotency-Key": "k", "If-Match": "1"}
    event = http_event("POST", f"{case}/notes", body={"text": "hello"}, headers=headers, encoded=True)

    assert at_the_desk.send(event).status == 200


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"text"}),
        ({"text": ""}, {"text"}),
        ({"text": " \n\t"}, {"text"}),
        ({"text": "x" * 10_001}, {"text"}),
        ({"text": 7}, {"text"}),
        ({"text": None}, {"text"}),
        ({"text": "\ud800"}, {"text"}),
        ({"text": ["hello"]}, {"text"}),
        ({"text": "hello", "colour": "red"}, {"colour"}),
    ],
)
def test_fields_that_break_a_rule_are_named_and_never_repeated(
    at_the_desk: AtTheDesk, case: str, body: dict[str, Any], fields: set[str]
) -> None:
    at_the_desk.post(f"{case}/claim")
    for path in ("notes", "replies"):
        answer = at_the_desk.post(f"{case}/{path}", body, version=1)

        assert (answer.status, answer.problem) == (422, "validation")
        assert {error["field"] for error in answer.fields["errors"]} == fields
        assert "xxx" not in json.dumps(answer.fields)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"state": "lost"}, "state"),
        ({"state": "open,closed"}, "state"),
        ({"grade": "urgent"}, "grade"),
        ({"owner": "x" * 200}, "owner"),
        ({"cursor": "x"}, "cursor"),
        ({"cursor": "!!!"}, "cursor"),
        ({"cursor": "ü"}, "cursor"),
        ({"cursor": "W10"}, "cursor"),
        ({"cursor": "eyJhIjoxfQ"}, "cursor"),
        ({"cursor": "WyJhbGVydHMiLCIwIl0"}, "cursor"),
        ({"cursor": "A" * 4000}, "cursor"),
    ],
)
def test_a_query_that_cannot_be_used_names_its_field(
    at_the_desk: AtTheDesk, query: dict[str, str], field: str
) -> None:
    answer = at_the_desk.get("/desk/cases", **query)

    assert (answer.status, answer.problem) == (422, "validation")
    assert [error["field"] for error in answer.fields["errors"]] == [field]


def test_every_answer_forbids_keeping_and_guessing(at_the_desk: AtTheDesk, case: str) -> None:
    answers = [
        at_the_desk.get(case),
        at_the_desk.get("/desk/nowhere"),
        at_the_desk.post(f"{case}/claim", b"{"),
    ]

    assert [answer.status for answer in answers] == [200, 404, 400]
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}
    assert {answer.headers["x-content-type-options"] for answer in answers} == {"nosniff"}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = ["text", "answers", "grade", "reason", "ok", "how", "not_when", "disposition", "last_contact_at"]
FIELDS += ["survey", "outcome"]


@given(
    event=st.fixed_dictionaries(
        {},
        optional={
            "rawPath": st.sampled_from([path for _, path, _ in PATHS]) | ANYTHING,
            "requestContext": st.fixed_dictionaries(
                {
                    "http": st.fixed_dictionaries({"method": st.sampled_from(["GET", "POST", "PUT"])})
                    | ANYTHING,
                    "authorizer": st.just(
                        {"jwt": {"claims": {"sub": "s", "cognito:groups": "[supervisor]"}}}
                    ),
                    "stage": st.sampled_from(["$default", "dev"]),
                }
            )
            | ANYTHING,
            "headers": st.dictionaries(
                st.sampled_from(["Idempotency-Key", "if-match", "content-type"]), st.text(max_size=12)
            )
            | ANYTHING,
            "queryStringParameters": st.dictionaries(
                st.sampled_from(["state", "grade", "owner", "cursor"]), st.text(max_size=12)
            ),
            "body": ANYTHING | st.binary(max_size=20).map(lambda raw: raw.decode("latin-1")),
            "isBase64Encoded": ANYTHING,
        },
    )
)
def test_no_event_is_our_fault(event: dict[str, Any]) -> None:
    assert AtTheDesk().hand_over(event).status < 500


def test_a_form_with_nothing_chosen_lists_everything(at_the_desk: AtTheDesk) -> None:
    assert at_the_desk.get("/desk/cases", state="", grade="", owner="", cursor="").status == 200


def test_a_stage_of_another_name_changes_no_route() -> None:
    event = http_event("GET", "/desk/alerts")
    event["requestContext"] |= {
        "stage": "dev",
        "authorizer": {"jwt": {"claims": {"sub": "s", "cognito:groups": "[operator]"}}},
    }

    assert AtTheDesk().hand_over(event).status == 200


@given(
    path=st.sampled_from([path for method, path, _ in PATHS if method == "POST"]),
    body=st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=4),
    version=st.integers(0, 3) | st.text(max_size=6),
    key=st.text(max_size=5),
)
def test_no_act_is_our_fault(path: str, body: dict[str, Any], version: int | str, key: str) -> None:
    at_the_desk = AtTheDesk()
    headers = {"Idempotency-Key": key, "If-Match": str(version)}
    sent = json.dumps(body).encode()

    answer = at_the_desk.send(http_event("POST", path, body=sent, headers=headers), role="supervisor")

    assert 400 <= answer.status < 500
    assert not at_the_desk.records.requests
