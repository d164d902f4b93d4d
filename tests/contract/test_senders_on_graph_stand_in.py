"""Notify's senders and the stand-in Graph API understand each other, in success and in every failure."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import uvicorn

from contact_desk.outbox import OutboxItem, OutboxKind, Purpose
from contact_desk.send_failures import SendFailure
from functions.notify.graph_api import GraphApi
from functions.notify.platform_answers import (
    Absent,
    CredentialsRefused,
    Found,
    Rejected,
    RetryLater,
    Sent,
    Unclear,
    UnknownEffect,
    WindowClosed,
)
from functions.notify.senders.comment_replies import CommentReplySender
from functions.notify.senders.messages import MessageSender
from functions.notify.senders.private_replies import PrivateReplySender
from functions.notify.senders.sender import Sender
from local.platforms.app import platforms_app

PAGE = "7001"
TOKEN = "page-token"
PERSON = "6120045518830012"
COMMENT = "55_66"
SOON = timedelta(seconds=5)
AT_ONCE = timedelta(seconds=0.3)
SENDERS: dict[OutboxKind, type[MessageSender | CommentReplySender | PrivateReplySender]] = {
    OutboxKind.MESSAGE: MessageSender,
    OutboxKind.COMMENT_REPLY: CommentReplySender,
    OutboxKind.PRIVATE_REPLY: PrivateReplySender,
}
ACTS = {
    OutboxKind.MESSAGE: "message",
    OutboxKind.COMMENT_REPLY: "comment",
    OutboxKind.PRIVATE_REPLY: "private_reply",
}
EVERY_KIND = pytest.mark.parametrize("kind", SENDERS)


class Publishing:
    """The secret for publishing, with one page's token."""

    def __init__(self, token: str) -> None:
        self._token = token

    def versions(self, max_age: timedelta | None = None) -> Sequence[Mapping[str, Any]]:
        return [{"page_tokens": {PAGE: self._token}}]


