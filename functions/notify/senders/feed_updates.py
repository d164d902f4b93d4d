"""Feed updates: an item says that the feed is behind the table; what is put is whatever stands there by then."""

from __future__ import annotations

from datetime import timedelta

from contact_desk.clock import Clock
from contact_desk.errors import StoreError
from contact_desk.outbox import OutboxItem
from contact_desk.send_failures import SendFailure
from functions.notify.feed.updating import FeedUpdate
from functions.notify.platform_answers import Absent, LookUpAnswer, RetryLater, SendAnswer, Sent

ASK_AGAIN_AFTER = timedelta(seconds=1)


class FeedUpdateSender:
    """Renders and puts the feed; a second time is harmless, since it finds all of it there."""

    def __init__(self, update: FeedUpdate, clock: Clock) -> None:
        self._update = update
        self._clock = clock

    def prepare(self, item: OutboxItem) -> None:
        """Nothing is needed."""

    def send(self, item: OutboxItem, *, within: timedelta) -> SendAnswer:  # noqa: ARG002 - it puts all that there is
        """Bring the feed to where the table stands."""
        try:
            self._update.run(until=self._clock.now() + within / 2)
        except StoreError:
            return RetryLater(SendFailure.FEED_BUSY, ASK_AGAIN_AFTER)
        return Sent(None)

    def look_up(self, item: OutboxItem, *, within: timedelta) -> LookUpAnswer:  # noqa: ARG002 - no call is made
        """Whether it stands is found out by doing it again."""
        return Absent()
