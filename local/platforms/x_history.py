"""What people did on the stand-in X, told by the envelopes of webhooks, whether or not anybody delivered them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

POSTS = ("post.create", "post.mention.create", "post.quote.create", "post.reply.create")
OLDER_TIME = "%a %b %d %H:%M:%S %z %Y"
REFERENCES = {"in_reply_to_status_id_str": "replied_to", "quoted_status_id_str": "quoted"}


@dataclass(slots=True)
class AccountPast:
    """One account's mentions, by post and then by version, and its direct messages; each as the newer API writes it."""

    mentions: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)


class XHistory:
    """All accounts' pasts, and whom and which pictures X knows."""

    def __init__(self) -> None:
        self._accounts: dict[str, AccountPast] = {}
        self.users: dict[str, Mapping[str, Any]] = {}
        self.media: dict[str, Mapping[str, Any]] = {}

    def of(self, account: str) -> AccountPast:
        """The past of one account."""
        return self._accounts.setdefault(account, AccountPast())

    def happened(self, envelope: Mapping[str, Any]) -> int:
        """Be told what happened by a webhook's envelope, in either shape; how many things in it were understood."""
        if "for_user_id" in envelope:
            return self._account_activity(envelope)
        data = envelope.get("data")
        events = data if isinstance(data, list) else [data]
        return sum(self._activity(event, envelope) for event in events if isinstance(event, Mapping))

    def _activity(self, event: Mapping[str, Any], envelope: Mapping[str, Any]) -> int:
        kind, payload = event.get("event_type"), _bare(event.get("payload"))
        past = self.of(str((event.get("filter") or {}).get("user_id")))
        self._meet(event.get("includes") or envelope.get("includes") or {})
        if kind in POSTS:
            _keep_version(past, dict(payload))
        elif kind == "post.delete":
            _forget(past, str(payload.get("id")))
        elif kind in {"dm.received", "dm.sent"}:
            return self._messages(past, payload)
        else:
            return 0
        return 1

    def _messages(self, past: AccountPast, payload: Mapping[str, Any]) -> int:
        listed = payload.get("direct_message_events")
        self._meet_by_id(payload.get("users") or {})
        messages = list(map(self._newer_message, listed)) if isinstance(listed, list) else [dict(payload)]
        past.messages |= {message["id"]: message for message in messages}
        return len(messages)

    def _account_activity(self, envelope: Mapping[str, Any]) -> int:
        past = self.of(str(envelope["for_user_id"]))
        self._meet_by_id(envelope.get("users") or {})
        posts = envelope.get("tweet_create_events", [])
        for post in posts:
            self._meet({"users": [post.get("user") or {}]})
            _keep_version(past, _newer_post(post))
        gone = envelope.get("tweet_delete_events", [])
        for deletion in gone:
            _forget(past, str(deletion["status"]["id"]))
        messages = list(map(self._newer_message, envelope.get("direct_message_events", [])))
        past.messages |= {message["id"]: message for message in messages}
        return len(posts) + len(gone) + len(messages)

    def _newer_message(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """A message as both envelopes list it, as the newer API writes it."""
        created = message["message_create"]
        content = created["message_data"]
        told = {
            "id": message["id"],
            "sender_id": created["sender_id"],
            "text": content.get("text") or "",
            "created_at": x_time(_of_milliseconds(message["created_timestamp"])),
        }
        media = (content.get("attachment") or {}).get("media")
        if not media:
            return told
        key = f"3_{media.get('id_str') or message['id']}"
        self.media[key] = {"media_key": key, "type": media.get("type"), "url": media.get("media_url_https")}
        return {**told, "attachments": {"media_keys": [key]}}

    def _meet(self, includes: Mapping[str, Any]) -> None:
        self._meet_by_id({str(number): user for number, user in enumerate(includes.get("users", []))})
        for media in map(_bare, includes.get("media", [])):
            self.media[str(media.get("media_key"))] = media

    def _meet_by_id(self, users: Mapping[str, Any]) -> None:
        for user in map(_bare, users.values()):
            named = str(user.get("id_str") or user.get("id"))
            username = user.get("username") or user.get("screen_name")
            self.users[named] = {"id": named, "name": user.get("name"), "username": username}


def _keep_version(past: AccountPast, post: dict[str, Any]) -> None:
    history = [*post.get("edit_history_tweet_ids", []), post["id"]]
    root = next((known for known, versions in past.mentions.items() if versions.keys() & set(history)), None)
    past.mentions.setdefault(root or min(history, key=int), {})[post["id"]] = post


def _forget(past: AccountPast, post_id: str) -> None:
    for root, versions in list(past.mentions.items()):
        if post_id in versions:
            del past.mentions[root]


def _newer_post(post: Mapping[str, Any]) -> dict[str, Any]:
    """A post of account activity as the newer API writes it."""
    whole = post.get("extended_tweet") or {}
    references = [
        {"type": kind, "id": post[name]} for name, kind in REFERENCES.items() if post.get(name) is not None
    ]
    at = post.get("timestamp_ms")
    moment = _of_milliseconds(at) if at else datetime.strptime(post["created_at"], OLDER_TIME).astimezone(UTC)
    thread = post.get("conversation_id_str") or post.get("in_reply_to_status_id_str") or post["id_str"]
    history = (post.get("edit_history") or {}).get("edit_tweet_ids") or [post["id_str"]]
    return {
        "id": post["id_str"],
        "author_id": (post.get("user") or {}).get("id_str"),
        "text": whole.get("full_text") or post.get("full_text") or post.get("text") or "",
        "created_at": x_time(moment),
        "conversation_id": thread,
        "edit_history_tweet_ids": history,
        **({"referenced_tweets": references} if references else {}),
    }


def _bare(value: Any) -> Mapping[str, Any]:
    """What stands bare or as `{"data": {...}}`."""
    inner = value.get("data", value) if isinstance(value, Mapping) else {}
    return inner if isinstance(inner, Mapping) else {}


def _of_milliseconds(value: object) -> datetime:
    return datetime.fromtimestamp(int(str(value)) / 1000, UTC)


def x_time(moment: datetime) -> str:
    """A moment as the newer API writes it."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def newest_first(past: AccountPast) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Each post's newest version, with those before it."""
    posts = [sorted(versions.values(), key=lambda one: int(one["id"])) for versions in past.mentions.values()]
    for versions in sorted(posts, key=lambda each: str(each[-1]["created_at"]), reverse=True):
        # X tells every version of all that there are.
        told = {
            id_ for version in versions for id_ in [*version.get("edit_history_tweet_ids", []), version["id"]]
        }
        history = sorted(told, key=int)
        *earlier, newest = ({**version, "edit_history_tweet_ids": history} for version in versions)
        yield newest, earlier
