"""Reads the private conversations of a page, on Messenger or of its Instagram account, from the Conversations API.

Source: the Messenger Platform's Conversations API; a message's `id` there is the `mid` of its webhook. Words are as
they stand now, so an edit that the webhook missed comes as well. What the page itself wrote is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from functions.ingest.payload_fields import read_identifier, read_moment
from functions.ingest.readers.graph_reading import GraphReading, entries_of, next_cursor
from functions.ingest.readers.reader import Delivery, ReadingStoppedError, Span, StopCause, TimeLeft

# Of older messages than the newest twenty of a conversation the API may tell no more than the ids.
MESSAGES_AT_ONCE = 20
CONVERSATIONS_AT_ONCE = 25
MESSAGE = (
    "id,created_time,from,to,message,sticker,attachments{id,mime_type,name,file_url,image_data,video_data}"
)
KINDS = {"image": "image", "video": "video", "audio": "audio"}


class ConversationsReader:
    """Conversations of one product: `platform` is the API's word for it, `product` the webhook's object.

    `page` is the page in whose name is read; for Messenger it is the account itself.
    """

    webhook = "meta"

    def __init__(
        self, graph: GraphReading, *, channel: str, platform: str, product: str, page: str | None = None
    ) -> None:
        self.name = self.channel = channel
        self._graph = graph
        self._platform = platform
        self._product = product
        self._page = page

    def read(self, account: str, span: Span, time_left: TimeLeft) -> Iterator[Delivery]:
        """Each message that a person wrote in the span, newest conversation first."""
        page = self._page or account
        parameters = {
            "platform": self._platform,
            "fields": f"id,updated_time,messages.limit({MESSAGES_AT_ONCE}){{{MESSAGE}}}",
            "limit": str(CONVERSATIONS_AT_ONCE),
        }
        for conversations in self._graph.pages(page, (page, "conversations"), parameters, time_left):
            for conversation in conversations:
                for message in self._messages(page, conversation, span, time_left):
                    delivery = self._as_delivered(account, message, span)
                    if delivery is not None:
                        yield delivery
            if conversations and _before(conversations[-1].get("updated_time"), span):
                return

    def _messages(
        self, page: str, conversation: Mapping[str, Any], span: Span, time_left: TimeLeft
    ) -> Iterator[Mapping[str, Any]]:
        edge = conversation.get("messages")
        messages = entries_of(edge)
        yield from messages
        cursor = next_cursor(edge)
        named = read_identifier(conversation.get("id"))
        if cursor is None or named is None or (messages and _before(messages[-1].get("created_time"), span)):
            return
        parameters = {"fields": MESSAGE, "limit": str(MESSAGES_AT_ONCE), "after": cursor}
        try:
            for more in self._graph.pages(page, (named, "messages"), parameters, time_left):
                yield from more
                if more and _before(more[-1].get("created_time"), span):
                    return
        except ReadingStoppedError as stopped:
            if stopped.cause is not StopCause.REFUSED:
                raise
            # Beyond the newest twenty the API may refuse to tell: one long conversation must not hold up the others.

    def _as_delivered(self, account: str, message: Mapping[str, Any], span: Span) -> Delivery | None:
        mid, sender = read_identifier(message.get("id")), message.get("from")
        written_at = read_moment(message.get("created_time"))
        writer = read_identifier(sender.get("id")) if isinstance(sender, Mapping) else None
        if mid is None or writer in {None, account, self._page} or not span.holds(written_at):
            return None
        timestamp = _milliseconds(written_at)
        said: dict[str, Any] = {"mid": mid}
        if isinstance(text := message.get("message"), str) and text:
            said["text"] = text
        if attachments := list(_attachments(message)):
            said["attachments"] = attachments
        item = {
            "sender": {"id": writer},
            "recipient": {"id": account},
            "timestamp": timestamp,
            "message": said,
        }
        return {
            "object": self._product,
            "entry": [{"id": account, "time": timestamp, "messaging": [item]}],
        }


def _attachments(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if isinstance(sticker := message.get("sticker"), str) and sticker:
        yield {"type": "sticker", "payload": {"url": sticker}}
    for attachment in entries_of(message.get("attachments")):
        places = [attachment.get(name) for name in ("image_data", "video_data")]
        urls = [place.get("url") for place in places if isinstance(place, Mapping)]
        url = next((url for url in [*urls, attachment.get("file_url")] if isinstance(url, str)), None)
        kind = str(attachment.get("mime_type") or "").partition("/")[0]
        yield {"type": KINDS.get(kind, "file"), "payload": {"url": url} if url else {}}


def _before(told: object, span: Span) -> bool:
    """Whether a list that is newest first has left the span behind it."""
    moment = read_moment(told)
    return moment is not None and moment <= span.since


def _milliseconds(moment: datetime | None) -> int:
    return int(moment.timestamp() * 1000) if moment else 0
