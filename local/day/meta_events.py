"""Webhook bodies as Meta sends them: Messenger events and comments on a page, signed over their exact bytes."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any


def page_body(*entries: Mapping[str, Any], escaped: bool = True) -> bytes:
    """One delivery of page events; `escaped` writes what is not ASCII as escape sequences, as Meta mostly does."""
    body = {"object": "page", "entry": list(entries)}
    return json.dumps(body, ensure_ascii=escaped, separators=(",", ":")).encode("utf-8")


def messaging(page: str, at_ms: int, *items: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of Messenger events; times are milliseconds since 1970."""
    return {"id": page, "time": at_ms, "messaging": list(items)}


def from_person(page: str, person: str, at_ms: int, **event: object) -> dict[str, Any]:
    """One Messenger event by a person: `message=…`, `message_edit=…`, `reaction=…`, `read=…`."""
    return {"sender": {"id": person}, "recipient": {"id": page}, "timestamp": at_ms, **event}


def echo(page: str, person: str, at_ms: int, **message: object) -> dict[str, Any]:
    """The echo of a message that the page sent, by whatever tool."""
    return {
        "sender": {"id": page},
        "recipient": {"id": person},
        "timestamp": at_ms,
        "message": {"is_echo": True, **message},
    }


def feed(page: str, at_s: int, *values: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of page feed changes; times are seconds since 1970."""
    return {
        "id": page,
        "time": at_s,
        "changes": [{"field": "feed", "value": dict(value)} for value in values],
    }


def comment(
    verb: str, *, comment_id: str, post_id: str, author: str, name: str, at_s: int, **fields: object
) -> dict[str, Any]:
    """A change of one comment; `parent_id` is the post unless it is given among the fields."""
    return {
        "item": "comment",
        "verb": verb,
        "comment_id": comment_id,
        "post_id": post_id,
        "parent_id": post_id,
        "from": {"id": author, "name": name},
        "created_time": at_s,
        **fields,
    }


def signature(app_secret: str, body: bytes) -> str:
    """The value of `X-Hub-Signature-256` for these bytes."""
    return "sha256=" + hmac.new(app_secret.encode("utf-8"), body, hashlib.sha256).hexdigest()
