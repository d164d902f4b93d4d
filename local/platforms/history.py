"""What people did on the stand-in Facebook, as the Graph API tells it afterwards: conversations, posts, comments.

It is told by the envelopes of webhooks, whether or not anybody delivered them, so what is read here and what a webhook
brings are two tellings of one thing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from local.platforms.pages import graph_time

MILLISECONDS_FROM = 1e12
EVERY_FIELD = (
    "feed",
    "mention",
    "message_deliveries",
    "message_echoes",
    "message_edits",
    "message_reactions",
    "message_reads",
    "messages",
    "messaging_handovers",
    "messaging_optins",
    "messaging_policy_enforcement",
    "messaging_postbacks",
    "messaging_referrals",
    "ratings",
    "standby",
)


@dataclass(slots=True)
class Written:
    """One thing that somebody wrote: a message, a comment, or a visitor's post."""

    written_id: str
    writer: Mapping[str, Any] | None
    at: datetime
    text: str = ""
    parent: str | None = None
    image: str | None = None
    attachments: list[Mapping[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Post:
    """A post of the page's or a visitor's, with the comments under it."""

    post_id: str
    at: datetime
    writer: Mapping[str, Any] | None = None
    text: str = ""
    comments: dict[str, Written] = field(default_factory=dict)

    @property
    def updated_at(self) -> datetime:
        """The time of the last comment, or of the post itself."""
        return max([self.at, *(comment.at for comment in self.comments.values())])


@dataclass(slots=True)
class AccountHistory:
    """One account's conversations by the person's id, and its posts."""

    conversations: dict[str, dict[str, Written]] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)


@dataclass(slots=True)
class Standing:
    """How a page stands with the app: what its webhook sends, and until when its token is good (None: for ever)."""

    subscribed: set[str] = field(default_factory=lambda: set(EVERY_FIELD))
    token_ends: datetime | None = None
    app_id: str = "710000000000017"


class History:
    """All accounts' histories, by product (`page`, `instagram`) and account, and how pages stand with the app."""

    def __init__(self) -> None:
        self._accounts: dict[tuple[str, str], AccountHistory] = {}
        self._standings: dict[str, Standing] = {}

    def standing(self, page: str) -> Standing:
        """How a page stands; unless told, everything is subscribed and its token never ends."""
        return self._standings.setdefault(page, Standing())

    def of(self, product: str, account: str) -> AccountHistory:
        """The history of one account."""
        return self._accounts.setdefault((product, account), AccountHistory())

    def accounts_of(self, product: str) -> list[str]:
        """The accounts of a product that anything was told of."""
        return [account for known, account in self._accounts if known == product]

    def happened(self, envelope: Mapping[str, Any]) -> int:
        """Be told what happened by a webhook's envelope; how many things in it were understood."""
        understood = 0
        for entry in envelope.get("entry", []):
            account = self.of(str(envelope.get("object")), str(entry.get("id")))
            for item in [*entry.get("messaging", []), *entry.get("standby", [])]:
                understood += _message_happened(account, str(entry.get("id")), item)
            for change in entry.get("changes", []):
                understood += _change_happened(account, change)
        return understood


def _message_happened(account: AccountHistory, account_id: str, item: Mapping[str, Any]) -> bool:
    message, edit = item.get("message"), item.get("message_edit")
    sender, recipient = (str((item.get(end) or {}).get("id")) for end in ("sender", "recipient"))
    conversation = account.conversations.setdefault(recipient if sender == account_id else sender, {})
    if isinstance(edit, Mapping) and edit.get("mid") in conversation:
        conversation[edit["mid"]].text = edit.get("text", "")
    elif isinstance(message, Mapping) and message.get("is_deleted"):
        conversation.pop(message["mid"], None)
    elif isinstance(message, Mapping):
        conversation[message["mid"]] = Written(
            message["mid"],
            {"id": sender},
            _moment(item.get("timestamp")),
            message.get("text") or "",
            attachments=list(message.get("attachments", [])),
        )
    else:
        return False
    return True


def _change_happened(account: AccountHistory, change: Mapping[str, Any]) -> bool:
    value = change.get("value")
    if change.get("field") != "feed" or not isinstance(value, Mapping) or "post_id" not in value:
        return False
    at, post_id = _moment(value.get("created_time")), str(value["post_id"])
    verb, item = value.get("verb"), value.get("item")
    if item in {"status", "post", "photo", "video", "share"}:
        if verb in {"remove", "delete"}:
            account.posts.pop(post_id, None)
        else:
            post = account.posts.setdefault(post_id, Post(post_id, at))
            post.at, post.writer, post.text = at, value.get("from"), value.get("message") or ""
        return True
    if item != "comment" or "comment_id" not in value:
        return False
    post = account.posts.setdefault(post_id, Post(post_id, at))
    comment_id = str(value["comment_id"])
    if verb in {"remove", "delete"}:
        post.comments.pop(comment_id, None)
    elif verb in {"edit", "edited"} and comment_id in post.comments:
        post.comments[comment_id].text = value.get("message") or ""
    elif verb == "add":
        parent = value.get("parent_id")
        post.comments[comment_id] = Written(
            comment_id,
            value.get("from"),
            at,
            value.get("message") or "",
            parent=str(parent) if parent and parent != post_id else None,
            image=value.get("photo"),
        )
    else:
        return False
    return True


def message_view(account: str, person: str, message: Written) -> dict[str, Any]:
    """A message as the Conversations API shows it."""
    by_account = message.writer is not None and message.writer.get("id") == account
    stickers = [one for one in message.attachments if one.get("type") == "sticker"]
    others = [
        one for one in message.attachments if one.get("type") not in {"sticker", "location", "fallback"}
    ]
    return {
        "id": message.written_id,
        "created_time": graph_time(message.at),
        "from": message.writer,
        "to": {"data": [{"id": person if by_account else account}]},
        "message": message.text,
        "sticker": _url(stickers[0]) if stickers else None,
        "attachments": list(_attachment_views(message.written_id, others)) or None,
    }


def comment_view(comment: Written) -> dict[str, Any]:
    """A comment as the Graph API shows it."""
    return {
        "id": comment.written_id,
        "created_time": graph_time(comment.at),
        "from": comment.writer,
        "message": comment.text,
        "parent": {"id": comment.parent} if comment.parent else None,
        "permalink_url": f"https://www.facebook.com/{comment.written_id}",
        "attachment": {"media": {"image": {"src": comment.image}}} if comment.image else None,
    }


def post_view(page: str, post: Post) -> dict[str, Any]:
    """A post as the page's feed shows it; one whose writer nobody told is the page's own."""
    return {
        "id": post.post_id,
        "created_time": graph_time(post.at),
        "updated_time": graph_time(post.updated_at),
        "from": post.writer or {"id": page, "name": "Page"},
        "message": post.text,
        "permalink_url": f"https://www.facebook.com/{post.post_id}",
    }


def _attachment_views(mid: str, attachments: list[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for number, attachment in enumerate(attachments):
        kind, url = attachment.get("type"), _url(attachment)
        media = {"audio": "audio/mp4", "image": "image/jpeg", "video": "video/mp4"}
        yield {
            "id": f"{mid}.{number}",
            "mime_type": media.get(str(kind), "application/octet-stream"),
            "name": f"{kind}-{number}",
            "file_url": url if kind not in {"image", "video"} else None,
            "image_data": {"url": url} if kind == "image" else None,
            "video_data": {"url": url} if kind == "video" else None,
        }


def _url(attachment: Mapping[str, Any]) -> str | None:
    payload = attachment.get("payload")
    url = payload.get("url") if isinstance(payload, Mapping) else None
    return url if isinstance(url, str) else None


def _moment(value: Any) -> datetime:
    seconds = float(value or 0)
    return datetime.fromtimestamp(seconds / 1000 if seconds >= MILLISECONDS_FROM else seconds, UTC)
