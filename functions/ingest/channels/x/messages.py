"""Direct messages in either shape, as one: who wrote what to whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from contact_desk.contacts import Attachment, Location, Person
from functions.ingest.channels.x.payload import (
    DirectMessage,
    FlatMessageEvent,
    Media,
    MessageAttachment,
    SharedLocation,
)
from functions.ingest.channels.x.posts import attachment_of


@dataclass(frozen=True, slots=True)
class Message:
    """A direct message; `app_id` is the tool that sent it, where X says so."""

    id: str
    writer: Person = field(repr=False)
    reader: str | None
    text: str = field(repr=False)
    at: datetime | None
    attachments: tuple[Attachment, ...] = ()
    location: Location | None = None
    app_id: str | None = None


def direct_message(fields: object) -> Message:
    """A message as both envelopes list it."""
    message = DirectMessage.model_validate(fields)
    created = message.message_create
    content = created.message_data
    attachment = content.attachment
    return Message(
        id=message.id,
        writer=Person(created.sender_id, message.writer.shown if message.writer else None),
        reader=created.target.recipient_id if created.target else None,
        text=content.text or "",
        at=message.created_timestamp,
        attachments=_attachments(attachment),
        location=_location(attachment.location) if attachment and attachment.location else None,
        app_id=created.source_app_id,
    )


def flat_message(fields: object) -> Message:
    """A message that is the payload itself."""
    event = FlatMessageEvent.model_validate(fields)
    message, includes = event.payload, event.includes
    users = {each.id_str or each.id: each for each in (includes.users if includes else ())}
    known = {each.media_key: each for each in (includes.media if includes else ()) if each.media_key}
    keys = message.attachments.media_keys if message.attachments else ()
    writer = users.get(message.sender_id)
    return Message(
        id=message.id,
        writer=Person(message.sender_id, writer.shown if writer else None),
        reader=message.recipient_id,
        text=message.text or "",
        at=message.created_at,
        attachments=tuple(attachment_of(known.get(key) or Media(type="media")) for key in keys),
    )


def _attachments(attachment: MessageAttachment | None) -> tuple[Attachment, ...]:
    if attachment is None:
        return ()
    if attachment.media:
        return (attachment_of(attachment.media),)
    return (Attachment(attachment.type or "unknown"),)


def _location(shared: SharedLocation) -> Location | None:
    point = shared.shared_coordinate.coordinates if shared.shared_coordinate else None
    if point:
        return Location(point.coordinates[1], point.coordinates[0])
    place = shared.shared_place.place if shared.shared_place else None
    if place and place.centroid:
        return Location(place.centroid[1], place.centroid[0], place.full_name or place.name)
    return None
