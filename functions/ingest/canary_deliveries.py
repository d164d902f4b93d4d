"""A canary as each channel's platform would deliver it: in the platform's own envelope, signed with its own secret."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from contact_desk.canaries import PERSON, canary_id
from contact_desk.force_file import ChannelAccount
from functions.ingest.channels.whatsapp.adapter import PRODUCT as WHATSAPP_PRODUCT
from functions.ingest.platforms import meta, sms, x
from functions.ingest.reading import WEBHOOK_URL

TEXT = "The desk asks itself whether this channel works."
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class CanaryDelivery:
    """One call of a platform's webhook (`meta`), and the native id of the contact in it."""

    webhook: str
    native_id: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


def canary_delivery(
    channel: str, own: ChannelAccount, secret: Mapping[str, Any], *, name: str, at: datetime
) -> CanaryDelivery:
    """The canary of a channel, told from others of it by `name`.

    `secret` is the current version of the platform's secret, with the webhook's address where the platform signs that
    (`WEBHOOK_URL`). Raises KeyError for a secret without the field that signs, and for a channel that has no webhook.
    """
    native_id = canary_id(name)
    body = BODIES[channel](own, native_id, at)
    headers = SIGNED[own.platform](secret, body)
    return CanaryDelivery(own.platform, native_id, headers, body)


def _messaging(product: str) -> Callable[[ChannelAccount, str, datetime], bytes]:
    def body(own: ChannelAccount, native_id: str, at: datetime) -> bytes:
        item = {
            "sender": {"id": PERSON},
            "recipient": {"id": own.account},
            "timestamp": _milliseconds(at),
            "message": {"mid": native_id, "text": TEXT},
        }
        return _json(_entry(product, own, at, messaging=[item]))

    return body


def _comment(own: ChannelAccount, native_id: str, at: datetime) -> bytes:
    value = {
        "item": "comment",
        "verb": "add",
        "comment_id": native_id,
        "post_id": f"{own.account}_canary",
        "from": {"id": PERSON},
        "message": TEXT,
        "created_time": int(at.timestamp()),
    }
    return _json(_entry("page", own, at, changes=[{"field": "feed", "value": value}]))


def _whatsapp(own: ChannelAccount, native_id: str, at: datetime) -> bytes:
    message = {
        "id": native_id,
        "from": PERSON,
        "timestamp": str(int(at.timestamp())),
        "type": "text",
        "text": {"body": TEXT},
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"phone_number_id": own.account},
        "messages": [message],
    }
    return _json(_entry(WHATSAPP_PRODUCT, own, at, changes=[{"field": "messages", "value": value}]))


def _direct_message(own: ChannelAccount, native_id: str, at: datetime) -> bytes:
    message = {
        "type": "message_create",
        "id": native_id,
        "created_timestamp": str(_milliseconds(at)),
        "message_create": {
            "target": {"recipient_id": own.account},
            "sender_id": PERSON,
            "message_data": {"text": TEXT},
        },
    }
    return _json({"for_user_id": own.account, x.MESSAGES: [message], "users": {}})


def _text_message(own: ChannelAccount, native_id: str, at: datetime) -> bytes:
    del at  # the form tells no time
    fields = {
        "MessageSid": native_id,
        "From": PERSON,
        "To": own.account,
        "Body": TEXT,
        "NumMedia": "0",
        "SmsStatus": "received",
    }
    return urlencode(fields).encode("ascii")


BODIES: Mapping[str, Callable[[ChannelAccount, str, datetime], bytes]] = {
    "messenger": _messaging("page"),
    "instagram": _messaging("instagram"),
    "facebook_page": _comment,
    "whatsapp": _whatsapp,
    "x": _direct_message,
    "sms": _text_message,
}
SIGNED: Mapping[str, Callable[[Mapping[str, Any], bytes], Mapping[str, str]]] = {
    "meta": lambda secret, body: {**JSON, meta.SIGNATURE: meta.signature(secret["app_secret"], body)},
    "x": lambda secret, body: {**JSON, x.SIGNATURE: x.signature(secret["consumer_secret"], body)},
    "sms": lambda secret, body: {
        **FORM,
        sms.SIGNATURE: sms.signature(
            secret["auth_token"], secret[WEBHOOK_URL], parse_qsl(body.decode("ascii"))
        ).decode("ascii"),
    },
}


def _entry(product: str, own: ChannelAccount, at: datetime, **items: Any) -> dict[str, Any]:
    return {"object": product, "entry": [{"id": own.account, "time": _milliseconds(at), **items}]}


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _json(envelope: Mapping[str, Any]) -> bytes:
    return json.dumps(envelope, separators=(",", ":")).encode("ascii")
