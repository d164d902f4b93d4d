"""Deliveries of X Activity: posts that mention the force, and direct messages to it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from local.day.deliveries import JSON_HEADERS, Brought, Delivery, Outcome
from local.day.fresh_ids import FreshIds

CHANNEL = "x"
PATH = "/webhooks/x"


@dataclass(frozen=True, slots=True)
class XWebhook:
    """Writes what happens between people and one account."""

    account: str
    consumer_secret: str
    ids: FreshIds

    def mention(self, title: str, text: str) -> Delivery:
        """A post that mentions the force, by somebody new."""
        return self._post(title, "post.mention.create", self.ids.person(), text, Outcome.CONTACTS)

    def our_own(self, title: str, text: str) -> Delivery:
        """A post of the force's own."""
        return self._post(title, "post.create", self.account, text, Outcome.IGNORED)

    def as_reply_too(self, title: str, earlier: Delivery) -> Delivery:
        """The other event of a post that both mentions and answers the force."""
        payload = json.loads(earlier.body)["data"]["payload"]
        told = self._delivery(title, "post.reply.create", payload, Outcome.DUPLICATE, earlier.brings)
        return replace(told, wave=2)

    def message(self, title: str, text: str) -> Delivery:
        """A direct message by somebody new."""
        sender, native_id = self.ids.person(), self.ids.x()
        message = {
            "type": "message_create",
            "id": native_id,
            "created_timestamp": str(self.ids.now_ms()),
            "message_create": {
                "target": {"recipient_id": self.account},
                "sender_id": sender,
                "message_data": {"text": text},
            },
        }
        brought = Brought(native_id, f"{CHANNEL}:{sender}", (CHANNEL,), text)
        payload = {"direct_message_events": [message], "users": {}}
        return self._delivery(title, "dm.received", payload, Outcome.CONTACTS, (brought,))

    def _post(self, title: str, kind: str, author: str, text: str, outcome: Outcome) -> Delivery:
        native_id = self.ids.x()
        payload = {
            "id": native_id,
            "author_id": author,
            "text": text,
            "created_at": self.ids.now_iso(),
            "conversation_id": native_id,
            "edit_history_tweet_ids": [native_id],
        }
        brought = Brought(native_id, f"{CHANNEL}:{author}:{native_id}", (CHANNEL,), text)
        return self._delivery(title, kind, payload, outcome, (brought,))

    def _delivery(
        self,
        title: str,
        kind: str,
        payload: Mapping[str, Any],
        outcome: Outcome,
        brings: tuple[Brought, ...],
    ) -> Delivery:
        data = {"event_uuid": self.ids.x(), "filter": {"user_id": self.account}, "event_type": kind}
        body = json.dumps({"data": {**data, "payload": payload}}).encode("ascii")
        digest = hmac.new(self.consumer_secret.encode("utf-8"), body, hashlib.sha256).digest()
        signature = f"sha256={base64.b64encode(digest).decode('ascii')}"
        headers = {**JSON_HEADERS, "X-Twitter-Webhooks-Signature": signature}
        return Delivery(title, CHANNEL, PATH, body, headers, outcome, 200, brings=brings)
