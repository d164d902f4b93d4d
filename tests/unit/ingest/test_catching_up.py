"""Catching up over twins: what is found is taken in, cursors pass only what was read, no reader stops another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from contact_desk.archive_keys import channel_of, is_caught_up
from contact_desk.catching_up import Cursor
from contact_desk.pointers import replay_message
from functions.ingest.catching_up import FIRST_LOOK_BACK, OVERLAP, SETTLED, CatchUp, CaughtUp, catch_up
from functions.ingest.readers.reader import Delivery, Reader, ReadingStoppedError, Span, StopCause, TimeLeft
from functions.ingest.replay import replay
from functions.ingest.replays import Replays
from local.twins.held_still import NOON
from local.twins.in_memory_cursors import InMemoryCursors
from tests.builders import PAGE, comment, feed_delivery, force, message, messenger_delivery, sqs_event
from tests.unit.ingest.conftest import Ingest

FIVE_MINUTES = timedelta(minutes=5)


@dataclass
class ScriptedReader:
    """A reader that gives what it was told to, and then stops as it was told to."""

    channel: str
    deliveries: list[Delivery] = field(default_factory=list)
    stops: Exception | None = None
    spans: list[Span] = field(default_factory=list)
    accounts: list[str] = field(default_factory=list)
    shares: list[timedelta] = field(default_factory=list)
    webhook: str = "meta"
    own_name: str | None = None

    @property
    def name(self) -> str:
        return self.own_name or self.channel

    def read(self, account: str, span: Span, time_left: TimeLeft) -> Iterator[Delivery]:
        self.spans.append(span)
        self.accounts.append(account)
        self.shares.append(time_left())
        yield from self.deliveries
        if self.stops:
            raise self.stops


@dataclass
class Readers:
    """Catching up with a Messenger reader and one of the page's comments."""

    ingest: Ingest
    cursors: InMemoryCursors = field(default_factory=InMemoryCursors)
    messenger: ScriptedReader = field(default_factory=lambda: ScriptedReader("messenger"))
    page: ScriptedReader = field(default_factory=lambda: ScriptedReader("facebook_page"))
    further: list[Reader] = field(default_factory=list)

    def run(self) -> CaughtUp:
        ingest = self.ingest
        desk = CatchUp(
            force=force(),
            readers=(self.messenger, self.page, *self.further),
            cursors=self.cursors,
            archive=ingest.archive,
            contacts=ingest.contacts_queue,
            clock=ingest.clock,
        )
        return catch_up(desk, lambda: timedelta(seconds=200))


@pytest.fixture
def readers(ingest: Ingest) -> Readers:
    return Readers(ingest)


def test_what_is_found_is_archived_under_a_name_of_its_own_and_queued(readers: Readers) -> None:
    readers.messenger.deliveries = [messenger_delivery(message())]
    readers.page.deliveries = [feed_delivery(comment())]

    assert readers.run().contacts == {"messenger": 1, "facebook_page": 1}

    contacts = readers.ingest.contacts
    assert [contact.native_id for contact in contacts] == ["m_1", "5501_6601"]
    assert {contact.archive_key for contact in contacts} == set(readers.ingest.archive.deliveries)
    for key in readers.ingest.archive.deliveries:
        assert is_caught_up(key)
        assert channel_of(key) == "meta"


def test_what_a_webhook_brings_is_not_taken_for_caught_up(ingest: Ingest) -> None:
    assert not is_caught_up(ingest.take_in_one(messenger_delivery(message())).archive_key)


def test_replaying_what_was_caught_up_gives_the_same_messages_again(readers: Readers) -> None:
    readers.messenger.deliveries = [messenger_delivery(message())]
    readers.run()
    (first,) = readers.ingest.contacts
    ingest = readers.ingest
    replays = Replays(force(), ingest.archive, ingest.archive, ingest.contacts_queue)

    assert replay(sqs_event(replay_message(first.archive_key)), replays) == {"batchItemFailures": []}
    assert ingest.contacts == [first, first]


def test_what_was_read_before_is_archived_once_within_the_hour(readers: Readers) -> None:
    readers.messenger.deliveries = [messenger_delivery(message())]
    readers.run()
    readers.ingest.clock.advance(minutes=5)
    readers.run()

    assert len(readers.ingest.archive.deliveries) == 1


