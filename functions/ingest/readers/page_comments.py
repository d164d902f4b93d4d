"""Reads what people write under and on a page: comments of its newer posts, and visitors' own posts.

Source: the Graph API's reference of page feed, post and comment. A post's `updated_time` is that of its last comment,
so posts that nobody has commented on since are not asked about. Comments on posts older than two weeks are left to the
webhook alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from functions.ingest.payload_fields import read_identifier, read_moment
from functions.ingest.readers.graph_reading import GraphReading
from functions.ingest.readers.reader import Delivery, Span, TimeLeft

POSTS_READ_FOR = timedelta(days=14)
AT_ONCE = "50"
POST = "id,created_time,updated_time,from,message,permalink_url"
COMMENT = "id,created_time,from,message,parent,permalink_url,attachment"


class PageCommentsReader:
    """Comments and visitors' posts of one page."""

    name = channel = "facebook_page"
    webhook = "meta"

    def __init__(self, graph: GraphReading) -> None:
        self._graph = graph

    def read(self, account: str, span: Span, time_left: TimeLeft) -> Iterator[Delivery]:
        """Each comment and visitor's post in the span, post by post."""
        oldest = span.since - POSTS_READ_FOR
        for posts in self._graph.pages(
            account, (account, "feed"), {"fields": POST, "limit": AT_ONCE}, time_left
        ):
            for post in posts:
                yield from self._of_post(account, post, span, time_left)
            if posts and _not_after(posts[-1].get("created_time"), oldest):
                return

    def _of_post(
        self, account: str, post: Mapping[str, Any], span: Span, time_left: TimeLeft
    ) -> Iterator[Delivery]:
        post_id = read_identifier(post.get("id"))
        if post_id is None:
            return
        if _by_another(post, account) and span.holds(read_moment(post.get("created_time"))):
            yield _delivery(account, post, {"item": "status", "post_id": post_id})
        if _not_after(post.get("updated_time"), span.since):
            return
        parameters = {
            "filter": "stream",  # replies to comments too, all in one list
            "order": "reverse_chronological",
            "fields": COMMENT,
            "limit": AT_ONCE,
        }
        for comments in self._graph.pages(account, (post_id, "comments"), parameters, time_left):
            for comment in comments:
                if _by_another(comment, account) and span.holds(read_moment(comment.get("created_time"))):
                    yield _comment_delivery(account, post_id, comment)
            if comments and _not_after(comments[-1].get("created_time"), span.since):
                return


def _comment_delivery(account: str, post_id: str, comment: Mapping[str, Any]) -> Delivery:
    parent = comment.get("parent")
    attachment = comment.get("attachment")
    media = attachment.get("media") if isinstance(attachment, Mapping) else None
    image = media.get("image") if isinstance(media, Mapping) else None
    return _delivery(
        account,
        comment,
        {
            "item": "comment",
            "comment_id": comment.get("id"),
            "post_id": post_id,
            "parent_id": (read_identifier(parent.get("id")) if isinstance(parent, Mapping) else None)
            or post_id,
            "photo": image.get("src") if isinstance(image, Mapping) else None,
        },
    )


def _delivery(account: str, written: Mapping[str, Any], value: dict[str, Any]) -> Delivery:
    at = _seconds(read_moment(written.get("created_time")))
    value |= {
        "verb": "add",
        "from": written.get("from"),
        "created_time": at,
        "message": written.get("message"),
        "permalink_url": written.get("permalink_url"),
    }
    change = {"field": "feed", "value": {name: given for name, given in value.items() if given is not None}}
    return {"object": "page", "entry": [{"id": account, "time": at, "changes": [change]}]}


def _by_another(written: Mapping[str, Any], account: str) -> bool:
    """Whether somebody else than the page wrote it; one whose writer Meta does not tell is somebody else."""
    writer = written.get("from")
    return not (isinstance(writer, Mapping) and read_identifier(writer.get("id")) == account)


def _not_after(told: object, moment: datetime) -> bool:
    at = read_moment(told)
    return at is not None and at <= moment


def _seconds(moment: datetime | None) -> int:
    return int(moment.timestamp()) if moment else 0
