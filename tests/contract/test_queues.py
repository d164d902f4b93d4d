"""The queues: what is sent arrives, in so many calls and no more, each contact on the queue of its surface."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from contact_desk.contact_message import from_message
from contact_desk.contacts import TEXT_LIMIT_BYTES, Surface
from contact_desk.errors import QueueRefusedError
from contact_desk.intake import Nudge
from contact_desk.pointers import outbox_id_of
from contact_desk.ports import ContactQueue, Nudges, PointerQueue
from contact_desk.stores.queues import SqsContactQueue, SqsNudges, SqsPointerQueue
from local.twins.in_memory_queues import (
    InMemoryContactQueue,
    InMemoryNudges,
    InMemoryPointerQueue,
    InMemoryQueue,
)
from tests.builders import contact
from tests.contract.conftest import Backend

NAMES = ("private", "public", "pointers", "urgent", "ordinary")


@dataclass(frozen=True)
class Queues:
    """The ports over one backend, and what stands in each queue in how many calls."""

    contacts: ContactQueue
    pointers: PointerQueue
    nudges: Nudges
    bodies: Callable[[str], list[str]]
    calls: Callable[[], int] = field(repr=False)


def in_memory() -> Queues:
    contacts, pointers, nudges = InMemoryContactQueue(), InMemoryPointerQueue(), InMemoryNudges()
    queues: dict[str, InMemoryQueue] = {
        "private": contacts.queues[Surface.PRIVATE],
        "public": contacts.queues[Surface.PUBLIC],
        "pointers": pointers.queue,
        "urgent": nudges.urgent_queue,
        "ordinary": nudges.queue,
    }
    return Queues(
        contacts,
        pointers,
        nudges,
        lambda name: queues[name].bodies,
        lambda: sum(queue.calls for queue in queues.values()),
    )


def on_sqs(backend: Backend) -> Queues:
    sqs = backend.client("sqs")
    urls = {name: sqs.create_queue(QueueName=f"{backend.table_name}-{name}")["QueueUrl"] for name in NAMES}
    calls: Counter[str] = Counter()
    sqs.meta.events.register("before-call.sqs.SendMessageBatch", lambda **_: calls.update(["sent"]))

    def bodies(name: str) -> list[str]:
        found: list[str] = []
        while received := _receive(sqs, urls[name]):
            found += received
        return found

    return Queues(
        SqsContactQueue(sqs, {Surface.PRIVATE: urls["private"], Surface.PUBLIC: urls["public"]}),
        SqsPointerQueue(sqs, urls["pointers"]),
        SqsNudges(sqs, urgent_queue_url=urls["urgent"], queue_url=urls["ordinary"]),
        bodies,
        lambda: calls["sent"],
    )


def _receive(sqs: Any, url: str) -> list[str]:
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=600).get(
        "Messages", []
    )
    return [message["Body"] for message in messages]


@pytest.fixture
def queues(backend: Backend) -> Queues:
    return in_memory() if backend.name == "twin" else on_sqs(backend)


def test_each_contact_arrives_whole_on_the_queue_of_its_surface(queues: Queues) -> None:
    private = contact("Tŷ Mawr 🐑 \x00", native_id="m_1", last=False)
    public = contact(channel="facebook_page", part=2)
    queues.contacts.send([private, public])

    assert [from_message(body) for body in queues.bodies("private")] == [private]
    assert [from_message(body) for body in queues.bodies("public")] == [public]
    assert queues.calls() == 2


@pytest.mark.parametrize(("number", "calls"), [(0, 0), (1, 1), (10, 1), (11, 2), (45, 5)])
def test_ten_contacts_make_a_call(queues: Queues, number: int, calls: int) -> None:
    queues.contacts.send([contact(native_id=f"m_{position}") for position in range(number)])

    arrived = {from_message(body).native_id for body in queues.bodies("private")}
    assert arrived == {f"m_{position}" for position in range(number)}
    assert queues.calls() == calls


def test_large_contacts_make_more_calls_so_that_each_is_taken(queues: Queues) -> None:
    """Text and event as large as ingest lets them be, in the characters that JSON writes longest."""
    large = {"text": "\x00" * TEXT_LIMIT_BYTES, "raw": '"' * 200 * 1024}
    queues.contacts.send([contact(native_id=f"m_{position}", **large) for position in range(3)])

    assert len(queues.bodies("private")) == 3
    assert queues.calls() == 3


def test_a_message_that_no_call_could_carry_is_refused(queues: Queues) -> None:
    with pytest.raises(QueueRefusedError):
        queues.pointers.send(["x" * 1_048_577])


@pytest.mark.parametrize(("number", "calls"), [(0, 0), (3, 1), (23, 3)])
def test_ten_pointers_make_a_call(queues: Queues, number: int, calls: int) -> None:
    queues.pointers.send([json.dumps({"v": 1, "number": position}) for position in range(number)])

    assert sorted(json.loads(body)["number"] for body in queues.bodies("pointers")) == list(range(number))
    assert queues.calls() == calls


def test_each_item_is_nudged_once_on_the_queue_of_its_urgency(queues: Queues) -> None:
    queues.nudges.send([Nudge("a", True), Nudge("b", False), Nudge("c", False), Nudge("b", False)])

    assert [outbox_id_of(body) for body in queues.bodies("urgent")] == ["a"]
    assert sorted(outbox_id_of(body) for body in queues.bodies("ordinary")) == ["b", "c"]
    assert queues.calls() == 2


def test_no_nudges_make_no_call(queues: Queues) -> None:
    queues.nudges.send([])

    assert queues.calls() == 0
