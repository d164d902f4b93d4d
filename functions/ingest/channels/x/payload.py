"""What X sends: posts in the older and the newer shape, and direct messages. Source: docs.x.com, event payloads.

Ids are read where they are texts and nowhere else: as JSON numbers they exceed what many writers of JSON can hold, and
X's own samples have lost digits that way.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from functions.ingest.payload_fields import (
    IDENTIFIER,
    Kind,
    Lenient,
    Name,
    Payload,
    Several,
    Url,
    Words,
    read_moment,
)

CREATED_AT = "%a %b %d %H:%M:%S %z %Y"  # Mon Mar 26 16:33:26 +0000 2018


def _moment(value: Any) -> datetime | None:
    moment = read_moment(value)
    if moment is not None or not isinstance(value, str):
        return moment
    try:
        return datetime.strptime(value, CREATED_AT).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _unwrapped(value: Any) -> Any:
    """Objects of an envelope's extras stand bare or as `{"data": {...}}`."""
    return value["data"] if isinstance(value, dict) and isinstance(value.get("data"), dict) else value


TextId = Annotated[str, StringConstraints(pattern=IDENTIFIER)]
XMoment = Annotated[datetime | None, BeforeValidator(_moment)]
Degrees = Annotated[float, Field(allow_inf_nan=False)]
Pair = tuple[Annotated[Degrees, Field(ge=-180, le=180)], Annotated[Degrees, Field(ge=-90, le=90)]]


class Point(Payload):
    """A GeoJSON point: longitude before latitude."""

    coordinates: Pair


class User(Payload):
    """An account, in the older shape (`id_str`, `screen_name`) or the newer (`id`, `username`)."""

    id: Lenient[TextId] = None
    id_str: Lenient[TextId] = None
    name: Lenient[Name] = None
    screen_name: Lenient[Name] = None
    username: Lenient[Name] = None

    @property
    def shown(self) -> str | None:
        """What X shows of it: the name, with the handle by which it is found."""
        handle = self.username or self.screen_name
        return f"{self.name} (@{handle})" if self.name and handle else self.name or (handle and f"@{handle}")


SomeUser = Annotated[User, BeforeValidator(_unwrapped)]


class Variant(Payload):
    """One encoding of a film."""

    url: Lenient[Url] = None
    bitrate: Lenient[int] = None
    bit_rate: Lenient[int] = None
    content_type: Lenient[str] = None

    @property
    def rate(self) -> int:
        """Bits per second; a playlist has none."""
        return self.bitrate or self.bit_rate or 0


class VideoInfo(Payload):
    """A film's encodings."""

    variants: Several[Variant] = ()


class Media(Payload):
    """A picture or a film."""

    media_key: Lenient[TextId] = None
    type: Lenient[Kind] = None
    url: Lenient[Url] = None
    media_url_https: Lenient[Url] = None
    preview_image_url: Lenient[Url] = None
    variants: Several[Variant] = ()
    video_info: Lenient[VideoInfo] = None

    @property
    def best(self) -> str | None:
        """Where the best of it is: of a film the film."""
        films = [*self.variants, *(self.video_info.variants if self.video_info else ())]
        film = max(
            (each for each in films if each.url and each.rate), key=lambda each: each.rate, default=None
        )
        # In the older shape `url` is the short link to the post's own page.
        older = self.media_url_https is not None
        return (
            (film and film.url)
            or self.media_url_https
            or (None if older else self.url)
            or self.preview_image_url
        )


class Entities(Payload):
    """What stands in a text; of pictures the older shape's first one only."""

    media: Several[Media] = ()


class LongText(Payload):
    """The whole of a text that is cut off elsewhere."""

    text: Lenient[Words] = None
    full_text: Lenient[Words] = None
    extended_entities: Lenient[Entities] = None
    entities: Lenient[Entities] = None


class EditHistory(Payload):
    """Every version of a post."""

    edit_tweet_ids: Several[TextId] = ()
    initial_tweet_id: Lenient[TextId] = None


class OlderPost(Payload):
    """A post of the account-activity envelope."""

    id_str: TextId
    text: Lenient[Words] = None
    full_text: Lenient[Words] = None
    extended_tweet: Lenient[LongText] = None
    note_tweet: Lenient[LongText] = None
    created_at: XMoment = None
    timestamp_ms: XMoment = None
    user: Lenient[User] = None
    in_reply_to_status_id_str: Lenient[TextId] = None
    quoted_status_id_str: Lenient[TextId] = None
    retweeted_status: Any = None
    conversation_id_str: Lenient[TextId] = None
    edit_history: Lenient[EditHistory] = None
    edit_history_tweet_ids: Several[TextId] = ()
    entities: Lenient[Entities] = None
    extended_entities: Lenient[Entities] = None
    coordinates: Lenient[Point] = None


