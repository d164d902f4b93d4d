"""What Meta asks in a person's name: signed by the app or refused, written down once, told of on a page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import urllib3

from contact_desk.http_api import Answer, respond
from contact_desk.subjects import address_name
from functions.data_deletion.handler import ROUTES
from functions.data_deletion.page_ids import GraphPageIds
from functions.data_deletion.requests import Deletions
from local.twins.desk_records import DeskRecords
from local.twins.held_still import NOON, FrozenClock
from local.twins.in_memory_deletions import InMemoryDeletionRequests
from local.twins.in_memory_secret import InMemorySecret
from tests.builders import APP_ID, APP_SECRET, force, http_event, signed_request

PERSON, PAGE_ID = "2468013579", "6120045518830012"
FORM = {"content-type": "application/x-www-form-urlencoded"}
SECRET = {"app_secret": APP_SECRET, "app_id": APP_ID}


@dataclass
class Matched:
    """Meta's answer to whose id it is."""

    ids: tuple[str, ...] | None = (PAGE_ID,)
    asked: list[str] = field(default_factory=list)

    def of(self, person: str, secret: Mapping[str, Any]) -> tuple[str, ...] | None:
        assert secret["app_secret"]
        self.asked.append(person)
        return self.ids


class Asked:
    """The function over records in memory."""

    def __init__(self) -> None:
        self.records, self.page_ids = DeskRecords(), Matched()
        self.requests = InMemoryDeletionRequests(self.records)
        self.secret = InMemorySecret(**SECRET)

    def send(self, method: str, path: str, body: bytes | None = None) -> Answer:
        deletions = Deletions(
            force=force(),
            requests=self.requests,
            secret=self.secret,
            page_ids=self.page_ids,
            clock=FrozenClock(NOON),
            pages_url="https://desk.example",
        )
        return respond(http_event(method, path, body=body, headers=FORM), ROUTES, deletions)

    def ask(self, body: bytes) -> Answer:
        return self.send("POST", "/data-deletion/meta", body)


@pytest.fixture
def asked() -> Asked:
    return Asked()


def test_a_signed_request_is_written_down_and_answered_with_code_and_page(asked: Asked) -> None:
    answer = asked.ask(signed_request(PERSON))

    assert answer["statusCode"] == 200
    told = json.loads(answer["body"])
    code = told["confirmation_code"]
    assert told == {"url": f"https://desk.example/data-deletion/{code}", "confirmation_code": code}
    assert code.isalnum()
    (request,) = asked.requests.waiting()
    assert (request.code, request.matched, request.person, request.look_at) == (code, True, PERSON, NOON)
    for channel in ("messenger", "facebook_page", "instagram", "whatsapp"):
        for one in (PERSON, PAGE_ID):
            assert address_name(channel, one) in request.names
    assert address_name("x", PERSON) not in request.names


def test_the_same_request_again_is_the_same_code_and_asks_nobody_twice(asked: Asked) -> None:
    first, again = (asked.ask(signed_request(PERSON)) for _ in range(2))
    other = asked.ask(signed_request(PERSON, issued_at=1793620801))

    assert first["body"] == again["body"] != other["body"]
    assert asked.page_ids.asked == [PERSON, PERSON]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"signed_request=",
        b"signed_request=abc",
        b"signed_request=%ff.%ff",
        b"signed_request=a.b.c",
        b"\xff\xfe",
        b"other=1",
        signed_request(PERSON, app_secret="another"),
        signed_request(PERSON, app_secret=""),
        signed_request(PERSON)[:-3] + b"AAA",
        signed_request(PERSON, algorithm="none"),
        signed_request("no id"),
        signed_request("9" * 70),
        signed_request("") + b"&x=" + b"1" * 9000,
    ],
)
def test_what_the_app_did_not_sign_is_refused_and_leaves_nothing(asked: Asked, body: bytes) -> None:
    assert asked.ask(body)["statusCode"] == 401
    assert asked.records.deletions == {}


def test_nothing_is_signed_by_an_empty_secret(asked: Asked) -> None:
    asked.secret = InMemorySecret(app_secret="")
    assert asked.ask(signed_request(PERSON, app_secret=""))["statusCode"] == 401


def test_the_secret_of_before_a_change_still_counts(asked: Asked) -> None:
    asked.secret.rotate(app_secret="new", app_id=APP_ID)
    assert asked.ask(signed_request(PERSON))["statusCode"] == 200


def test_one_whom_meta_does_not_match_waits_for_a_person(asked: Asked) -> None:
    asked.page_ids.ids = None
    assert asked.ask(signed_request(PERSON))["statusCode"] == 200

    (request,) = asked.requests.waiting()
    assert not request.matched
    assert address_name("messenger", PERSON) in request.names


def test_the_page_says_how_it_stands_and_never_whether_anything_was_there(asked: Asked) -> None:
    code = json.loads(asked.ask(signed_request(PERSON))["body"])["confirmation_code"]
    waits = asked.send("GET", f"/data-deletion/{code}")
    asked.requests.settle(code, NOON)
    settled = asked.send("GET", f"/data-deletion/{code}")

    assert (waits["statusCode"], settled["statusCode"]) == (200, 200)
    assert "We have your request" in waits["body"]
    assert "We have dealt with" in settled["body"]
    for shown in (waits, settled):
        assert force().privacy.reach in shown["body"]
        assert PERSON not in shown["body"]
        assert shown["headers"]["cache-control"] == "no-store"
    assert asked.records.deletions[code].person is None
    assert asked.records.deletions[code].names == ()


@pytest.mark.parametrize("code", ["z" * 26, "short", "A" * 26, "..", "meta2"])
def test_a_code_that_nobody_was_given_has_no_page(asked: Asked, code: str) -> None:
    shown = asked.send("GET", f"/data-deletion/{code}")
    assert (shown["statusCode"], "We do not know" in shown["body"]) == (404, True)


class Graph:
    """Stands for the connection to Meta."""

    def __init__(self, body: bytes | Exception, status: int = 200) -> None:
        self.body, self.status = body, status

    def request(self, method: str, url: str, **_: Any) -> Any:
        self.asked = method, url
        if isinstance(self.body, Exception):
            raise self.body
        return urllib3.HTTPResponse(body=self.body, status=self.status, preload_content=True)


@pytest.mark.parametrize(
    ("graph", "ids"),
    [
        (Graph(b'{"data": [{"id": "11"}, {"id": "12"}]}'), ("11", "12")),
        (Graph(b'{"data": []}'), ()),
        (Graph(b'{"data": [{"id": "../me"}]}'), ()),
        (Graph(b'{"error": {}}', 400), None),
        (Graph(b"no json"), None),
        (Graph(b'{"data": [1]}'), None),
        (Graph(urllib3.exceptions.TimeoutError()), None),
    ],
)
def test_meta_is_asked_by_the_apps_own_token_and_anything_odd_is_no_answer(
    graph: Graph, ids: tuple[str, ...] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking = GraphPageIds("https://graph.example/v26.0")
    monkeypatch.setattr(asking, "_http", graph)
    assert asking.of(PERSON, SECRET) == ids
    method, url = graph.asked
    assert (method, url.startswith(f"https://graph.example/v26.0/{PERSON}/ids_for_pages?")) == ("GET", True)
    assert APP_SECRET not in url


def test_without_the_apps_id_meta_is_not_asked() -> None:
    assert GraphPageIds("https://graph.example").of(PERSON, {"app_secret": APP_SECRET}) is None
