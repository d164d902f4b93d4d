"""The readers of X and the stand-in over HTTP: told by the control route, signed, paged, throttled and refused."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import uvicorn

from contact_desk.clock import SystemClock
from contact_desk.contacts import Contact
from functions.ingest.catching_up import as_bytes
from functions.ingest.delivery import read_delivery
from functions.ingest.readers.reader import ReadingStoppedError, Span, StopCause
from functions.ingest.readers.x_mentions import XMentionsReader
from functions.ingest.readers.x_messages import XMessagesReader
from functions.ingest.readers.x_reading import XReading
from local.platforms.app import platforms_app
from local.twins.in_memory_secret import InMemorySecret
from tests.builders import FORCE_ON_X, Json, force
from tests.simulation.graph_in_process import X_KEYS
from tests.x_deliveries import MESSAGE_ID, POST_ID, account_activity, direct_message, iso, mention

NOW = datetime.now(UTC).replace(microsecond=0)
LATELY = Span(NOW - timedelta(hours=1), NOW)


@dataclass
class Platforms:
    """The stand-ins on a free port, and the readers that ask them."""

    http: httpx.Client

    def tell(self, envelope: Json) -> None:
        answer = self.http.post("/happened", json=envelope)
        assert (answer.status_code, answer.json()) == (201, {"understood": 1})

    def plan(self, act: str, fault: str, **more: Any) -> None:
        answer = self.http.post("/faults", json={"platform": "x", "act": act, "fault": fault, **more})
        assert answer.status_code == 201

    def reading(self, **changed: Any) -> XReading:
        keys = InMemorySecret(**{**X_KEYS.model_dump(), **changed})
        return XReading(f"{self.http.base_url}".rstrip("/") + "/x/2", keys, SystemClock(), lambda _: None)

    def contacts(self, **changed: Any) -> list[Contact]:
        """What both readers find."""
        x = self.reading(**changed)
        return [
            contact
            for reader in (XMentionsReader(x), XMessagesReader(x))
            for delivery in reader.read(FORCE_ON_X, LATELY, lambda: timedelta(seconds=60))
            for contact in read_delivery("x", as_bytes(delivery), NOW, force()).contacts
        ]


@pytest.fixture
def platforms() -> Iterator[Platforms]:
    config = uvicorn.Config(
        platforms_app({}, x=X_KEYS),
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
        yield Platforms(client)
    server.should_exit = True
    thread.join()


def said(number: int) -> Json:
    told = direct_message(f"message {number}", message_id=str(int(MESSAGE_ID) + number))
    told["created_timestamp"] = str(int((NOW - timedelta(seconds=number)).timestamp() * 1000))
    return account_activity("direct_message_events", told)


def test_what_happened_is_read_page_after_page(platforms: Platforms) -> None:
    for number in range(120):
        at = iso(NOW - timedelta(seconds=number))
        platforms.tell(mention(f"@us post {number}", post_id=str(int(POST_ID) + number), created_at=at))
        platforms.tell(said(number))

    contacts = platforms.contacts()
    texts = {f"{what} {number}" for what in ("@us post", "message") for number in range(120)}
    assert {contact.text for contact in contacts} == texts
    assert len(contacts) == 240


def test_a_rate_is_waited_for_as_long_as_x_says(platforms: Platforms) -> None:
    platforms.plan("messages", "429", regain_minutes=40)

    with pytest.raises(ReadingStoppedError) as stopped:
        platforms.contacts()
    assert stopped.value.cause is StopCause.THROTTLED
    assert stopped.value.wait is not None
    assert timedelta(minutes=39) < stopped.value.wait <= timedelta(minutes=40)
    assert platforms.contacts() == []


def test_keys_are_checked_by_the_signature_they_make(platforms: Platforms) -> None:
    answer = platforms.reading().get(FORCE_ON_X, ("users", "me"), {}, lambda: timedelta(seconds=60))
    assert answer["data"]["id"] == FORCE_ON_X

    with pytest.raises(ReadingStoppedError) as stopped:
        platforms.contacts(consumer_secret="somebody else's")
    assert stopped.value.cause is StopCause.CREDENTIALS


@pytest.mark.parametrize(
    "query", ["max_results=4", "max_results=101", "max_results=many", "pagination_token=1", "start_time=now"]
)
def test_the_stand_in_refuses_what_x_refuses(platforms: Platforms, query: str) -> None:
    name, _, value = query.partition("=")
    with pytest.raises(ReadingStoppedError) as stopped:
        platforms.reading().get(
            FORCE_ON_X, ("users", FORCE_ON_X, "mentions"), {name: value}, lambda: timedelta(seconds=60)
        )
    assert stopped.value.cause is StopCause.REFUSED


def test_an_envelope_of_no_platform_is_refused(platforms: Platforms) -> None:
    assert platforms.http.post("/happened", json={"hello": 1}).status_code == 422
