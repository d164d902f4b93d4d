"""The senders against the stand-in Graph API on a loopback port: what they send arrives, what was sent is found."""

from __future__ import annotations

import threading
from collections.abc import Iterator
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
from local.processes import wait_until
from local.twins.held_still import FrozenClock
from local.twins.in_memory_secret import InMemorySecret
from tests.builders import PAGE, PERSON, outbox_item

TOKEN = "the-token-of-the-page"
WITHIN = timedelta(seconds=2)
KINDS = {
    OutboxKind.MESSAGE: "message",
    OutboxKind.COMMENT_REPLY: "comment",
    OutboxKind.PRIVATE_REPLY: "private_reply",
}


class Facebook:
    """The stand-in, and what the public can see of it."""

    def __init__(self, url: str, clock: FrozenClock) -> None:
        self.url = url
        self.clock = clock
        self.control = httpx.Client(base_url=url, trust_env=False)

    def sender(self, kind: OutboxKind, token: str = TOKEN) -> Sender:
        graph = GraphApi(f"{self.url}/v26.0", InMemorySecret(page_tokens={PAGE: token}))
        senders: dict[OutboxKind, Sender] = {
            OutboxKind.MESSAGE: MessageSender(graph),
            OutboxKind.COMMENT_REPLY: CommentReplySender(graph),
            OutboxKind.PRIVATE_REPLY: PrivateReplySender(graph),
        }
        return senders[kind]

    def send(self, item: OutboxItem, token: str = TOKEN) -> Any:
        return self.sender(item.kind, token).send(item, within=WITHIN)

    def look_up(self, item: OutboxItem) -> Any:
        return self.sender(item.kind).look_up(item, within=WITHIN)

    def fails(self, fault: str, act: str, **more: Any) -> None:
        asked = {"platform": "facebook", "act": act, "fault": fault, **more}
        assert self.control.post("/faults", json=asked).status_code == 201

    @property
    def received(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.control.get("/received").json()["received"]
        return entries

    @property
    def visible(self) -> list[str]:
        return [entry["text"] for entry in self.received if entry["visible"]]


@pytest.fixture
def facebook() -> Iterator[Facebook]:
    clock = FrozenClock(datetime.now(UTC))
    server = uvicorn.Server(
        uvicorn.Config(
            platforms_app({PAGE: TOKEN}, clock=clock),
            host="127.0.0.1",
            port=0,
            log_level="warning",
            timeout_graceful_shutdown=1,
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert wait_until(lambda: server.started, deadline_seconds=10)
    port = server.servers[0].sockets[0].getsockname()[1]
    facebook = Facebook(f"http://127.0.0.1:{port}", clock)
    yield facebook
    facebook.control.delete("/faults")
    facebook.control.close()
    server.should_exit = True
    thread.join(timeout=10)


def started(facebook: Facebook, kind: OutboxKind, **changed: Any) -> OutboxItem:
    """An item on its first try."""
    return outbox_item(kind, **{"attempts": 1, "started_at": facebook.clock.now(), **changed})


def again(item: OutboxItem) -> OutboxItem:
    return replace(item, attempts=item.attempts + 1)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_sent_arrives_in_its_exact_words_and_is_found(facebook: Facebook, kind: OutboxKind) -> None:
    item = started(facebook, kind, text="Ffoniwch 101 🚓\n“Diolch”")

    answer = facebook.send(item)

    (received,) = facebook.received
    assert isinstance(answer, Sent)
    assert (received["id"], received["act"]) == (answer.platform_id, KINDS[kind])
    assert (received["text"], received["to"], received["account"]) == (item.text, item.target, PAGE)
    assert facebook.look_up(item) == Found(None if kind is OutboxKind.PRIVATE_REPLY else answer.platform_id)


def test_a_message_carries_the_item_s_name_so_that_its_echo_confirms_it(facebook: Facebook) -> None:
    item = started(facebook, OutboxKind.MESSAGE)

    facebook.send(item)

    (received,) = facebook.received
    assert received["body"]["message"]["metadata"] == item.outbox_id
    assert received["body"]["messaging_type"] == "RESPONSE"


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_never_sent_is_absent(facebook: Facebook, kind: OutboxKind) -> None:
    assert facebook.look_up(started(facebook, kind)) == Absent()


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_error_is_a_perhaps_that_a_look_up_settles(facebook: Facebook, kind: OutboxKind) -> None:
    item = started(facebook, kind)
    facebook.fails("500_before", KINDS[kind])
    facebook.fails("500_after", KINDS[kind])

    assert facebook.send(item) == UnknownEffect(SendFailure.SERVER_ERROR)
    assert facebook.look_up(item) == Absent()
    assert facebook.send(again(item)) == UnknownEffect(SendFailure.SERVER_ERROR)
    assert isinstance(facebook.look_up(item), Found)
    assert facebook.visible == [item.text]


@pytest.mark.parametrize("kind", KINDS)
def test_a_platform_that_hangs_is_left_in_time_and_looked_up(facebook: Facebook, kind: OutboxKind) -> None:
    item = started(facebook, kind)
    facebook.fails("hang", KINDS[kind])

    assert facebook.sender(kind).send(item, within=timedelta(seconds=0.3)) == UnknownEffect(
        SendFailure.NO_ANSWER
    )
    assert facebook.look_up(item) == Absent()


@pytest.mark.parametrize("kind", KINDS)
def test_throttling_waits_as_long_as_it_is_told(facebook: Facebook, kind: OutboxKind) -> None:
    item = started(facebook, kind)
    facebook.fails("429", KINDS[kind])
    facebook.fails("429", KINDS[kind], regain_minutes=7)

    assert facebook.send(item) == RetryLater(SendFailure.THROTTLED)
    assert facebook.send(item) == RetryLater(SendFailure.THROTTLED, timedelta(minutes=7))
    assert facebook.visible == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_dead_token_is_told_from_throttling(facebook: Facebook, kind: OutboxKind) -> None:
    item = started(facebook, kind)
    facebook.fails("expired", KINDS[kind])

    assert facebook.send(item) == CredentialsRefused()
    assert facebook.send(item, token="made-up") == CredentialsRefused()
    assert facebook.visible == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        ("500_before", Unclear(SendFailure.SERVER_ERROR)),
        ("429", RetryLater(SendFailure.THROTTLED)),
        ("expired", CredentialsRefused()),
    ],
)
def test_a_look_up_that_fails_proves_nothing(
    facebook: Facebook, kind: OutboxKind, fault: str, answer: object
) -> None:
    facebook.fails(fault, "look_up")

    assert facebook.look_up(started(facebook, kind)) == answer


def test_a_closed_window_is_final(facebook: Facebook) -> None:
    wrote_at = facebook.clock.now() - timedelta(hours=25)
    facebook.control.put(f"/persons/{PAGE}/{PERSON}", json={"last_wrote_at": wrote_at.isoformat()})

    assert facebook.send(started(facebook, OutboxKind.MESSAGE)) == WindowClosed()


@pytest.mark.parametrize(
    ("person", "failure"),
    [({"known": False}, SendFailure.NO_SUCH_PERSON), ({"reachable": False}, SendFailure.PERSON_UNREACHABLE)],
)
def test_a_person_who_cannot_be_reached_is_final(
    facebook: Facebook, person: dict[str, bool], failure: SendFailure
) -> None:
    facebook.control.put(f"/persons/{PAGE}/{PERSON}", json=person)

    assert facebook.send(started(facebook, OutboxKind.MESSAGE)) == Rejected(failure)


@pytest.mark.parametrize("kind", [OutboxKind.COMMENT_REPLY, OutboxKind.PRIVATE_REPLY])
def test_a_comment_that_is_gone_is_final(facebook: Facebook, kind: OutboxKind) -> None:
    item = started(facebook, kind)
    facebook.control.put(f"/comments/{item.target}", json={"deleted": True})

    assert facebook.send(item) == Rejected(SendFailure.TARGET_GONE)


def test_under_a_comment_that_is_gone_nothing_of_ours_stands_but_a_message_may(facebook: Facebook) -> None:
    reply, message = started(facebook, OutboxKind.COMMENT_REPLY), started(facebook, OutboxKind.PRIVATE_REPLY)
    facebook.send(reply)
    facebook.send(message)
    facebook.control.put(f"/comments/{reply.target}", json={"deleted": True})

    assert facebook.look_up(reply) == Absent()
    assert facebook.look_up(message) == Unclear(SendFailure.TARGET_GONE)


def test_a_text_too_long_is_final(facebook: Facebook) -> None:
    assert facebook.send(started(facebook, OutboxKind.MESSAGE, text="a" * 2001)) == Rejected(
        SendFailure.BAD_REQUEST
    )


@pytest.mark.parametrize(
    ("kind", "failure"),
    [
        (OutboxKind.COMMENT_REPLY, SendFailure.DUPLICATE_TEXT),
        (OutboxKind.PRIVATE_REPLY, SendFailure.ALREADY_REPLIED),
    ],
)
def test_what_is_there_already_is_ours_only_after_an_earlier_try(
    facebook: Facebook, kind: OutboxKind, failure: SendFailure
) -> None:
    item = started(facebook, kind)
    facebook.send(item)
    other = started(facebook, kind, cause="another", purpose=Purpose.EMERGENCY)

    assert facebook.send(other) == Rejected(failure)
    assert facebook.send(again(item)) == UnknownEffect(failure)
    assert isinstance(facebook.look_up(again(item)), Found)
    assert facebook.visible == [item.text]


def test_an_older_message_of_the_same_words_is_not_taken_for_this_one(facebook: Facebook) -> None:
    earlier = started(facebook, OutboxKind.MESSAGE)
    facebook.send(earlier)
    facebook.clock.advance(minutes=20)

    later = started(facebook, OutboxKind.MESSAGE, cause="later")

    assert facebook.look_up(later) == Absent()
    assert isinstance(facebook.look_up(earlier), Found)
