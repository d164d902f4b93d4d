"""What Instagram sends of comments and mentions. Source: the Instagram Platform's webhook reference and examples."""

from __future__ import annotations

from pydantic import AliasChoices, Field

from functions.ingest.payload_fields import Lenient, Moment, Name, NativeId, Payload, Words


class Author(Payload):
    """Who wrote it: an id that is good for this account only, and the name in use now."""

    id: Lenient[NativeId] = None
    username: Lenient[Name] = None


class Media(Payload):
    """What it was written under."""

    id: Lenient[NativeId] = None


class CommentValue(Payload):
    """A comment, whole, or a mention, of which the platform names ids alone."""

    comment_id: NativeId | None = Field(default=None, validation_alias=AliasChoices("id", "comment_id"))
    parent_id: Lenient[NativeId] = None
    author: Lenient[Author] = Field(default=None, alias="from")
    text: Words | None = None
    media: Lenient[Media] = None
    media_id: Lenient[NativeId] = None
    created_time: Moment = None
