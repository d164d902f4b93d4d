"""What a page's feed sends in `entry[].changes[]`. Source: the Graph API's webhook reference for pages."""

from __future__ import annotations

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


class Author(Payload):
    """Who wrote it; Meta leaves it out where the writer's settings or our permissions say so."""

    id: Lenient[NativeId] = None
    name: Lenient[Name] = None


class Post(Payload):
    """The post under which it was written."""

    permalink_url: Lenient[Url] = None


class FeedValue(Payload):
    """One change, of any field: what each item and verb leaves out is None."""

    item: Lenient[Kind] = None
    verb: Lenient[Kind] = None
    post_id: NativeId | None = None
    comment_id: NativeId | None = None
    parent_id: Lenient[NativeId] = None
    open_graph_story_id: NativeId | None = None
    author: Lenient[Author] = Field(default=None, alias="from")
    sender_id: Lenient[NativeId] = None
    sender_name: Lenient[Name] = None
    reviewer_id: Lenient[NativeId] = None
    reviewer_name: Lenient[Name] = None
    message: Words | None = None
    review_text: Words | None = None
    created_time: Moment = None
    edited_time: Moment = None
    permalink_url: Lenient[Url] = None
    post: Lenient[Post] = None
    link: Lenient[Url] = None
    photo: Lenient[Url] = None
    photos: Several[Url] = ()
    video: Lenient[Url] = None
