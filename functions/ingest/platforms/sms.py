"""Text messages, by Twilio's webhook: one form a message, signed together with the address that it is posted to.

Source: twilio.com/docs, webhook security and "Twilio's request to your incoming message webhook URL"; the signature as
Twilio's own library computes it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from contact_desk.errors import UnreadableJsonError
from functions.ingest.payload_fields import read_identifier
from functions.ingest.reading import WEBHOOK_URL, Event, Platform

SIGNATURE = "x-twilio-signature"
MOST_FIELDS = 1000  # a message has about thirty
# Of a message of ours: how far it has come. One that came in says `received`.
OUR_STATES = frozenset(
    {
        "accepted",
        "canceled",
        "delivered",
        "failed",
        "partially_delivered",
        "queued",
        "read",
        "scheduled",
        "sending",
    }
    | {"sent", "undelivered"}
)
STANDARD_PORTS = {"https": 443, "http": 80}
# In plain text the answer would go out to the person as a message.
EMPTY_TWIML = ('<?xml version="1.0" encoding="UTF-8"?><Response/>', "text/xml; charset=utf-8")


def is_signed(headers: Mapping[str, str], body: bytes, secret: Mapping[str, Any]) -> bool:
    """Whether the auth token's holder signed exactly this form for this webhook's address."""
    token, url = secret.get("auth_token"), secret.get(WEBHOOK_URL)
    if not isinstance(token, str) or not token or not isinstance(url, str):
        return False  # anybody can sign with an empty token
    try:
        fields = _fields(body)
    except ValueError:
        return False
    given = headers.get(SIGNATURE, "").encode("utf-8", errors="surrogatepass")
    # Every comparison is made: how long it takes tells nothing.
    matches = [hmac.compare_digest(signature(token, each, fields), given) for each in _spellings(url)]
    return any(matches)


def load(body: bytes) -> dict[str, str]:
    """The form's fields, of each name the first; raises UnreadableJsonError where it is no form."""
    try:
        fields = _fields(body)
    except ValueError:
        raise UnreadableJsonError("not_a_form") from None
    if not fields:
        raise UnreadableJsonError("not_a_form")
    first: dict[str, str] = {}
    for name, value in fields:
        first.setdefault(name, value)
    return first


def events(form: Any, received_at: datetime) -> Iterator[Event]:
    """The one event of a form: a message to the account, or how far one of ours has come."""
    state = form.get("MessageStatus") or form.get("SmsStatus")
    ours = isinstance(state, str) and state.lower() in OUR_STATES
    account = read_identifier(form.get("From" if ours else "To"))
    framed = "MessageSid" in form or "SmsSid" in form or "SmsMessageSid" in form
    topic = ("status" if ours else "message") if framed else None
    yield Event("sms", topic, account, form, None, received_at)


def _fields(body: bytes) -> Sequence[tuple[str, str]]:
    """Names and values in their order, bytes of no character kept as they are; raises ValueError for too many."""
    text = body.decode("utf-8", errors="surrogateescape")
    return parse_qsl(text, keep_blank_values=True, errors="surrogateescape", max_num_fields=MOST_FIELDS)


def signature(token: str, url: str, fields: Sequence[tuple[str, str]]) -> bytes:
    """What Twilio puts into the header over a form that it posts to this address."""
    signed = url + "".join(name + value for name, value in sorted(set(fields)))
    message = signed.encode("utf-8", errors="surrogateescape")
    return base64.b64encode(hmac.new(token.encode("utf-8"), message, hashlib.sha1).digest())


def _spellings(url: str) -> list[str]:
    """The address with and without its port: Twilio signs either."""
    parts = urlsplit(url)
    host, port = parts.netloc.rpartition("@")[2].partition(":")[::2]
    with_port = f"{host}:{port or STANDARD_PORTS.get(parts.scheme, 443)}"
    return [urlunsplit(parts._replace(netloc=netloc)) for netloc in (host, with_port)]


PLATFORM = Platform(name="sms", is_signed=is_signed, events=events, load=load, thanks=EMPTY_TWIML)
