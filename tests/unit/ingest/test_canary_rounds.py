"""Rounds of canaries: each channel is proved by the way that its contacts take, and each fault shows as its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from contact_desk.canaries import is_canary
from contact_desk.contacts import Person
from contact_desk.errors import StoreBusyError
from functions.ingest.canary_rounds import CanaryRounds, NotReachedError, Round, fly
from functions.ingest.webhook_secrets import addressed
from local.twins.in_memory_channel_log import InMemoryChannelLog
from tests.builders import PUBLIC_URL, contact, force
from tests.unit.ingest.conftest import Ingest

CHANNELS = set(force().channels)


@dataclass
class Flight:
    """Rounds through the webhooks in memory, whose contacts reach triage after so many seconds unless it is `down`."""

    ingest: Ingest
    log: InMemoryChannelLog = field(default_factory=InMemoryChannelLog)
    triaged_after: float = 2.0
    down: bool = False
    answers: list[int] = field(default_factory=list)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """The webhooks, as API Gateway calls them."""
        assert url.startswith(f"{PUBLIC_URL}/webhooks/")
        if self.answers:
            return self.answers.pop(0)
        if self.down:
            raise NotReachedError
        event = {
            "rawPath": url.removeprefix(PUBLIC_URL),
            "requestContext": {"http": {"method": "POST"}},
            "headers": dict(headers),
            "body": body.decode("ascii"),
        }
        return int(self.ingest.answer(event)["statusCode"])

    def round(self) -> Round:
        """One round; its canaries reach triage, and then the minute is over."""
        clock, before = self.ingest.clock, {taken.key for taken in self.ingest.contacts}
        secrets = addressed(
            {"meta": self.ingest.meta, "x": self.ingest.x, "sms": self.ingest.sms}, PUBLIC_URL
        )
        found = fly(CanaryRounds(force(), secrets, self.post, PUBLIC_URL, self.log, clock))
        clock.advance(seconds=self.triaged_after)
        for taken in self.ingest.contacts:
            if taken.key not in before:
                assert is_canary(taken)
                self.log.canary_seen(taken, clock.now())
        clock.advance(seconds=60 - self.triaged_after)
        return found


@pytest.fixture
def flight(ingest: Ingest) -> Flight:
    return Flight(ingest)


def test_what_the_last_round_sent_is_found_on_every_channel(flight: Flight) -> None:
    first, second = flight.round(), flight.round()

    assert first.arrived == dict.fromkeys(CHANNELS, False)
    assert second.arrived == dict.fromkeys(CHANNELS, True)
    assert set(second.took.values()) == {2000}
    assert (second.unsent, second.unseen) == ({}, [])


def test_what_is_later_than_half_a_minute_has_not_arrived_in_time(flight: Flight) -> None:
    flight.triaged_after = 31.0
    flight.round()
    late = flight.round()

    assert late.arrived == dict.fromkeys(CHANNELS, False)
    assert set(late.took.values()) == {31000}


def test_a_round_of_long_ago_says_nothing_of_now_and_one_lost_run_is_forgiven(flight: Flight) -> None:
    flight.round()
    flight.ingest.clock.advance(seconds=60)
    assert set(flight.round().arrived.values()) == {True}
    flight.ingest.clock.advance(seconds=120)
    assert set(flight.round().arrived.values()) == {False}


def test_webhooks_that_do_not_answer_are_told_and_show_in_the_next_rounds(flight: Flight) -> None:
    flight.round()
    flight.down = True
    assert flight.round().unsent == dict.fromkeys(CHANNELS, "no_answer")
    flight.round()
    assert set(flight.round().arrived.values()) == {False}
    flight.down = False
    flight.round()
    assert set(flight.round().arrived.values()) == {True}


def test_one_channels_fault_is_told_of_that_channel_alone(flight: Flight) -> None:
    flight.ingest.sms.lost = True
    flight.ingest.x.rotate()
    flight.ingest.x.rotate()
    flight.answers = [503]
    found = flight.round()

    first = next(iter(force().channels))
    assert found.unsent == {first: "answered_503", "sms": "secret_unavailable", "x": "secret_incomplete"}
    arrived = flight.round().arrived
    assert {name for name, there in arrived.items() if not there} == {first, "sms", "x"}


def test_a_log_that_cannot_be_read_says_nothing_and_the_next_canaries_are_sent(
    flight: Flight, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(*_: str) -> None:
        raise StoreBusyError("the table is busy")

    flight.round()
    monkeypatch.setattr(flight.log, "last_canary", unreadable)
    found = flight.round()
    assert (found.arrived, set(found.unseen), found.unsent) == ({}, CHANNELS, {})


def test_a_canary_sent_by_hand_is_not_taken_for_the_rounds_own(flight: Flight) -> None:
    flight.round()
    for name, own in force().channels.items():
        by_hand = contact(
            channel=name,
            account=own.account,
            native_id="canary.0123456789abcdef",
            person=Person("canary"),
            received_at=flight.ingest.clock.now(),
        )
        flight.log.canary_seen(by_hand, flight.ingest.clock.now())
    assert set(flight.round().arrived.values()) == {False}
