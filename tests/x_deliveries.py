"""X as it delivers: posts and direct messages in both envelopes, signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

from local.twins.held_still import NOON
from tests.builders import CONSUMER_SECRET, FORCE_ON_X, Json, http_event, milliseconds

WRITER = "4477001199"
POST_ID = "2080765813578191303"
MESSAGE_ID = "2080765901528535096"
SHOWN = {"id": WRITER, "username": "ada_person", "name": "Ada Person"}


def activity(event_type: str, payload: Json, *, account: str = FORCE_ON_X, **fields: Any) -> Json:
    """One event of X Activity."""
    data = {
        "event_uuid": "-6850472171600526495",
        "filter": {"user_id": account},
        "event_type": event_type,
        "payload": payload,
        **fields,
    }
    return {"data": data}


def post(text: str = "@MerseyPolice is the road open?", *, post_id: str = POST_ID, **fields: Any) -> Json:
    """A post in the newer shape; a field of None is left out."""
    whole = {
        "id": post_id,
        "author_id": WRITER,
        "text": text,
        "created_at": iso(NOON),
        "conversation_id": post_id,
        "edit_history_tweet_ids": [post_id],
        **fields,
    }
    return {name: value for name, value in whole.items() if value is not None}


def mention(text: str = "@MerseyPolice is the road open?", **fields: Any) -> Json:
    """The delivery of a post that mentions the force."""
    return activity("post.mention.create", post(text, **fields), includes={"users": [SHOWN]})


def older_post(text: str | None = "@MerseyPolice is the road open?", **fields: Any) -> Json:
    """A post in the older shape, its integer id worn down as in X's own samples; a field of None is left out."""
    whole = {
        "created_at": NOON.strftime("%a %b %d %H:%M:%S +0000 %Y"),
        "id": 2080765813578191400,
        "id_str": POST_ID,
        "text": text,
        "truncated": False,
        "user": {"id": int(WRITER), "id_str": WRITER, "name": "Ada Person", "screen_name": "ada_person"},
        "timestamp_ms": str(milliseconds(NOON)),
        **fields,
    }
    return {name: value for name, value in whole.items() if value is not None}


def account_activity(kind: str, *items: Any, account: str = FORCE_ON_X, **context: Any) -> Json:
    """A delivery of account activity."""
    return {"for_user_id": account, kind: list(items), **context}


def direct_message(
    text: str = "is the road open?",
    *,
    message_id: str = MESSAGE_ID,
    sender: str = WRITER,
    recipient: str = FORCE_ON_X,
    **content: Any,
) -> Json:
    """A direct message as both envelopes list it."""
    return {
        "type": "message_create",
        "id": message_id,
        "created_timestamp": str(milliseconds(NOON)),
        "message_create": {
            "target": {"recipient_id": recipient},
            "sender_id": sender,
            "message_data": {"text": text, "entities": {}, **content},
        },
    }


def message_received(text: str = "is the road open?", **fields: Any) -> Json:
    """The delivery of a direct message to the force."""
    users = {WRITER: {"data": SHOWN}}
    return activity(
        "dm.received", {"direct_message_events": [direct_message(text, **fields)], "users": users}
    )


def x_event(delivery: Json | bytes, *, consumer_secret: str = CONSUMER_SECRET) -> Json:
    """A delivery of X's, signed."""
    body = delivery if isinstance(delivery, bytes) else json.dumps(delivery).encode()
    headers = {"X-Twitter-Webhooks-Signature": x_signature(body, consumer_secret)}
    return http_event("POST", "/webhooks/x", body=body, headers=headers)


def x_signature(signed: bytes, consumer_secret: str = CONSUMER_SECRET) -> str:
    """What X writes into `X-Twitter-Webhooks-Signature`."""
    digest = hmac.new(consumer_secret.encode(), signed, hashlib.sha256).digest()
    return f"sha256={base64.b64encode(digest).decode()}"


def iso(moment: datetime) -> str:
    """A moment as X's newer shape writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
