"""The stand-in Graph API accepts and refuses what the real one does, and keeps book of it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from typing import Any

import pytest
from httpx import Response

from local.platforms.app import platforms_app
from local.twins.held_still import FrozenClock
from tests.unit.local.asgi_client import AsgiClient

PAGE = "7001"
OTHER_PAGE = "7002"
TOKEN = "page-token"
ORIGIN = "http://127.0.0.1:8781"


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def graph(clock: FrozenClock) -> Iterator[AsgiClient]:
    app = platforms_app({PAGE: TOKEN, OTHER_PAGE: "another"}, clock=clock)
    with AsgiClient(app, ORIGIN, {"Authorization": f"Bearer {TOKEN}"}) as client:
        yield client


def send(graph: AsgiClient, text: str = "Hello", to: str = "900", **body: Any) -> Response:
    fields = {"recipient": {"id": to}, "messaging_type": "RESPONSE", "message": {"text": text}} | body
    return graph.post(f"/v26.0/{PAGE}/messages", json=fields)


def reply_privately(graph: AsgiClient, comment: str, text: str = "Hello") -> Response:
    return graph.post(
        f"/v26.0/{PAGE}/messages", json={"recipient": {"comment_id": comment}, "message": {"text": text}}
    )


def received(graph: AsgiClient) -> list[dict[str, Any]]:
    entries = graph.get("/received").json()["received"]
    assert isinstance(entries, list)
    return entries


def error_of(answer: Response) -> tuple[int, int, int | None]:
    error = answer.json()["error"]
    assert {"message", "type", "code", "fbtrace_id"} <= error.keys()
    return answer.status_code, error["code"], error.get("error_subcode")


def test_an_app_is_told_whom_the_pages_know_by_its_own_token_and_a_proof_alone(graph: AsgiClient) -> None:
    token = "710|app-secret"
    proof = hmac.new(b"app-secret", token.encode(), hashlib.sha256).hexdigest()

    def ask(token: str, proof: str) -> Response:
        headers = {"Authorization": f"Bearer {token}"}
        return graph.get(f"/v26.0/2468/ids_for_pages?appsecret_proof={proof}", headers=headers)

    assert ask(token, proof).json()["data"] == [{"id": "8642"}]
    assert error_of(ask(token, "0" * 64))[:2] == (400, 100)
    assert error_of(ask(TOKEN, proof))[1] == 190


def test_a_message_is_answered_with_its_id_and_noted_as_visible(graph: AsgiClient) -> None:
    answer = send(graph, "Please ring 999 now.", metadata="x")

    assert answer.status_code == 200
    assert answer.json()["recipient_id"] == "900"
    [entry] = received(graph)
    assert entry["id"] == answer.json()["message_id"]
    assert {
        key: entry[key] for key in ("platform", "act", "method", "path", "account", "to", "text", "status")
    } == {
        "platform": "facebook",
        "act": "message",
        "method": "POST",
        "path": f"/v26.0/{PAGE}/messages",
        "account": PAGE,
        "to": "900",
        "text": "Please ring 999 now.",
        "status": 200,
    }
    assert entry["visible"] is True
    assert entry["at"] == "2026-11-02T12:00:00.000Z"


def test_the_token_may_come_as_a_parameter_and_is_not_shown(graph: AsgiClient) -> None:
    form = {
        "access_token": TOKEN,
        "recipient": '{"id":"900"}',
        "messaging_type": "RESPONSE",
        "message": '{"text":"Hello"}',
    }

    answer = graph.post(f"/v26.0/{PAGE}/messages", data=form, headers={"Authorization": ""})

    assert answer.status_code == 200
    assert TOKEN not in str(received(graph))


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer " + TOKEN + "x"])
def test_an_unknown_token_is_refused_with_190(graph: AsgiClient, header: str) -> None:
    answer = graph.post(f"/v26.0/{PAGE}/messages", json={}, headers={"Authorization": header})

    assert error_of(answer) == (400, 190, None)
    assert received(graph)[0]["visible"] is False


def test_no_token_is_refused_with_104(graph: AsgiClient) -> None:
    answer = graph.get("/v26.0/55_66", headers={"Authorization": ""})

    assert error_of(answer) == (400, 104, None)


def test_the_token_of_another_page_cannot_send(graph: AsgiClient) -> None:
    answer = send_as_other(graph)

    assert error_of(answer) == (400, 100, 33)


def send_as_other(graph: AsgiClient) -> Response:
    body = {"recipient": {"id": "900"}, "messaging_type": "RESPONSE", "message": {"text": "Hello"}}
    return graph.post(f"/v26.0/{PAGE}/messages", json=body, headers={"Authorization": "Bearer another"})


def test_text_of_2000_characters_passes_and_one_more_does_not(graph: AsgiClient) -> None:
    assert send(graph, "é" * 2000).status_code == 200
    assert error_of(send(graph, "é" * 2001)) == (400, 100, None)


@pytest.mark.parametrize(
    "body",
    [
        {"recipient": None},
        {"message": {"text": ""}},
        {"message": "Hello"},
        {"message": {"text": 5}},
        {"messaging_type": None},
        {"messaging_type": "SHOUT"},
        {"messaging_type": "MESSAGE_TAG", "tag": "ACCOUNT_UPDATE"},
        {"message": {"text": "Hello", "metadata": "m" * 1001}},
    ],
)
def test_a_message_with_a_bad_parameter_is_refused_with_100(graph: AsgiClient, body: dict[str, Any]) -> None:
    assert error_of(send(graph, **body)) == (400, 100, None)


def test_a_body_that_is_neither_form_nor_object_is_refused(graph: AsgiClient) -> None:
    assert error_of(graph.post(f"/v26.0/{PAGE}/messages", content=b"[1")) == (400, 100, None)


def test_the_window_closes_24_hours_after_the_person_last_wrote(
    graph: AsgiClient, clock: FrozenClock
) -> None:
    graph.put(f"/persons/{PAGE}/900", json={"last_wrote_at": "2026-11-02T12:00:00Z"})
    clock.advance(hours=24)
    assert send(graph).status_code == 200

    clock.advance(seconds=1)

    assert error_of(send(graph)) == (400, 10, 2018278)
    assert send(graph, messaging_type="MESSAGE_TAG", tag="HUMAN_AGENT").status_code == 200
    clock.advance(days=6)
    assert error_of(send(graph, messaging_type="MESSAGE_TAG", tag="HUMAN_AGENT")) == (400, 10, 2018278)


def test_people_who_are_unknown_or_unreachable_are_refused_each_in_their_way(graph: AsgiClient) -> None:
    graph.put(f"/persons/{PAGE}/901", json={"known": False})
    graph.put(f"/persons/{PAGE}/902", json={"reachable": False})

    assert error_of(send(graph, to="901")) == (400, 100, 2018001)
    assert error_of(send(graph, to="902")) == (400, 551, 1545041)


def test_a_comment_has_one_private_reply(graph: AsgiClient) -> None:
    first = reply_privately(graph, "55_66")

    assert first.status_code == 200
    assert error_of(reply_privately(graph, "55_66")) == (400, 10900, None)
    assert reply_privately(graph, "55_67").status_code == 200
    assert [(entry["act"], entry["to"], entry["visible"]) for entry in received(graph)] == [
        ("private_reply", "55_66", True),
        ("private_reply", "55_66", False),
        ("private_reply", "55_67", True),
    ]


def test_a_comment_older_than_seven_days_gets_no_private_reply(graph: AsgiClient, clock: FrozenClock) -> None:
    graph.put("/comments/55_66", json={"created_at": "2026-11-02T12:00:00Z"})
    clock.advance(days=7, seconds=1)

    assert error_of(reply_privately(graph, "55_66")) == (400, 10, 2018278)


def test_a_deleted_comment_can_neither_be_answered_nor_read(graph: AsgiClient) -> None:
    graph.put("/comments/55_66", json={"deleted": True})

    assert error_of(reply_privately(graph, "55_66")) == (400, 100, 33)
    assert error_of(graph.post("/v26.0/55_66/comments", json={"message": "Hello"})) == (400, 100, 33)
    assert error_of(graph.get("/v26.0/55_66")) == (400, 100, 33)


def test_the_same_words_twice_running_under_one_comment_are_refused_with_506(graph: AsgiClient) -> None:
    words = {"message": "In an emergency ring 999."}

    assert graph.post("/v26.0/55_66/comments", json=words).status_code == 200
    assert error_of(graph.post("/v26.0/55_66/comments", json=words)) == (400, 506, None)
    assert graph.post("/v26.0/55_67/comments", json=words).status_code == 200
    assert graph.post("/v26.0/55_66/comments", json={"message": "Other words"}).status_code == 200
    assert graph.post("/v26.0/55_66/comments", json=words).status_code == 200


def test_a_comment_belongs_to_the_page_whose_token_it_came_with(graph: AsgiClient) -> None:
    graph.post("/v26.0/55_66/comments", json={"message": "Hello"})

    [entry] = received(graph)
    assert (entry["act"], entry["account"], entry["to"], entry["text"]) == ("comment", PAGE, "55_66", "Hello")


def test_the_conversation_shows_what_was_sent_newest_first(graph: AsgiClient, clock: FrozenClock) -> None:
    send(graph, "first")
    clock.advance(seconds=5)
    newest = send(graph, "second").json()["message_id"]
    send(graph, "to somebody else", to="901")

    answer = graph.get(
        f"/v26.0/{PAGE}/conversations",
        params={
            "platform": "messenger",
            "user_id": "900",
            "fields": "messages{id,message,created_time,from}",
        },
    )

    [conversation] = answer.json()["data"]
    messages = conversation["messages"]["data"]
    assert [message["message"] for message in messages] == ["second", "first"]
    assert messages[0] == {
        "id": newest,
        "message": "second",
        "created_time": "2026-11-02T12:00:05+0000",
        "from": {"id": PAGE, "name": "Page"},
    }


def test_a_conversation_that_never_was_is_an_empty_list(graph: AsgiClient) -> None:
    answer = graph.get(f"/v26.0/{PAGE}/conversations", params={"platform": "messenger", "user_id": "900"})

    assert answer.json() == {"data": []}


def test_the_number_of_messages_asked_for_is_held_to(graph: AsgiClient) -> None:
    for text in ("one", "two", "three"):
        send(graph, text)

    answer = graph.get(
        f"/v26.0/{PAGE}/conversations", params={"user_id": "900", "fields": "id,messages.limit(2){message}"}
    )

    assert [message["message"] for message in answer.json()["data"][0]["messages"]["data"]] == [
        "three",
        "two",
    ]


def test_the_comments_under_a_comment_show_ours(graph: AsgiClient) -> None:
    made = graph.post("/v26.0/55_66/comments", json={"message": "Hello"}).json()["id"]

    answer = graph.get("/v26.0/55_66/comments", params={"fields": "id,message,from,created_time"})

    assert answer.json()["data"] == [
        {
            "id": made,
            "message": "Hello",
            "from": {"id": PAGE, "name": "Page"},
            "created_time": "2026-11-02T12:00:00+0000",
        }
    ]


def test_a_comment_tells_whether_it_was_answered_in_private(graph: AsgiClient) -> None:
    fields = {"fields": "can_reply_privately,private_reply_conversation"}
    assert graph.get("/v26.0/55_66", params=fields).json() == {"id": "55_66", "can_reply_privately": True}
    person = reply_privately(graph, "55_66", "Please ring 999 now.").json()["recipient_id"]

    after = graph.get("/v26.0/55_66", params=fields).json()

    assert after["can_reply_privately"] is False
    conversations = graph.get(
        f"/v26.0/{PAGE}/conversations", params={"user_id": person, "fields": "messages{message}"}
    ).json()["data"]
    assert conversations[0]["id"] == after["private_reply_conversation"]["id"]
    assert conversations[0]["messages"]["data"][0]["message"] == "Please ring 999 now."


@pytest.mark.parametrize("fields", ["id,shoe_size", "id{", "id}", "{id}", "id;name", "from{id", ".limit(1)"])
def test_fields_that_are_not_there_or_badly_written_are_refused(graph: AsgiClient, fields: str) -> None:
    assert error_of(graph.get("/v26.0/55_66", params={"fields": fields})) == (400, 100, None)


def test_an_unknown_edge_is_refused_as_graph_does(graph: AsgiClient) -> None:
    assert error_of(graph.get(f"/v26.0/{PAGE}/horoscopes/today")) == (400, 2500, None)


@pytest.mark.parametrize(
    ("headers", "path"),
    [
        ({"Host": "evil.example"}, "/received"),
        ({"Host": "evil.example:8781"}, "/v26.0/55_66"),
        ({"Origin": "https://evil.example"}, "/received"),
        ({"Origin": "null"}, "/received"),
        ({"Sec-Fetch-Site": "cross-site"}, "/received"),
    ],
)
def test_foreign_hosts_and_pages_are_refused(graph: AsgiClient, headers: dict[str, str], path: str) -> None:
    assert graph.get(path, headers=headers).status_code == 403


def test_what_was_received_can_be_narrowed_to_one_person(graph: AsgiClient) -> None:
    send(graph, to="900")
    send(graph, to="901")

    entries = graph.get("/received", params={"to": "901"}).json()["received"]

    assert [entry["to"] for entry in entries] == ["901"]