class Reference(Payload):
    """Another post that a post answers, quotes or repeats."""

    type: Lenient[Kind] = None
    id: Lenient[TextId] = None
    id_str: Lenient[TextId] = None


class Geo(Payload):
    """Where a post was written."""

    coordinates: Lenient[Point] = None


class MediaKeys(Payload):
    """The pictures of a post, by their keys in the envelope's extras."""

    media_keys: Several[TextId] = ()


class NewerPost(Payload):
    """A post of the X Activity envelope; `*_str` fields are twins of those that may come as numbers."""

    id: Lenient[TextId] = None
    id_str: Lenient[TextId] = None
    author_id: Lenient[TextId] = None
    author_id_str: Lenient[TextId] = None
    text: Lenient[Words] = None
    note_tweet: Lenient[LongText] = None
    created_at: XMoment = None
    conversation_id: Lenient[TextId] = None
    conversation_id_str: Lenient[TextId] = None
    edit_history_tweet_ids: Several[TextId] = ()
    referenced_tweets: Several[Reference] = ()
    attachments: Lenient[MediaKeys] = None
    geo: Lenient[Geo] = None


SomePost = Annotated[NewerPost, BeforeValidator(_unwrapped)]


class Includes(Payload):
    """The envelope's extras: accounts and pictures that the post names by id."""

    users: Several[SomeUser] = ()
    media: Several[Annotated[Media, BeforeValidator(_unwrapped)]] = ()


class PostEvent(Payload):
    """An event about a post in the newer envelope."""

    payload: SomePost
    includes: Lenient[Includes] = None


class Status(Payload):
    """A post that is gone."""

    id: Lenient[TextId] = None
    id_str: Lenient[TextId] = None
    user_id: Lenient[TextId] = None
    user_id_str: Lenient[TextId] = None


class Deletion(Payload):
    """A post that was deleted, in the older envelope."""

    status: Status
    timestamp_ms: XMoment = None


class Place(Payload):
    """Where the writer says to be: a point, or a named place with the middle of it."""

    name: Lenient[Name] = None
    full_name: Lenient[Name] = None
    centroid: Lenient[Pair] = None


class SharedPlace(Payload):
    """A named place."""

    place: Lenient[Place] = None


class SharedPoint(Payload):
    """A point on the map."""

    coordinates: Lenient[Point] = None


class SharedLocation(Payload):
    """A place that came with a message."""

    shared_coordinate: Lenient[SharedPoint] = None
    shared_place: Lenient[SharedPlace] = None


class MessageAttachment(Payload):
    """What came with a message."""

    type: Lenient[Kind] = None
    media: Lenient[Media] = None
    location: Lenient[SharedLocation] = None


class MessageContent(Payload):
    """What a message says."""

    text: Lenient[Words] = None
    attachment: Lenient[MessageAttachment] = None


class Target(Payload):
    """Whom a message is to."""

    recipient_id: Lenient[TextId] = None


class MessageCreate(Payload):
    """Who said what to whom."""

    sender_id: TextId
    target: Lenient[Target] = None
    message_data: MessageContent
    source_app_id: Lenient[TextId] = None


class DirectMessage(Payload):
    """A direct message, in the one shape that both envelopes use; `writer` is added from the envelope's accounts."""

    id: TextId
    created_timestamp: XMoment = None
    message_create: MessageCreate
    writer: Lenient[SomeUser] = None


class FlatMessage(Payload):
    """A direct message as X's newer API writes one: the envelope's payload itself."""

    id: TextId
    sender_id: TextId
    text: Lenient[Words] = None
    created_at: XMoment = None
    recipient_id: Lenient[TextId] = None
    attachments: Lenient[MediaKeys] = None


class FlatMessageEvent(Payload):
    """An event about such a message."""

    payload: Annotated[FlatMessage, BeforeValidator(_unwrapped)]
    includes: Lenient[Includes] = None


class ChatPayload(Payload):
    """An encrypted message: who wrote, and nothing that can be read here."""

    sender_id: Lenient[TextId] = None
    encoded_event: Lenient[str] = None


class ChatEvent(Payload):
    """An event about an encrypted conversation."""

    payload: Lenient[ChatPayload] = None
