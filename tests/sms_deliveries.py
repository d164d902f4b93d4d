"""Text messages as Twilio delivers them: forms, signed with the address that they are posted to."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from tests.builders import AUTH_TOKEN, FORCE_NUMBER, PUBLIC_URL, Json, http_event

MOBILE = "+447700900321"
MESSAGE_SID = "SM2f1c0000000000000000000000000001"
WEBHOOK = f"{PUBLIC_URL}/webhooks/sms"
FORM = "application/x-www-form-urlencoded"


def text_message(text: str = "is the road open?", **fields: Any) -> bytes:
    """The form of a text message; a field of None is left out."""
    whole = {
        "ToCountry": "GB",
        "SmsMessageSid": MESSAGE_SID,
        "NumMedia": "0",
        "SmsSid": MESSAGE_SID,
        "SmsStatus": "received",
        "Body": text,
        "To": FORCE_NUMBER,
        "NumSegments": "1",
        "MessageSid": MESSAGE_SID,
        "AccountSid": "ACd1000000000000000000000000000000",
        "From": MOBILE,
        "ApiVersion": "2010-04-01",
        **fields,
    }
    return form([(name, value) for name, value in whole.items() if value is not None])


def form(fields: Sequence[tuple[str, str]]) -> bytes:
    """A form of these fields, in this order."""
    return urlencode(fields).encode()


def sms_event(body: bytes, *, auth_token: str = AUTH_TOKEN, url: str = WEBHOOK) -> Json:
    """A delivery of Twilio's, signed for the address; the gateway hands every form over in base64."""
    headers = {"X-Twilio-Signature": sms_signature(body, auth_token, url), "content-type": FORM}
    return http_event("POST", "/webhooks/sms", body=body, headers=headers, encoded=True)


def sms_signature(body: bytes, auth_token: str = AUTH_TOKEN, url: str = WEBHOOK) -> str:
    """What Twilio writes into `X-Twilio-Signature`."""
    # Bytes that are no character are signed as they are.
    pairs = parse_qsl(
        body.decode("utf-8", "surrogateescape"), keep_blank_values=True, errors="surrogateescape"
    )
    values: dict[str, set[str]] = {}
    for name, value in pairs:
        values.setdefault(name, set()).add(value)
    signed = url + "".join(name + value for name in sorted(values) for value in sorted(values[name]))
    digest = hmac.new(auth_token.encode(), signed.encode("utf-8", "surrogateescape"), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