@pytest.fixture
def platforms() -> Iterator[httpx.Client]:
    """The stand-ins on a free port, and a client for their control routes."""
    config = uvicorn.Config(
        platforms_app({PAGE: TOKEN}),
        host="127.0.0.1",
        port=0,
        log_level="warning",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        yield client
    server.should_exit = True
    thread.join()


def sender(platforms: httpx.Client, kind: OutboxKind, token: str = TOKEN) -> Sender:
    base_url = str(platforms.base_url).rstrip("/") + "/v26.0"
    return SENDERS[kind](GraphApi(base_url, Publishing(token)))


def item(kind: OutboxKind, text: str = "Please ring 999 now.", **fields: Any) -> OutboxItem:
    now = datetime.now(UTC)
    fresh = OutboxItem(
        outbox_id="01outbox",
        kind=kind,
        purpose=Purpose.EMERGENCY,
        channel="messenger",
        account=PAGE,
        target=PERSON if kind is OutboxKind.MESSAGE else COMMENT,
        text=text,
        urgent=True,
        created_at=now,
        due_at=now,
        attempts=1,
        started_at=now,
    )
    return replace(fresh, **fields)


def plan(platforms: httpx.Client, kind: OutboxKind, fault: str, **more: Any) -> None:
    answer = platforms.post(
        "/faults", json={"platform": "facebook", "act": ACTS[kind], "fault": fault, **more}
    )
    assert answer.status_code == 201


def texts_seen(platforms: httpx.Client) -> list[str]:
    entries = platforms.get("/received").json()["received"]
    return [entry["text"] for entry in entries if entry["visible"]]


@EVERY_KIND
def test_what_is_sent_is_there_and_is_found(platforms: httpx.Client, kind: OutboxKind) -> None:
    graph = sender(platforms, kind)

    assert graph.look_up(item(kind), within=SOON) == Absent()
    sent = graph.send(item(kind), within=SOON)

    assert isinstance(sent, Sent)
    assert texts_seen(platforms) == ["Please ring 999 now."]
    expected = None if kind is OutboxKind.PRIVATE_REPLY else sent.platform_id
    assert graph.look_up(item(kind), within=SOON) == Found(expected)


@EVERY_KIND
def test_a_failure_after_the_effect_is_in_doubt_and_then_found(
    platforms: httpx.Client, kind: OutboxKind
) -> None:
    plan(platforms, kind, "500_after")
    graph = sender(platforms, kind)

    assert graph.send(item(kind), within=SOON) == UnknownEffect(SendFailure.SERVER_ERROR)
    assert isinstance(graph.look_up(item(kind), within=SOON), Found)


@EVERY_KIND
def test_a_failure_before_the_effect_is_in_doubt_and_then_absent(
    platforms: httpx.Client, kind: OutboxKind
) -> None:
    plan(platforms, kind, "500_before")
    graph = sender(platforms, kind)

    assert graph.send(item(kind), within=SOON) == UnknownEffect(SendFailure.SERVER_ERROR)
    assert graph.look_up(item(kind), within=SOON) == Absent()
    assert texts_seen(platforms) == []


@EVERY_KIND
def test_a_platform_that_hangs_is_left_in_time_and_then_absent(
    platforms: httpx.Client, kind: OutboxKind
) -> None:
    plan(platforms, kind, "hang")
    graph = sender(platforms, kind)

    assert graph.send(item(kind), within=AT_ONCE) == UnknownEffect(SendFailure.NO_ANSWER)
    assert graph.look_up(item(kind), within=SOON) == Absent()


@EVERY_KIND
def test_a_rate_is_waited_for_as_long_as_told(platforms: httpx.Client, kind: OutboxKind) -> None:
    plan(platforms, kind, "429")
    plan(platforms, kind, "429", regain_minutes=7)
    graph = sender(platforms, kind)

    assert graph.send(item(kind), within=SOON) == RetryLater(SendFailure.THROTTLED)
    assert graph.send(item(kind), within=SOON) == RetryLater(SendFailure.THROTTLED, timedelta(minutes=7))


@EVERY_KIND
def test_dead_and_wrong_tokens_are_refused_as_such(platforms: httpx.Client, kind: OutboxKind) -> None:
    plan(platforms, kind, "expired")

    assert sender(platforms, kind).send(item(kind), within=SOON) == CredentialsRefused()
    assert sender(platforms, kind, token="wrong").send(item(kind), within=SOON) == CredentialsRefused()


def test_a_closed_window_is_told_from_other_refusals(platforms: httpx.Client) -> None:
    platforms.put(f"/persons/{PAGE}/{PERSON}", json={"last_wrote_at": "2020-01-01T00:00:00Z"})

    assert sender(platforms, OutboxKind.MESSAGE).send(item(OutboxKind.MESSAGE), within=SOON) == WindowClosed()


def test_people_who_cannot_be_reached_are_told_apart(platforms: httpx.Client) -> None:
    platforms.put(f"/persons/{PAGE}/1", json={"known": False})
    platforms.put(f"/persons/{PAGE}/2", json={"reachable": False})
    messages = sender(platforms, OutboxKind.MESSAGE)

    unknown = messages.send(item(OutboxKind.MESSAGE, target="1"), within=SOON)
    unreachable = messages.send(item(OutboxKind.MESSAGE, target="2"), within=SOON)

    assert unknown == Rejected(SendFailure.NO_SUCH_PERSON)
    assert unreachable == Rejected(SendFailure.PERSON_UNREACHABLE)


def test_a_text_that_is_too_long_is_rejected(platforms: httpx.Client) -> None:
    answer = sender(platforms, OutboxKind.MESSAGE).send(item(OutboxKind.MESSAGE, "a" * 2001), within=SOON)

    assert answer == Rejected(SendFailure.BAD_REQUEST)


@pytest.mark.parametrize(
    ("kind", "failure"),
    [
        (OutboxKind.COMMENT_REPLY, SendFailure.DUPLICATE_TEXT),
        (OutboxKind.PRIVATE_REPLY, SendFailure.ALREADY_REPLIED),
    ],
)
def test_what_is_there_already_is_rejected_or_looked_up(
    platforms: httpx.Client, kind: OutboxKind, failure: SendFailure
) -> None:
    graph = sender(platforms, kind)
    graph.send(item(kind), within=SOON)

    assert graph.send(item(kind), within=SOON) == Rejected(failure)
    assert graph.send(item(kind, attempts=2), within=SOON) == UnknownEffect(failure)
    assert len(texts_seen(platforms)) == 1


@pytest.mark.parametrize("kind", [OutboxKind.COMMENT_REPLY, OutboxKind.PRIVATE_REPLY])
def test_a_comment_that_is_gone_is_told(platforms: httpx.Client, kind: OutboxKind) -> None:
    platforms.put(f"/comments/{COMMENT}", json={"deleted": True})
    graph = sender(platforms, kind)

    assert graph.send(item(kind), within=SOON) == Rejected(SendFailure.TARGET_GONE)
    looked_up = graph.look_up(item(kind), within=SOON)
    gone = Absent() if kind is OutboxKind.COMMENT_REPLY else Unclear(SendFailure.TARGET_GONE)
    assert looked_up == gone
