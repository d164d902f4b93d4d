"""What Messenger and Instagram send in `entry[].messaging[]`. Source: the Messenger Platform's webhook-event pages."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from functions.ingest.payload_fields import (
    Kind,
    Lenient,
    Moment,
    Name,
    NativeId,
    Payload,
    Several,
    Url,
    Words,
)

Degrees = Annotated[float, Field(allow_inf_nan=False)]


class Party(Payload):
    """Who sent or received; a person who came by a web plug-in has a `user_ref` in place of an id."""

    id: Lenient[NativeId] = None
    user_ref: Lenient[NativeId] = None


class Coordinates(Payload):
    """A place, in degrees."""

    lat: Annotated[Degrees, Field(ge=-90, le=90)]
    long: Annotated[Degrees, Field(ge=-180, le=180)]


class AttachmentPayload(Payload):
    """Where an attachment is; its address stops working after a while."""

    url: Lenient[Url] = None
    title: Lenient[Name] = None
    sticker_id: Lenient[NativeId] = None
    coordinates: Lenient[Coordinates] = None


class MessageAttachment(Payload):
    """Something that came with a message; a `fallback` may have its address here and no payload."""

    type: Lenient[Kind] = None
    url: Lenient[Url] = None
    title: Lenient[Name] = None
    payload: Lenient[AttachmentPayload] = None


class QuickReply(Payload):
    """The button that was tapped."""

    payload: Lenient[Words] = None


class Story(Payload):
    """A story of ours that the person answers (Instagram); its address stops working after a while."""

    url: Lenient[Url] = None


class ReplyTo(Payload):
    """The message answered, or the story, which has no `mid`."""

    mid: Lenient[NativeId] = None
    story: Lenient[Story] = None


class Message(Payload):
    """A message, an echo of ours, or the unsending of one."""

    mid: NativeId | None = None
    text: Words | None = None
    is_echo: Lenient[bool] = None
    is_deleted: Lenient[bool] = None
    is_unsupported: Lenient[bool] = None
    app_id: Lenient[NativeId] = None
    metadata: Lenient[Annotated[str, Field(max_length=1000)]] = None
    quick_reply: Lenient[QuickReply] = None
    reply_to: Lenient[ReplyTo] = None
    attachments: Several[MessageAttachment] = ()


class MessageEdit(Payload):
    """New words for a message; `num_edit` counts from 1 to 5 and may come as text."""

    mid: NativeId
    text: Words | None = None
    num_edit: Lenient[NativeId] = None


class Postback(Payload):
    """A button of a menu or a card was tapped."""

    mid: NativeId | None = None
    title: Words | None = None
    payload: Lenient[Words] = None


class DeliveryStatus(Payload):
    """Messages of ours that arrived; `mids` may be absent, `watermark` covers all until then."""

    mids: Several[NativeId] = ()
    watermark: Moment = None


class MessagingEvent(Payload):
    """One item. The kinds that hold nothing to read are known by their name alone."""

    sender: Lenient[Party] = None
    recipient: Lenient[Party] = None
    timestamp: Moment = None
    message: Message | None = None
    message_edit: MessageEdit | None = None
    postback: Postback | None = None
    delivery: Lenient[DeliveryStatus] = None
