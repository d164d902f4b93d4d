"""Reads the direct messages that people sent the force on X.

Source: docs.x.com, `GET /2/dm_events`: of thirty days, newest first, without a time to begin at; a message's id there
is that of its webhook. Encrypted chats are not in it. What the force itself wrote is left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from functions.ingest.payload_fields import read_moment
from functions.ingest.readers.reader import Delivery, Span, TimeLeft
from functions.ingest.readers.x_reading import (
    MEDIA_FIELDS,
    USER_FIELDS,
    XReading,
    delivery,
    entries_of,
    included,
    picked,
)

# The most that X gives at once: it takes fifteen calls in fifteen minutes.
AT_ONCE = "100"
MESSAGE_FIELDS = ("attachments", "created_at", "id", "sender_id", "text")


class XMessagesReader:
    """Direct messages of others to one account."""

    name = "x_messages"
    channel = "x"
    webhook = "x"

    def __init__(self, x: XReading) -> None:
        self._x = x

    def read(self, account: str, span: Span, time_left: TimeLeft) -> Iterator[Delivery]:
        """Each message in the span, newest first."""
        parameters = {
            "event_types": "MessageCreate",
            "max_results": AT_ONCE,
            "dm_event.fields": ",".join(MESSAGE_FIELDS),
            "expansions": "attachments.media_keys,sender_id",
            "media.fields": ",".join(MEDIA_FIELDS),
            "user.fields": ",".join(USER_FIELDS),
        }
        for answer in self._x.pages(account, ("dm_events",), parameters, time_left):
            messages = entries_of(answer)
            for message in messages:
                sender = message.get("sender_id")
                if sender != account and span.holds(read_moment(message.get("created_at"))):
                    includes = included(answer, sender, message)
                    yield delivery(account, "dm.received", picked(message, MESSAGE_FIELDS), includes)
            oldest = read_moment(messages[-1].get("created_at")) if messages else None
            if oldest is not None and oldest <= span.since:
                return
