"""A feed update in the send protocol: whoever dies where, it is done again until the public sees the newest state."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contact_desk.alerts import AlertKind
from contact_desk.copy_plans import feed_item
from contact_desk.outbox import OutboxState
from functions.notify.dispatch import Result
from functions.notify.senders.feed_updates import FeedUpdateSender
from tests.feed_builders import NOON, FeedDesk, broadcast
from tests.unit.notify.feed.test_updating import stands
from tests.unit.notify.send_desk import SendDesk

STEPS = 40


def sending(deaths: frozenset[int] = frozenset()) -> tuple[SendDesk, FeedDesk]:
    """The outbox with one update, and the feed that it brings up to date; a worker may die at any call of either."""
    feed = FeedDesk(broadcast())
    outbox = SendDesk((feed_item(broadcast(), NOON),), deaths)
    outbox.clock.at = feed.clock.now()
    feed.clock = outbox.clock
    feed.table.clock = outbox.clock
    sender: Any = FeedUpdateSender(feed.writer(bucket=outbox.mortality.of(feed.bucket)), outbox.clock)
    outbox.platform = sender
    return outbox, feed


def test_one_nudge_is_enough() -> None:
    outbox, feed = sending()

    assert outbox.work() is Result.SENT
    assert stands(feed)


@pytest.mark.parametrize("death", range(STEPS))
def test_a_death_at_any_step_only_costs_time(death: int) -> None:
    outbox, feed = sending(frozenset({death}))

    outbox.work()
    outbox.rest()

    assert outbox.item.state is OutboxState.SENT
    assert stands(feed)


def test_every_step_was_a_death_once() -> None:
    outbox, _ = sending()
    outbox.work()

    assert 10 < outbox.mortality.steps <= STEPS


def test_a_bucket_that_stays_away_for_long_calls_a_person_and_is_caught_up_with() -> None:
    outbox, feed = sending()
    feed.bucket.busy = True
    assert outbox.work() is Result.POSTPONED

    outbox.sweep(20)
    assert [alert.kind for alert in outbox.records.alerts.values()] == [AlertKind.SEND_FAILED]
    feed.bucket.busy = False
    outbox.rest()

    assert outbox.item.state is OutboxState.SENT
    assert stands(feed)


def test_an_update_says_what_stands_by_then_and_not_what_it_was_ordered_for() -> None:
    outbox, feed = sending()
    feed.table.keep(replace(broadcast(), version=9, published_at=NOON + timedelta(minutes=1)))

    outbox.work()

    assert stands(feed)
