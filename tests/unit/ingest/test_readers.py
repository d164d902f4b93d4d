"""The readers and the stand-in Graph API: they read what the webhook would have brought, all of it and no more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest

from contact_desk.contacts import Contact
from functions.ingest.catching_up import as_bytes
from functions.ingest.delivery import read_delivery
from functions.ingest.readers.conversations import ConversationsReader
from functions.ingest.readers.graph_reading import GraphReading
from functions.ingest.readers.page_comments import PageCommentsReader
from functions.ingest.readers.reader import Reader, ReadingStoppedError, Span, StopCause
from local.platforms.faults import Fault, FaultKind
from local.twins.held_still import NOON, FrozenClock
from local.twins.in_memory_secret import InMemorySecret
from tests.builders import (
    ADA,
    PAGE,
    PERSON,
    Json,
    comment,
    echo,
    feed_delivery,
    force,
    item,
    message,
    messenger_delivery,
    milliseconds,
)
from tests.simulation.faults import Injector
from tests.simulation.graph_in_process import GRAPH_API_URL, GraphInProcess

AN_HOUR = Span(NOON - timedelta(hours=1), NOON + timedelta(hours=1))


@dataclass
class Platform:
    """The stand-in, and the readers that ask it."""

    graph: GraphInProcess
    pauses: list[float] = field(default_factory=list)
    tokens: InMemorySecret = field(default_factory=lambda: InMemorySecret(page_tokens={PAGE: "page-token"}))
    seconds_left: float = 200.0

    def __post_init__(self) -> None:
        self.reading = GraphReading(GRAPH_API_URL, self.tokens, self.pauses.append)
        self.messenger = ConversationsReader(
            self.reading, channel="messenger", platform="messenger", product="page"
        )
        self.page = PageCommentsReader(self.reading)

    def read(self, reader: Reader, span: Span = AN_HOUR, account: str = PAGE) -> list[Json]:
        """All that the reader finds."""
        left = timedelta(seconds=self.seconds_left)
        return [dict(delivery) for delivery in reader.read(account, span, lambda: left)]

    def ids(self, reader: Reader, span: Span = AN_HOUR) -> list[str]:
        """The native ids of what the reader finds, in its order."""
        return [contact.native_id for each in self.read(reader, span) for contact in contacts_of(each)]

    @property
    def asked(self) -> int:
        """How many calls were made."""
        return len(self.graph.exchanges)


@pytest.fixture
def platform() -> Iterator[Platform]:
    graph = GraphInProcess({PAGE: "page-token"}, FrozenClock(), Injector())
    with patch("urllib3.PoolManager.urlopen", graph.urlopen):
        yield Platform(graph)
    graph.close()


def contacts_of(delivery: Json) -> tuple[Contact, ...]:
    return read_delivery("meta", as_bytes(delivery), NOON, force()).contacts


def at(moment: datetime, **fields: Any) -> Json:
    return {**message(**fields), "timestamp": milliseconds(moment)}


def what_counts(contact: Contact) -> tuple[Any, ...]:
    """All of a contact by which the desk knows it and shows it."""
    kinds = [attachment.kind for attachment in contact.attachments]
    return (
        contact.key,
        contact.act,
        contact.account,
        contact.conversation_key,
        contact.text,
        contact.occurred_at,
        contact.root,
        contact.answers,
        kinds,
    )


@pytest.mark.parametrize(
    "delivery",
    [
        messenger_delivery(message("Tŷ Mawr 🐑")),
        messenger_delivery(
            message("look", attachments=[{"type": "image", "payload": {"url": "https://cdn.example/1"}}])
        ),
        messenger_delivery(
            message(None, attachments=[{"type": "video", "payload": {"url": "https://cdn.example/1"}}])
        ),
        messenger_delivery(
            message(None, attachments=[{"type": "sticker", "payload": {"url": "https://cdn.example/1"}}])
        ),
        messenger_delivery(message(None, is_unsupported=True)),
    ],
)
def test_a_message_read_is_the_message_that_the_webhook_brings(platform: Platform, delivery: Json) -> None:
    platform.graph.history.happened(delivery)

    (read,) = platform.read(platform.messenger)
    assert list(map(what_counts, contacts_of(read))) == list(map(what_counts, contacts_of(delivery)))


@pytest.mark.parametrize(
    "change",
    [
        comment("is the road open?"),
        comment("and now?", comment_id="5501_6602", parent_id="5501_6601"),
        comment(None, photo="https://cdn.example/1"),
        comment("who am I", author=None),
        comment("a visitor's own", item="status", comment_id=None, parent_id=None),
    ],
)
def test_a_comment_read_is_the_comment_that_the_webhook_brings(platform: Platform, change: Json) -> None:
    delivery = feed_delivery(change)
    platform.graph.history.happened(delivery)

    (read,) = platform.read(platform.page)
    assert list(map(what_counts, contacts_of(read))) == list(map(what_counts, contacts_of(delivery)))


def test_what_we_wrote_ourselves_is_left_out(platform: Platform) -> None:
    history = platform.graph.history
    history.happened(messenger_delivery(message(mid="m_theirs"), echo(mid="m_ours")))
    history.happened(feed_delivery(comment(author={"id": PAGE, "name": "Page"})))

    assert platform.ids(platform.messenger) == ["m_theirs"]
    assert platform.ids(platform.page) == []


def test_what_was_edited_comes_with_its_words_of_now_and_what_was_taken_back_not_at_all(
    platform: Platform,
) -> None:
    history = platform.graph.history
    history.happened(messenger_delivery(message("a knif", mid="m_1"), message("oh", mid="m_2")))
    history.happened(
        messenger_delivery(
            item(message_edit={"mid": "m_1", "text": "a knife", "num_edit": 1}),
            message(None, mid="m_2", is_deleted=True),
        )
    )
    history.happened(feed_delivery(comment(), comment(verb="remove", message=None)))

    (read,) = platform.read(platform.messenger)
    assert [contact.text for contact in contacts_of(read)] == ["a knife"]
    assert platform.ids(platform.page) == []


def test_every_page_of_conversations_messages_and_comments_is_read(platform: Platform) -> None:
    history = platform.graph.history
    for number in range(60):
        writer = {"sender": {"id": str(10**15 + number)}}
        history.happened(messenger_delivery({**message(mid=f"m_{number}"), **writer}))
        history.happened(feed_delivery(comment(comment_id=f"5501_{number}", post_id=f"{PAGE}_55")))
        history.happened(messenger_delivery(message(mid=f"m_talker_{number}")))
        history.happened(feed_delivery(comment(comment_id=f"7{number}_1", post_id=f"{PAGE}_7{number}")))

    assert len(set(platform.ids(platform.messenger))) == 120
    assert len(set(platform.ids(platform.page))) == 120


def test_only_the_span_is_read_and_what_is_older_is_not_asked_for(platform: Platform) -> None:
    history = platform.graph.history
    for hours in range(100):
        writer = {"sender": {"id": str(10**15 + hours)}}
        moment = NOON - timedelta(hours=hours)
        history.happened(messenger_delivery({**at(moment, mid=f"m_{hours}"), **writer}))
        seconds = int(moment.timestamp())
        history.happened(feed_delivery(comment(comment_id=f"5501_{hours}", created_time=seconds)))
    span = Span(NOON - timedelta(hours=2), NOON)

    assert platform.ids(platform.messenger, span) == ["m_0", "m_1"]
    assert platform.asked == 1
    assert platform.ids(platform.page, span) == ["5501_0", "5501_1"]
    assert platform.asked == 3


def test_the_same_thing_is_the_same_delivery_however_often_it_is_read(platform: Platform) -> None:
    platform.graph.history.happened(messenger_delivery(message()))
    first = platform.read(platform.messenger)
    platform.graph.history.happened(messenger_delivery(at(NOON + timedelta(minutes=1), mid="m_2")))

    assert as_bytes(first[0]) in map(as_bytes, platform.read(platform.messenger))


def test_instagram_is_read_in_the_name_of_its_page_and_speaks_of_its_own_account(platform: Platform) -> None:
    account = force().channels["instagram"].account
    told = {"sender": {"id": PERSON}, "recipient": {"id": account}, "timestamp": milliseconds(NOON)}
    envelope = {
        "object": "instagram",
        "entry": [
            {"id": account, "time": 1, "messaging": [{**told, "message": {"mid": "m_ig", "text": "hi"}}]}
        ],
    }
    platform.graph.history.happened(envelope)
    reader = ConversationsReader(
        platform.reading, channel="instagram", platform="instagram", product="instagram", page=PAGE
    )

    (read,) = platform.read(reader, account=account)
    (contact,) = contacts_of(read)
    assert (contact.channel, contact.native_id, contact.text) == ("instagram", "m_ig", "hi")
    assert what_counts(contact) == what_counts(contacts_of(envelope)[0])


@pytest.mark.parametrize(
    ("kind", "regain", "cause", "wait"),
    [
        (FaultKind.RATE, 0, StopCause.THROTTLED, timedelta(minutes=15)),
        (FaultKind.RATE, 40, StopCause.THROTTLED, timedelta(minutes=40)),
        (FaultKind.EXPIRED, 0, StopCause.CREDENTIALS, None),
        (FaultKind.FAILS_BEFORE, 0, StopCause.UNREACHABLE, None),
    ],
)
def test_a_reader_stops_where_the_platform_says_no(
    platform: Platform, kind: FaultKind, regain: int, cause: StopCause, wait: timedelta | None
) -> None:
    platform.graph.faults.add(Fault("messenger", "conversations", kind, 1, regain))

    with pytest.raises(ReadingStoppedError) as stopped:
        platform.read(platform.messenger)

    assert (stopped.value.cause, stopped.value.wait) == (cause, wait)


@pytest.mark.parametrize("tokens", [{}, {PAGE: None}, {PAGE: "with a\nline break"}, None])
def test_without_a_token_that_fits_nothing_is_asked(platform: Platform, tokens: Any) -> None:
    platform.tokens.rotate(page_tokens=tokens)

    with pytest.raises(ReadingStoppedError) as stopped:
        platform.read(platform.messenger)

    assert stopped.value.cause is StopCause.CREDENTIALS
    assert platform.asked == 0


def test_a_reader_stops_before_its_time_is_up(platform: Platform) -> None:
    platform.seconds_left = 1.0

    with pytest.raises(ReadingStoppedError) as stopped:
        platform.read(platform.messenger)

    assert stopped.value.cause is StopCause.OUT_OF_TIME
    assert platform.asked == 0


def test_calls_are_two_a_second_at_most(platform: Platform) -> None:
    for number in range(3):
        platform.graph.history.happened(
            feed_delivery(comment(comment_id=f"{number}_1", post_id=f"{PAGE}_{number}"))
        )
    platform.read(platform.page)

    assert platform.asked == 4
    assert platform.pauses == [0.5, 0.5, 0.5]


def test_a_rate_that_is_nearly_spent_ends_the_reading_after_what_was_read(platform: Platform) -> None:
    history = platform.graph.history
    history.happened(feed_delivery(comment(), comment(item="status", comment_id=None)))
    told = {"x-app-usage": json.dumps({"call_count": 93, "total_time": 1, "total_cputime": 2})}
    answering = platform.graph.urlopen

    def nearly_spent(_pool: object, *given: Any, **named: Any) -> Any:
        response = answering(*given, **named)
        response.headers.update(told)
        return response

    with patch("urllib3.PoolManager.urlopen", nearly_spent), pytest.raises(ReadingStoppedError) as stopped:
        platform.read(platform.page)

    assert stopped.value.cause is StopCause.THROTTLED
    assert platform.asked == 1


def test_the_token_is_in_no_address(platform: Platform) -> None:
    urls: list[str] = []
    answering = platform.graph.urlopen

    def noting(_pool: object, method: str, url: str, **named: Any) -> Any:
        urls.append(url)
        return answering(method, url, **named)

    platform.graph.history.happened(feed_delivery(comment(author=ADA)))
    with patch("urllib3.PoolManager.urlopen", noting):
        platform.read(platform.page)
        platform.read(platform.messenger)

    assert len(urls) == 3
    assert not [url for url in urls if "page-token" in url]
