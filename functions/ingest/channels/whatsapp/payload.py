"""What WhatsApp sends in `changes[].value`, one message, echo or status at a time."""

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
    Words,
)


class Profile(Payload):
    """What a person calls themselves."""

    name: Lenient[Name] = None
    username: Lenient[Name] = None


class Card(Payload):
    """Who a message in the same change is from."""

    profile: Lenient[Profile] = None
    wa_id: Lenient[NativeId] = None
    user_id: Lenient[NativeId] = None


class Text(Payload):
    """Plain words."""

    body: Words | None = None


class Media(Payload):
    """A picture, a recording, a document: named by id."""

    id: Lenient[NativeId] = None
    mime_type: Lenient[Name] = None
    caption: Words | None = None


class Place(Payload):
    """A pinned location, in degrees."""

    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    name: Lenient[Name] = None
    address: Lenient[Name] = None


class Button(Payload):
    """A quick reply of a template."""

    text: Words | None = None
    payload: Lenient[Words] = None


class Choice(Payload):
    """A reply button or a line of a list."""

    title: Lenient[Words] = None
    description: Lenient[Words] = None
    id: Lenient[Words] = None


class Form(Payload):
    """A flow's answers: `response_json` is what the person filled in."""

    body: Lenient[Words] = None
    response_json: Lenient[Words] = None


class Interactive(Payload):
    """A button, list line or form that was used."""

    button_reply: Lenient[Choice] = None
    list_reply: Lenient[Choice] = None
    nfm_reply: Lenient[Form] = None


class Order(Payload):
    """A cart, with what the person wrote beside it."""

    text: Lenient[Words] = None


class SharedName(Payload):
    """The name on a shared contact card."""

    formatted_name: Lenient[Name] = None


class SharedPhone(Payload):
    """A number on a shared contact card."""

    phone: Lenient[Name] = None


class SharedContact(Payload):
    """Somebody's contact card."""

    name: Lenient[SharedName] = None
    phones: Several[SharedPhone] = ()


class Context(Payload):
    """The message answered."""

    id: Lenient[NativeId] = None


class Content(Payload):
    """What a message says: one of these, named by `type`."""

    type: Lenient[Kind] = None
    context: Lenient[Context] = None
    text: Text | None = None
    image: Media | None = None
    video: Media | None = None
    audio: Media | None = None
    voice: Media | None = None
    document: Media | None = None
    sticker: Media | None = None
    location: Lenient[Place] = None
    contacts: Several[SharedContact] = ()
    button: Button | None = None
    interactive: Lenient[Interactive] = None
    order: Lenient[Order] = None


class Edit(Payload):
    """New content for a message."""

    original_message_id: NativeId
    message: Content = Content()


class Revoke(Payload):
    """A message taken back."""

    original_message_id: NativeId


class Message(Content):
    """A message of a person; `from` may be absent where they have a username."""

    id: NativeId
    phone: Lenient[NativeId] = Field(default=None, alias="from")
    user_id: Lenient[NativeId] = Field(default=None, alias="from_user_id")
    timestamp: Moment = None
    edit: Edit | None = None
    revoke: Revoke | None = None


class Echo(Content):
    """A message of ours, sent with the phone's own app or by another sender."""

    id: NativeId
    to: Lenient[NativeId] = None
    to_user_id: Lenient[NativeId] = None
    timestamp: Moment = None


class StatusError(Payload):
    """Why a message did not arrive."""

    code: Lenient[int] = None


class Status(Payload):
    """How far a message of ours has come; `biz_opaque_callback_data` is what its sender attached to it."""

    id: NativeId
    status: Lenient[Kind] = None
    timestamp: Moment = None
    recipient_id: Lenient[NativeId] = None
    recipient_user_id: Lenient[NativeId] = None
    biz_opaque_callback_data: Lenient[Annotated[str, Field(max_length=1000)]] = None
    errors: Lenient[list[StatusError]] = None
