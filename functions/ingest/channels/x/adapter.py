"""Reads X's events: posts to the force are contacts in public, direct messages in private; our own are neither."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from contact_desk.confirmations import Confirmation, ConfirmationKind, hash_of
from contact_desk.contacts import Act, Contact, Surface
from functions.ingest.channels.x.messages import Message, direct_message, flat_message
from functions.ingest.channels.x.payload import ChatEvent
from functions.ingest.channels.x.posts import Post, newer_post, older_deletion, older_post
from functions.ingest.platforms import x
from functions.ingest.reading import (
    UNSUPPORTED,
    Channel,
    Event,
    Finding,
    Ignored,
    Reason,
    SealedEventError,
    UnreadableEventError,
)

NAME = "x"

# What is known and no contact, by the beginning of its topic.
IGNORED = {
    # account activity
    "block_events": Reason.MODERATION,
    "direct_message_indicate_typing_events": Reason.TYPING,
    "direct_message_mark_read_events": Reason.READ_RECEIPT,
    "favorite_events": Reason.REACTION,
    "follow_events": Reason.FOLLOW,
    "mute_events": Reason.MODERATION,
    "user_event": Reason.ACCESS_REVOKED,
    # X Activity
    "block.": Reason.MODERATION,
    "broadcast.": Reason.SYSTEM_NOTICE,
    "chat.conversation": Reason.THREAD_CONTROL,
    "chat.sent": Reason.OUR_OWN,
    "dm.indicate_typing": Reason.TYPING,
    "dm.read": Reason.READ_RECEIPT,
    "follow.": Reason.FOLLOW,
    "like.": Reason.REACTION,
    "mute.": Reason.MODERATION,
    "oauth.revoke": Reason.ACCESS_REVOKED,
    "post.repost.": Reason.REPOST,
    "profile.": Reason.SYSTEM_NOTICE,
    "spaces.": Reason.SYSTEM_NOTICE,
}
# Where people's words are: what X adds to these must not pass unread.
WORDS = ("post.", "dm.", "chat.", "tweet_", "direct_message_")
SEALED = "Somebody sent an encrypted chat message on X{who}. It cannot be read here: open X to read it."


def claims(event: Event) -> bool:
    """Everything about one of our accounts that may hold words, or that is known to hold none."""
    if event.product not in (x.ACCOUNT_ACTIVITY, x.ACTIVITY) or event.topic is None:
        return False
    return event.topic.startswith(WORDS) or (event.account is not None and _reason(event.topic) is not None)


def read(event: Event) -> Sequence[Finding]:
    """What one event holds."""
    topic = event.topic or ""
    reason = _reason(topic)
    if reason is not None:
        return [Ignored(reason)]
    if topic in READERS:
        return [READERS[topic](event)]
    if topic.startswith("chat."):
        return [_sealed(event)]
    raise UnreadableEventError("x_kind_unknown")


def split(event: Event) -> Sequence[Event]:
    """Each direct message by itself, where X Activity lists them in one event."""
    payload = event.fields.get("payload") if isinstance(event.fields, dict) else None
    messages = payload.get(x.MESSAGES) if isinstance(payload, dict) else None
    if not isinstance(payload, dict) or not isinstance(messages, list):
        return [event]
    return [replace(event, fields=x.with_writer(message, payload.get("users"))) for message in messages]


def _reason(topic: str) -> Reason | None:
    return next((reason for start, reason in IGNORED.items() if topic.startswith(start)), None)


def _created(event: Event, post: Post) -> Finding:
    if post.writer is not None and post.writer.address == event.account:
        return Ignored(Reason.OUR_OWN)
    if post.repeats:
        return Ignored(Reason.REPOST)
    edited = post.id != post.oldest
    return _contact(event, post, Act.EDITED if edited else Act.CREATED, f"edit-{post.id}" if edited else None)


def _deleted(event: Event, post: Post) -> Finding:
    """X tells of our own deletions only; should it ever tell of others', they are the person's."""
    if post.writer is not None and post.writer.address == event.account:
        return Ignored(Reason.OUR_OWN)
    return _contact(event, post, Act.DELETED, "deleted")


def _contact(event: Event, post: Post, act: Act, event_id: str | None) -> Contact:
    gone = act is Act.DELETED
    return Contact(
        act=act,
        channel=NAME,
        account=event.account or "",
        surface=Surface.PUBLIC,
        native_id=post.oldest,
        person=post.writer,
        text="" if gone else post.text,
        occurred_at=post.at or event.framed_at or event.received_at,
        received_at=event.received_at,
        archive_key="",
        answers=post.answers,
        root=post.root,
        attachments=post.attachments or (() if post.text or gone else (UNSUPPORTED,)),
        location=post.location,
        permalink=None if gone else post.permalink,
        event_id=event_id,
    )


def _message(event: Event) -> Finding:
    is_listed = isinstance(event.fields, dict) and "message_create" in event.fields
    message = direct_message(event.fields) if is_listed else _flat(event)
    if message.writer.address == event.account:
        return _echo(event, message)
    return Contact(
        act=Act.CREATED,
        channel=NAME,
        account=event.account or "",
        surface=Surface.PRIVATE,
        native_id=message.id,
        person=message.writer,
        text=message.text,
        occurred_at=message.at or event.received_at,
        received_at=event.received_at,
        archive_key="",
        attachments=message.attachments or (() if message.text else (UNSUPPORTED,)),
        location=message.location,
    )


def _flat(event: Event) -> Message:
    fields: Any = event.fields
    if not isinstance(fields, dict) or "payload" not in fields:
        raise UnreadableEventError("message_unknown")
    return flat_message(fields)


def _echo(event: Event, message: Message) -> Confirmation:
    return Confirmation(
        kind=ConfirmationKind.ECHO,
        channel=NAME,
        account=event.account or "",
        native_id=message.id,
        person=message.reader,
        occurred_at=message.at or event.received_at,
        received_at=event.received_at,
        app_id=message.app_id,
        text_hash=hash_of(message.text) if message.text else None,
    )


def _sealed(event: Event) -> Finding:
    payload = ChatEvent.model_validate(event.fields).payload
    writer = payload.sender_id if payload else None
    if writer is not None and writer == event.account:
        return Ignored(Reason.OUR_OWN)
    if event.topic != "chat.received" and not (payload and payload.encoded_event):
        return Ignored(Reason.THREAD_CONTROL)
    raise SealedEventError(SEALED.format(who=f", from account {writer}" if writer else ""))


READERS: Mapping[str, Callable[[Event], Finding]] = {
    "tweet_create_events": lambda event: _created(event, older_post(event.fields)),
    "tweet_delete_events": lambda event: _deleted(event, older_deletion(event.fields)),
    x.MESSAGES: _message,
    "post.create": lambda event: _created(event, newer_post(event.fields)),
    "post.mention.create": lambda event: _created(event, newer_post(event.fields)),
    "post.quote.create": lambda event: _created(event, newer_post(event.fields)),
    "post.reply.create": lambda event: _created(event, newer_post(event.fields)),
    "post.delete": lambda event: _deleted(event, newer_post(event.fields)),
    "dm.received": _message,
    "dm.sent": _message,
}

X = Channel(name=NAME, platform=x.PLATFORM, claims=claims, read=read, split=split)
