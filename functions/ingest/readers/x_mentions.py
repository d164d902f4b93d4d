"""Reads the posts on X that mention the force, replies to it among them, from its mentions timeline.

Source: docs.x.com, `GET /2/users/{id}/mentions` and "Edit Posts". The timeline shows the newest version of a post;
the versions before it come beside it, so that an edit is an edit of its original here too. X shows the 800 newest at
most, and no quotes that do not mention us.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from functions.ingest.payload_fields import read_identifier, read_moment
from functions.ingest.readers.reader import Delivery, Span, TimeLeft
from functions.ingest.readers.x_reading import (
    MEDIA_FIELDS,
    USER_FIELDS,
    XReading,
    delivery,
    entries_of,
    included,
    picked,
)

AT_ONCE = "100"
POST_FIELDS = (
    "attachments",
    "author_id",
    "conversation_id",
    "created_at",
    "edit_history_tweet_ids",
    "geo",
    "id",
    "note_tweet",
    "referenced_tweets",
    "text",
)


class XMentionsReader:
    """Posts of others that mention one account."""

    name = "x_mentions"
    channel = "x"
    webhook = "x"

    def __init__(self, x: XReading) -> None:
        self._x = x

    def read(self, account: str, span: Span, time_left: TimeLeft) -> Iterator[Delivery]:
        """Each version of each post in the span, newest post first."""
        parameters = {
            "start_time": _to_the_second(span.since),
            "max_results": AT_ONCE,
            "tweet.fields": ",".join(POST_FIELDS),
            "expansions": "attachments.media_keys,author_id,edit_history_tweet_ids",
            "media.fields": ",".join(MEDIA_FIELDS),
            "user.fields": ",".join(USER_FIELDS),
        }
        for answer in self._x.pages(account, ("users", account, "mentions"), parameters, time_left):
            extras = answer.get("includes")
            told = entries_of(extras, "tweets") if isinstance(extras, Mapping) else []
            earlier = {each.get("id"): each for each in told}
            for post in entries_of(answer):
                for version in _versions(post, earlier):
                    if version.get("author_id") != account and span.holds(
                        read_moment(version.get("created_at"))
                    ):
                        includes = included(answer, version.get("author_id"), version)
                        yield delivery(account, "post.mention.create", picked(version, POST_FIELDS), includes)


def _versions(post: Mapping[str, Any], earlier: Mapping[Any, Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Every version of a post that X tells of, oldest first."""
    history = post.get("edit_history_tweet_ids")
    ids = [read_identifier(each) for each in history] if isinstance(history, list) else []
    before = [earlier[each] for each in ids if each in earlier and each != post.get("id")]
    return [*before, post]


def _to_the_second(moment: datetime) -> str:
    """As X takes a time; the second itself is in it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
