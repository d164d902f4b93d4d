"""Reads Instagram's events: conversations as on Messenger, comments and mentions as public contacts."""

from __future__ import annotations

from collections.abc import Sequence

from contact_desk.contacts import Act, Contact, Person, Surface
from functions.ingest.channels.instagram.payload import CommentValue
from functions.ingest.platforms import meta, meta_messaging
from functions.ingest.reading import (
    MENTION,
    UNSUPPORTED,
    Channel,
    Event,
    Finding,
    Ignored,
    Reason,
    UnreadableEventError,
)

NAME = "instagram"
COMMENTS = ("comments", "live_comments")
MENTIONS = "mentions"


def claims(event: Event) -> bool:
    """An account's conversations, comments under its media, and mentions of it elsewhere."""
    return event.product == NAME and event.topic in (*meta_messaging.TOPICS, *COMMENTS, MENTIONS)


def read(event: Event) -> Sequence[Finding]:
    """What one item of a conversation, or one change, holds."""
    if event.topic in meta_messaging.TOPICS:
        return meta_messaging.read(event, NAME)
    if event.fields.get("value") is None:
        return [Ignored(Reason.EMPTY)]
    return [_public(event, CommentValue.model_validate(event.fields["value"]))]


def _public(event: Event, value: CommentValue) -> Finding:
    media_id = value.media_id or (value.media.id if value.media else None)
    mentioned = event.topic == MENTIONS
    native_id = value.comment_id or (
        media_id if mentioned else None
    )  # a mention in a caption is the medium itself
    if native_id is None:
        raise UnreadableEventError("comment_without_id")
    author = value.author
    if author and author.id == event.account:
        return Ignored(Reason.OUR_OWN)
    root = media_id or native_id
    return Contact(
        act=Act.CREATED,
        channel=NAME,
        account=event.account or "",
        surface=Surface.PUBLIC,
        native_id=native_id,
        person=Person(author.id, author.username) if author and author.id else None,
        text=value.text or "",
        occurred_at=value.created_time or event.framed_at or event.received_at,
        received_at=event.received_at,
        archive_key="",
        answers=value.parent_id if value.parent_id != root else None,
        root=root,
        attachments=() if value.text else (MENTION if mentioned else UNSUPPORTED,),
    )


INSTAGRAM = Channel(name=NAME, platform=meta.PLATFORM, claims=claims, read=read)
