"""Deliveries of text messages, as Twilio posts and signs them."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import urlencode

from local.day.deliveries import Brought, Delivery, Outcome
from local.day.fresh_ids import FreshIds

CHANNEL = "sms"
PATH = "/webhooks/sms"


@dataclass(frozen=True, slots=True)
class TextMessages:
    """Writes what people text to one number; `api_url` is where the desk's webhooks are."""

    number: str
    auth_token: str
    api_url: str
    ids: FreshIds

    def message(self, title: str, text: str) -> Delivery:
        """A text message by somebody new."""
        sender, native_id = self.ids.mobile(), self.ids.text_message()
        fields = {
            "MessageSid": native_id,
            "From": sender,
            "To": self.number,
            "Body": text,
            "NumMedia": "0",
            "SmsStatus": "received",
        }
        signed = f"{self.api_url}{PATH}" + "".join(name + fields[name] for name in sorted(fields))
        digest = hmac.new(self.auth_token.encode("utf-8"), signed.encode("utf-8"), hashlib.sha1).digest()
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": base64.b64encode(digest).decode("ascii"),
        }
        brought = Brought(native_id, f"{CHANNEL}:{sender}", (CHANNEL,), text)
        body = urlencode(fields).encode("ascii")
        return Delivery(title, CHANNEL, PATH, body, headers, Outcome.CONTACTS, 200, brings=(brought,))
