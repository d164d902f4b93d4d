"""The readers of X and the stand-in: they read what the webhook would have brought, all of it and no more."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
import urllib3

from contact_desk.contacts import Act, Contact
from functions.ingest.catching_up import as_bytes
from functions.ingest.delivery import read_delivery
from functions.ingest.readers.reader import Reader, ReadingStoppedError, Span, StopCause
from functions.ingest.readers.x_mentions import XMentionsReader
from functions.ingest.readers.x_messages import XMessagesReader
from functions.ingest.readers.x_reading import XReading
from local.platforms.faults import Fault, FaultKind
from local.twins.held_still import NOON, FrozenClock
from local.twins.in_memory_secret import InMemorySecret
from tests.builders import FORCE_ON_X, Json, force
from tests.corpus import PAYLOADS
from tests.simulation.faults import Injector
from tests.simulation.graph_in_process import X_API_URL, X_KEYS, GraphInProcess
from tests.x_deliveries import (
    MESSAGE_ID,
    POST_ID,
    SHOWN,
    WRITER,
    account_activity,
    activity,
    direct_message,
    iso,
    mention,
    older_post,
)

AN_HOUR = Span(NOON - timedelta(hours=1), NOON + timedelta(hours=1))
EVER = Span(NOON - timedelta(days=5000), NOON + timedelta(days=5000))
THE_QUARTER = timedelta(minutes=15)  # noon begins a window of X's


@dataclass
class Platform:
    """The stand-in, and the readers that ask it."""

    graph: GraphInProcess
    clock: FrozenClock
    pauses: list[float] = field(default_factory=list)
    keys: InMemorySecret = field(default_factory=lambda: InMemorySecret(**X_KEYS.model_dump()))
    seconds_left: float = 200.0

    def __post_init__(self) -> None:
        self.reading = XReading(X_API_URL, self.keys, self.clock, self.pauses.append)
        self.mentions = XMentionsReader(self.reading)
        self.messages = XMessagesReader(self.reading)

    def read(self, reader: Reader, span: Span = AN_HOUR) -> list[Json]:
        """All that the reader finds."""
        left = timedelta(seconds=self.seconds_left)
        return [dict(delivery) for delivery in reader.read(FORCE_ON_X, span, lambda: left)]

    def contacts(self, span: Span = AN_HOUR) -> list[Contact]:
        """The contacts of all that both readers find."""
        found = [*self.read(self.mentions, span), *self.read(self.messages, span)]
        return [contact for each in found for contact in contacts_of(each)]

    @property
    def asked(self) -> int:
        """How many calls were made."""
        return len(self.graph.exchanges)


@pytest.fixture
def platform() -> Iterator[Platform]:
    clock = FrozenClock()
    graph = GraphInProcess({}, clock, Injector())
    with patch("urllib3.PoolManager.urlopen", graph.urlopen):
        yield Platform(graph, clock)
    graph.close()


def contacts_of(delivery: Json) -> tuple[Contact, ...]:
    return read_delivery("x", as_bytes(delivery), NOON, force()).contacts


def what_counts(contact: Contact) -> tuple[Any, ...]:
    """All of a contact by which the desk knows it and shows it."""
    return (
        contact.key,
        contact.act,
        contact.event_id,
        contact.account,
        contact.surface,
        contact.person,
        contact.conversation_key,
        contact.text,
        contact.occurred_at,
        contact.root,
        contact.answers,
        contact.permalink,
        contact.location,
        contact.attachments,
    )


def whole(delivery: Json, *further: Json) -> list[tuple[Any, ...]]:
    return [what_counts(contact) for each in (delivery, *further) for contact in contacts_of(each)]


# The API writes ids as texts and nothing else.
NOT_TOLD = {"post_mention_create__integer_id_only", "post_mention_create__twins_of_numbers"}
BROUGHT = [
    path
    for path in PAYLOADS
    if path.parent.name == "x"
    and path.name.startswith(("post_mention_create__", "post_reply_create__", "dm_received__"))
    and path.stem not in NOT_TOLD
]


@pytest.mark.parametrize("path", BROUGHT, ids=lambda path: path.stem)
def test_whatever_the_webhook_brings_is_read_as_the_very_same_contacts(platform: Platform, path: Any) -> None:
    delivery = json.loads(path.read_bytes())
    platform.graph.x_history.happened(delivery)

    assert set(map(what_counts, platform.contacts(EVER))) == set(whole(delivery))


@pytest.mark.parametrize(
    "delivery",
    [
        account_activity("tweet_create_events", older_post()),
        account_activity(
            "tweet_create_events",
            older_post("cut…", truncated=True, extended_tweet={"full_text": "cut off no longer"}),
        ),
        account_activity("tweet_create_events", older_post(in_reply_to_status_id_str="2080765813578191000")),
        account_activity(
            "direct_message_events",
            direct_message(),
            users={WRITER: {"name": "Ada Person", "screen_name": "ada_person"}},
        ),
    ],
)
def test_what_account_activity_brings_is_read_as_the_very_same_contacts(
    platform: Platform, delivery: Json
) -> None:
    platform.graph.x_history.happened(delivery)
    platform.graph.x_history.users[WRITER] = SHOWN

    assert list(map(what_counts, platform.contacts())) == whole(delivery)


def test_a_post_that_was_edited_is_read_in_each_of_its_versions(platform: Platform) -> None:
    first, second = "2080765813578191303", "2080765813578191999"
    original = mention("@MerseyPolice a knif", post_id=first)
    edit = mention(
        "@MerseyPolice a knife",
        post_id=second,
        created_at=iso(NOON + timedelta(minutes=2)),
        edit_history_tweet_ids=[first, second],
    )
    for delivery in (original, edit):
        platform.graph.x_history.happened(delivery)

    contacts = platform.contacts()
    assert list(map(what_counts, contacts)) == whole(original, edit)
    assert [(contact.act, contact.native_id) for contact in contacts] == [
        (Act.CREATED, first),
        (Act.EDITED, first),
    ]


def test_what_we_wrote_ourselves_is_left_out_and_so_is_what_was_deleted(platform: Platform) -> None:
    history = platform.graph.x_history
    history.happened(mention(author_id=FORCE_ON_X))
    history.happened(
        activity("dm.sent", {"direct_message_events": [direct_message(sender=FORCE_ON_X, recipient=WRITER)]})
    )
    history.happened(mention(post_id="2080765813578191999"))
    history.happened(activity("post.delete", {"id": "2080765813578191999", "author_id": WRITER}))

    assert platform.contacts() == []


def test_every_page_is_read_and_only_the_span(platform: Platform) -> None:
    for number in range(450):
        at = NOON - timedelta(minutes=number)
        platform.graph.x_history.happened(
            mention(post_id=str(int(POST_ID) - number), created_at=iso(at)),
        )
        told = direct_message(message_id=str(int(MESSAGE_ID) - number))
        told["created_timestamp"] = str(int(at.timestamp() * 1000))
        platform.graph.x_history.happened(activity("dm.received", {"direct_message_events": [told]}))

    span = Span(NOON - timedelta(minutes=250), NOON)
    assert len({contact.key for contact in platform.contacts(span)}) == 500
    assert platform.asked == 6
    assert platform.pauses == [0.5] * 5


def test_the_same_thing_is_the_same_delivery_however_often_it_is_read(platform: Platform) -> None:
    photo = {"media_key": "3_1", "type": "photo", "url": "https://pbs.twimg.com/media/1.jpg"}
    told = mention(attachments={"media_keys": ["3_1"]}, public_metrics={"like_count": 1})
    told["data"]["includes"]["media"] = [photo]
    platform.graph.x_history.happened(told)
    first = platform.read(platform.mentions)
    told["data"]["payload"]["public_metrics"] = {"like_count": 2}
    platform.graph.x_history.happened(told)
    other = {**photo, "media_key": "3_2"}
    later = mention(post_id="2080765813578191999", author_id="5", attachments={"media_keys": ["3_2"]})
    later["data"]["includes"] = {"users": [{"id": "5", "username": "another"}], "media": [other]}
    platform.graph.x_history.happened(later)

    assert as_bytes(first[0]) in map(as_bytes, platform.read(platform.mentions))


@pytest.mark.parametrize(
    ("kind", "regain", "cause", "wait"),
    [
        (FaultKind.RATE, 0, StopCause.THROTTLED, THE_QUARTER),
        (FaultKind.RATE, 40, StopCause.THROTTLED, timedelta(minutes=40)),
        (FaultKind.EXPIRED, 0, StopCause.CREDENTIALS, None),
        (FaultKind.FAILS_BEFORE, 0, StopCause.UNREACHABLE, None),
    ],
)
def test_a_reader_stops_where_x_says_no(
    platform: Platform, kind: FaultKind, regain: int, cause: StopCause, wait: timedelta | None
) -> None:
    platform.graph.faults.add(Fault("x", "mentions", kind, 1, regain))

    with pytest.raises(ReadingStoppedError) as stopped:
        platform.read(platform.mentions)

    assert (stopped.value.cause, stopped.value.wait) == (cause, wait)


def test_a_rate_that_is_used_up_is_not_asked_again_before_its_reset_and_other_lists_are(
    platform: Platform,
) -> None:
    for _ in range(15):
        platform.read(platform.messages)
    platform.clock.advance(minutes=5)

    with pytest.raises(ReadingStoppedError) as stopped:
        platform.read(platform.messages)
    assert (stopped.value.cause, stopped.value.wait) == (StopCause.THROTTLED, timedelta(minutes=10))
    assert platform.asked == 15
    assert platform.read(platform.mentions) == []
    platform.clock.advance(minutes=10)
    assert platform.read(platform.messages) == []


KEYS = X_KEYS.model_dump()


@pytest.mark.parametrize(
    "secret",
    [
        {},
        {**KEYS, "tokens": None},
        {**KEYS, "tokens": {FORCE_ON_X: "token"}},
        {**KEYS, "consumer_secret": ""},
        {**KEYS, "consumer_key": "with a\nline break"},
        {**KEYS, "tokens": {FORCE_ON_X: {"access_token": "access-token"}}},
    ],
)
def test_without_keys_that_fit_nothing_is_asked(platform: Platform, secret: Any) -> None:
    platform.keys.rotate(**secret)

    with pytest.raises(ReadingStoppedError) as stopped:
        platform.read(platform.mentions)

    assert stopped.value.cause is StopCause.CREDENTIALS
    assert platform.asked == 0


def test_keys_of_another_app_are_refused(platform: Platform) -> None:
    platform.keys.rotate(**{**KEYS, "consumer_secret": "of another app"})

    with pytest.raises(ReadingStoppedError) as stopped:
        platform.read(platform.mentions)

    assert stopped.value.cause is StopCause.CREDENTIALS


def test_without_time_nothing_is_asked(platform: Platform) -> None:
    platform.seconds_left = 2.0

    with pytest.raises(ReadingStoppedError) as stopped:
        platform.read(platform.messages)

    assert stopped.value.cause is StopCause.OUT_OF_TIME
    assert platform.asked == 0


# Answers as X gives them, word for word in shape.


def answered(
    status: int, body: Any, headers: Mapping[str, str] | None = None
) -> list[Json] | ReadingStoppedError:
    """What the reader of mentions makes of one answer."""

    def urlopen(*_: Any, **__: Any) -> urllib3.HTTPResponse:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return urllib3.HTTPResponse(body=content, status=status, headers=headers, preload_content=True)

    reading = XReading(X_API_URL, InMemorySecret(**KEYS), FrozenClock(), lambda _: None)
    with patch("urllib3.PoolManager.urlopen", urlopen):
        try:
            found = XMentionsReader(reading).read(FORCE_ON_X, AN_HOUR, lambda: timedelta(seconds=200))
            return [dict(delivery) for delivery in found]
        except ReadingStoppedError as stopped:
            return stopped


RECORDED = {
    "data": [
        {
            "text": "@MerseyPolice is the road open?",
            "author_id": WRITER,
            "id": POST_ID,
            "created_at": "2026-11-02T12:00:00.000Z",
            "conversation_id": POST_ID,
            "edit_history_tweet_ids": [POST_ID],
        }
    ],
    "includes": {"users": [{"name": "Ada Person", "id": WRITER, "username": "ada_person"}]},
    "errors": [
        {
            "value": "5",
            "detail": "User has been suspended: [5].",
            "title": "Forbidden",
            "resource_type": "user",
            "parameter": "entities.mentions.username",
            "resource_id": "5",
            "type": "https://api.twitter.com/2/problems/resource-not-found",
        }
    ],
    "meta": {"result_count": 1, "newest_id": POST_ID, "oldest_id": POST_ID},
}


def test_an_answer_that_names_errors_beside_what_was_found_is_good() -> None:
    found = answered(200, RECORDED)

    assert isinstance(found, list)
    assert whole(*found) == whole(mention())


def test_an_empty_page_has_no_data() -> None:
    assert answered(200, {"meta": {"result_count": 0}}) == []


PROBLEM = {"title": "Forbidden", "detail": "Forbidden", "type": "about:blank", "status": 403}


@pytest.mark.parametrize(
    ("status", "body", "headers", "cause", "wait"),
    [
        (429, {"title": "Too Many Requests"}, {}, StopCause.THROTTLED, timedelta(minutes=15)),
        (429, {}, {"Retry-After": "60"}, StopCause.THROTTLED, timedelta(minutes=1)),
        (429, {}, {"x-rate-limit-reset": "1"}, StopCause.THROTTLED, timedelta(minutes=15)),
        (429, {}, {"x-rate-limit-reset": "9999999999"}, StopCause.THROTTLED, timedelta(days=1)),
        (429, b"<html>", {"x-rate-limit-reset": "soon"}, StopCause.THROTTLED, timedelta(minutes=15)),
        (401, {"title": "Unauthorized", "status": 401}, {}, StopCause.CREDENTIALS, None),
        (403, PROBLEM, {}, StopCause.REFUSED, None),
        (
            400,
            {"errors": [{"message": "start_time"}], "title": "Invalid Request"},
            {},
            StopCause.REFUSED,
            None,
        ),
        (200, b"<html>", {}, StopCause.REFUSED, None),
        (200, {"errors": [{"title": "Not Found Error"}]}, {}, StopCause.REFUSED, None),
        (302, {}, {"Location": "https://elsewhere.invalid"}, StopCause.REFUSED, None),
        (503, b"over capacity", {}, StopCause.UNREACHABLE, None),
    ],
)
def test_an_answer_that_is_no_page_says_why_and_how_long_to_wait(
    status: int, body: Any, headers: Mapping[str, str], cause: StopCause, wait: timedelta | None
) -> None:
    stopped = answered(status, body, headers)

    assert isinstance(stopped, ReadingStoppedError)
    assert (stopped.cause, stopped.wait) == (cause, wait)
