"""X: replies to posts, for everybody to read, and direct messages."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from contact_desk.outbox import OutboxItem
from contact_desk.send_failures import SendFailure
from functions.notify.platform_answers import (
    CredentialsRefused,
    LookUpAnswer,
    Refusal,
    RetryLater,
    SendAnswer,
    Unclear,
)
from functions.notify.senders.look_up import SHOWN, find, not_seen
from functions.notify.x_api import XApi

# X puts whom a reply answers before its words, and short links of its own in place of addresses.
ANSWERED = re.compile(r"(?:@\w{1,20}\s+)+")
SHORT_LINK = re.compile(r"https?://t\.co/\w+")
PICTURE_LINK = re.compile(r"\s*https?://t\.co/\w+\s*$")


class _XSender:
    def __init__(self, x: XApi) -> None:
        self._x = x

    def prepare(self, item: OutboxItem) -> RetryLater | CredentialsRefused | None:
        """Have the account's keys at hand."""
        return self._x.prepare(item.account)


class PostReplySender(_XSender):
    """Answers a post as the force (`POST /2/tweets`)."""

    def send(self, item: OutboxItem, *, within: timedelta) -> SendAnswer:
        """Put the words under the post, for everybody to read."""
        return self._x.send(
            item.account,
            ("tweets",),
            {"text": item.text, "reply": {"in_reply_to_tweet_id": item.target}},
            answer_id="id",
            missing=SendFailure.TARGET_GONE,
            within=within,
            tried_before=item.attempts > 1,
        )

    def look_up(self, item: OutboxItem, *, within: timedelta) -> LookUpAnswer:
        """Read the newest posts of the force's own timeline."""
        shown = own_timeline(self._x, item, within=within)
        if not isinstance(shown, Mapping):
            return not_seen(shown)
        return find_in_timeline(item, shown, lambda post: _answers(post, item.target))


class DirectMessageSender(_XSender):
    """Writes to a person in private (`POST /2/dm_conversations/with/{person}/messages`)."""

    def send(self, item: OutboxItem, *, within: timedelta) -> SendAnswer:
        """Send the words to the person."""
        return self._x.send(
            item.account,
            ("dm_conversations", "with", item.target, "messages"),
            {"text": item.text},
            answer_id="dm_event_id",
            missing=SendFailure.NO_SUCH_PERSON,
            within=within,
            tried_before=item.attempts > 1,
        )

    def look_up(self, item: OutboxItem, *, within: timedelta) -> LookUpAnswer:
        """Read the newest messages of the conversation with the person."""
        shown = self._x.read(
            item.account,
            ("dm_conversations", "with", item.target, "dm_events"),
            {
                "max_results": str(SHOWN),
                "event_types": "MessageCreate",
                "dm_event.fields": "id,text,created_at,sender_id",
            },
            within=within,
        )
        if not isinstance(shown, Mapping):
            return not_seen(shown)
        return _find(item, shown, lambda message: message.get("sender_id"))


def own_timeline(x: XApi, item: OutboxItem, *, within: timedelta) -> Mapping[str, Any] | Refusal:
    """The newest posts of the item's account, as they are shown."""
    return x.read(
        item.account,
        ("users", item.account, "tweets"),
        {"max_results": str(SHOWN), "tweet.fields": "created_at,referenced_tweets,attachments"},
        within=within,
    )


def find_in_timeline(
    item: OutboxItem, shown: Mapping[str, Any], could_be: Callable[[Mapping[str, Any]], bool]
) -> LookUpAnswer:
    """Look for the item's words among the posts that could be the item's."""
    return _find(item, shown, lambda post: item.account if could_be(post) else None)


def _find(item: OutboxItem, shown: Mapping[str, Any], author_of: Any) -> LookUpAnswer:
    """Look for the item's words; `author_of` names the writer of what could be ours. An empty page has no `data`."""
    entries = shown.get("data", [])
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        return Unclear(SendFailure.UNREADABLE_ANSWER)
    meta = shown.get("meta")
    if not entries and not isinstance(meta, Mapping):
        return Unclear(SendFailure.UNREADABLE_ANSWER)
    return find(
        item,
        [
            {
                "id": entry.get("id"),
                "created_time": entry.get("created_at"),
                "from": {"id": author_of(entry)},
                "message": item.text if same_words(_words(entry), item.text) else "",
            }
            for entry in entries
        ],
        more=isinstance(meta, Mapping) and bool(meta.get("next_token")),
    )


def _words(entry: Mapping[str, Any]) -> str:
    """What somebody wrote there: X puts the address of a picture behind the words."""
    text = str(entry.get("text", ""))
    return PICTURE_LINK.sub("", text) if entry.get("attachments") else text


def _answers(post: Mapping[str, Any], target: str) -> bool:
    named = post.get("referenced_tweets")
    return isinstance(named, list) and any(
        isinstance(one, Mapping) and one.get("type") == "replied_to" and one.get("id") == target
        for one in named
    )


def same_words(shown: str, sent: str) -> bool:
    """Whether a text as X shows it is the one that was sent: addresses are short links there, `&` is written out."""
    plain = unicodedata.normalize("NFC", html.unescape(shown)).strip()
    wanted = unicodedata.normalize("NFC", sent).strip()
    pattern = r"\S+".join(re.escape(part) for part in SHORT_LINK.split(plain))
    unanswered = ANSWERED.match(plain)
    if re.fullmatch(pattern, wanted):
        return True
    return unanswered is not None and same_words(plain[unanswered.end() :], wanted)