def test_what_holds_no_contact_is_not_archived(readers: Readers) -> None:
    readers.messenger.deliveries = [messenger_delivery({"read": {"watermark": 1}})]

    assert readers.run().contacts == {"messenger": 0}
    assert not readers.ingest.archive.deliveries


def test_each_run_reads_from_where_the_last_one_ended_with_an_overlap(readers: Readers) -> None:
    readers.run()
    readers.ingest.clock.advance(minutes=5)
    readers.run()

    first, second = readers.messenger.spans
    assert first == Span(NOON - SETTLED - FIRST_LOOK_BACK, NOON - SETTLED)
    assert second == Span(first.until - OVERLAP, first.until + FIVE_MINUTES)
    assert readers.messenger.accounts == [PAGE, PAGE]


def test_each_reader_of_a_channel_goes_on_from_where_it_ended_itself(readers: Readers) -> None:
    posts, messages = (ScriptedReader("messenger", own_name=name) for name in ("posts", "messages"))
    readers.further = [posts, messages]
    messages.stops = ReadingStoppedError(StopCause.THROTTLED, timedelta(minutes=4))
    assert readers.run().stopped == {"messages": "throttled"}
    messages.stops = None
    readers.ingest.clock.advance(minutes=5)
    readers.run()

    assert posts.spans[1].since == posts.spans[0].until - OVERLAP
    assert messages.spans[1].since == messages.spans[0].since


def test_after_a_month_of_silence_a_week_is_read(readers: Readers) -> None:
    readers.cursors.put("messenger", PAGE, Cursor(NOON - timedelta(days=30)))
    readers.run()

    assert readers.messenger.spans[0].since == NOON - timedelta(days=7)


@pytest.mark.parametrize(
    "stops",
    [
        ReadingStoppedError(StopCause.UNREACHABLE),
        ReadingStoppedError(StopCause.THROTTLED, timedelta(minutes=12)),
        KeyError("a slip of ours"),
    ],
)
def test_a_reader_that_stops_keeps_what_it_gave_and_reads_it_all_again_and_the_others_go_on(
    readers: Readers, stops: Exception
) -> None:
    readers.run()
    readers.messenger.deliveries, readers.messenger.stops = [messenger_delivery(message())], stops
    readers.page.deliveries = [feed_delivery(comment())]
    readers.ingest.clock.advance(minutes=5)
    done = readers.run()

    assert [contact.native_id for contact in readers.ingest.contacts] == ["m_1", "5501_6601"]
    assert list(done.stopped) == ["messenger"]
    readers.ingest.clock.advance(minutes=15)
    readers.run()
    assert readers.messenger.spans[-1].since == readers.messenger.spans[1].since
    assert readers.page.spans[-1].since > readers.page.spans[1].since


def test_a_platform_that_asks_us_to_wait_is_left_alone_until_then(readers: Readers) -> None:
    readers.messenger.stops = ReadingStoppedError(StopCause.THROTTLED, timedelta(minutes=12))
    readers.run()
    readers.messenger.stops = None
    waits = []
    for _ in range(3):
        readers.ingest.clock.advance(minutes=5)
        waits.append(readers.run().waiting)

    assert waits == [["messenger"], ["messenger"], []]
    assert len(readers.messenger.spans) == 2
    assert len(readers.page.spans) == 4


@pytest.mark.parametrize("broken", ["archive", "queue"])
def test_what_was_not_taken_in_is_read_again(readers: Readers, broken: str) -> None:
    readers.messenger.deliveries = [messenger_delivery(message())]
    ingest = readers.ingest
    queue = ingest.contacts_queue.queues[ingest.take_in_one(messenger_delivery(message())).surface]
    ingest.archive.busy, queue.full = broken == "archive", broken == "queue"

    assert list(readers.run().stopped) == ["messenger"]
    assert ("messenger", PAGE) not in readers.cursors.cursors
    assert ("facebook_page", PAGE) in readers.cursors.cursors


def test_a_channel_that_the_force_lacks_is_not_read_and_each_other_has_its_share_of_the_time(
    readers: Readers,
) -> None:
    readers.further = [stranger := ScriptedReader("telegram")]
    readers.run()

    assert stranger.spans == []
    assert readers.messenger.shares == [timedelta(seconds=100)]
    assert readers.page.shares == [timedelta(seconds=200)]
