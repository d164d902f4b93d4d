"""The stand-ins go wrong when told to, as often as told to, in the way the platforms do."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx
import pytest
from starlette.types import Message

from local.platforms.app import platforms_app
from local.twins.held_still import FrozenClock
from tests.unit.local.asgi_client import AsgiClient

PAGE = "7001"
BODY = {"recipient": {"id": "900"}, "messaging_type": "RESPONSE", "message": {"text": "Hello"}}
HEADERS = {"Authorization": "Bearer page-token"}
ORIGIN = "http://127.0.0.1:8781"
MESSAGES = f"/v26.0/{PAGE}/messages"


@pytest.fixture
def graph() -> Iterator[AsgiClient]:
    app = platforms_app({PAGE: "page-token"}, clock=FrozenClock())
    with AsgiClient(app, ORIGIN, HEADERS) as client:
        yield client


def plan(graph: AsgiClient, **fault: object) -> None:
    assert graph.post("/faults", json=fault).status_code == 201


def visible(graph: AsgiClient) -> list[bool]:
    return [entry["visible"] for entry in graph.get("/received").json()["received"]]


def code(answer: httpx.Response) -> tuple[int, int, int | None]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("error_subcode")


def test_a_fault_strikes_as_often_as_told_and_then_no_more(graph: AsgiClient) -> None:
    plan(graph, platform="facebook", act="message", fault="500_before", times=2)

    statuses = [graph.post(MESSAGES, json=BODY).status_code for _ in range(3)]

    assert statuses == [500, 500, 200]
    assert visible(graph) == [False, False, True]
    assert graph.get("/faults").json() == {"faults": []}


def test_a_failure_after_the_effect_leaves_the_message_visible(graph: AsgiClient) -> None:
    plan(graph, act="message", fault="500_after")

    answer = graph.post(MESSAGES, json=BODY)

    assert code(answer) == (500, 2, None)
    assert visible(graph) == [True]
    conversation = graph.get(
        f"/v26.0/{PAGE}/conversations", params={"user_id": "900", "fields": "messages{message}"}
    )
    assert [entry["message"] for entry in conversation.json()["data"][0]["messages"]["data"]] == ["Hello"]


def test_a_failure_after_the_effect_does_not_hide_a_refusal(graph: AsgiClient) -> None:
    plan(graph, fault="500_after")

    assert code(graph.post(MESSAGES, json=BODY | {"message": {"text": ""}})) == (400, 100, None)


def test_a_rate_is_refused_in_the_way_of_graph(graph: AsgiClient) -> None:
    plan(graph, act="message", fault="429")

    assert code(graph.post(MESSAGES, json=BODY)) == (400, 613, None)


def test_a_rate_with_a_wait_carries_the_usage_header(graph: AsgiClient) -> None:
    plan(graph, act="message", fault="429", regain_minutes=7)
    plan(graph, act="comment", fault="429", regain_minutes=7)

    message = graph.post(MESSAGES, json=BODY)
    comment = graph.post("/v26.0/55_66/comments", json={"message": "Hello"})

    assert (code(message)[1], code(comment)[1]) == (80006, 80001)
    assert '"estimated_time_to_regain_access": 7' in comment.headers["x-business-use-case-usage"]
    assert PAGE in comment.headers["x-business-use-case-usage"]


def test_an_expired_token_is_told_apart_from_a_bad_one(graph: AsgiClient) -> None:
    plan(graph, act="message", fault="expired")

    assert code(graph.post(MESSAGES, json=BODY)) == (400, 190, 463)


def test_a_fault_concerns_only_its_act(graph: AsgiClient) -> None:
    plan(graph, act="private_reply", fault="500_before", times=9)

    assert graph.post(MESSAGES, json=BODY).status_code == 200
    private = {"recipient": {"comment_id": "55_66"}, "message": {"text": "Hello"}}
    assert graph.post(MESSAGES, json=private).status_code == 500
    assert graph.post("/v26.0/55_66/comments", json={"message": "Hello"}).status_code == 200


def test_a_fault_may_name_the_channel_for_the_platform(graph: AsgiClient) -> None:
    plan(graph, platform="facebook_page", fault="500_before", times=9)

    assert graph.post(MESSAGES, json=BODY).status_code == 200
    assert graph.post("/v26.0/55_66/comments", json={"message": "Hello"}).status_code == 500


def test_look_ups_can_fail_too(graph: AsgiClient) -> None:
    plan(graph, act="look_up", fault="500_before")

    assert graph.get("/v26.0/55_66").status_code == 500
    assert graph.get("/v26.0/55_66").status_code == 200


def test_cleared_faults_strike_no_more(graph: AsgiClient) -> None:
    plan(graph, fault="500_before", times=9)

    assert graph.delete("/faults").status_code == 200

    assert graph.post(MESSAGES, json=BODY).status_code == 200


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "gremlins"},
        {"fault": "429", "times": 0},
        {"fault": "429", "act": "dance"},
        {"act": "message"},
        {"platform": "myspace", "fault": "429"},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_by_field(graph: AsgiClient, fault: dict[str, object]) -> None:
    answer = graph.post("/faults", json=fault)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] in {"fault", "times", "act", "platform"}


def test_a_call_that_hangs_is_let_go_when_faults_are_cleared() -> None:
    async def scene() -> tuple[bool, int, list[bool]]:
        transport = httpx.ASGITransport(app=platforms_app({PAGE: "page-token"}, clock=FrozenClock()))
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=HEADERS) as client:
            await client.post("/faults", json={"act": "message", "fault": "hang"})
            call = asyncio.create_task(client.post(MESSAGES, json=BODY))
            done, _ = await asyncio.wait([call], timeout=0.05)
            await client.delete("/faults")
            answer = await asyncio.wait_for(call, timeout=2)
            entries = (await client.get("/received")).json()["received"]
            return bool(done), answer.status_code, [entry["visible"] for entry in entries]

    assert asyncio.run(scene()) == (False, 500, [False])


def test_a_call_that_hangs_ends_when_the_caller_hangs_up() -> None:
    async def scene() -> list[str]:
        app = platforms_app({PAGE: "page-token"}, clock=FrozenClock())
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=HEADERS) as client:
            await client.post("/faults", json={"act": "look_up", "fault": "hang"})
        messages: list[Message] = [
            {"type": "http.request", "body": b"", "more_body": False},
            {"type": "http.disconnect"},
        ]
        sent: list[str] = []

        async def receive() -> Message:
            return messages.pop(0)

        async def send(message: Message) -> None:
            sent.append(str(message["type"]))

        scope = {
            "type": "http",
            "method": "GET",
            "path": "/v26.0/55_66",
            "raw_path": b"/v26.0/55_66",
            "query_string": b"",
            "headers": [(b"host", b"127.0.0.1:8781"), (b"authorization", b"Bearer page-token")],
            "scheme": "http",
            "http_version": "1.1",
            "server": ("127.0.0.1", 8781),
        }
        await asyncio.wait_for(app(scope, receive, send), timeout=2)
        return sent

    assert asyncio.run(scene())[0] == "http.response.start"
