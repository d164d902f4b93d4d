"""Meta: one endpoint, one app secret and one envelope for Messenger, page feeds and their siblings.

The envelope is `{"object", "entry": [{"id", "time", "messaging" | "standby" | "changes" | field and value |
"changed_fields"}]}`. Sources: the Messenger Platform's webhook pages and the Graph API's webhook guide.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from contact_desk.errors import UnreadableJsonError
from contact_desk.http_api import Answer, Request, answer, problem
from contact_desk.observability import count
from functions.ingest.payload_fields import read_identifier, read_moment
from functions.ingest.reading import Event, Platform

if TYPE_CHECKING:
    from functions.ingest.webhooks import Webhooks

SIGNATURE = "x-hub-signature-256"
ITEMS = ("messaging", "standby")  # standby: another app answers in that conversation just now
NEWLY_SET = timedelta(seconds=15)


def answer_handshake(request: Request, webhooks: Webhooks) -> Answer:
    """Meta's question, when somebody sets the callback's address: the challenge itself for the right token."""
    token = request.query.get("hub.verify_token", "")
    versions = webhooks.secrets["meta"].versions(max_age=NEWLY_SET)
    if request.query.get("hub.mode") != "subscribe" or not any(
        _same(v.get("verify_token"), token) for v in versions
    ):
        count("HandshakesRefused")
        return problem(HTTPStatus.FORBIDDEN)
    return answer(HTTPStatus.OK, request.query.get("hub.challenge", ""))


def is_signed(headers: Mapping[str, str], body: bytes, secret: Mapping[str, Any]) -> bool:
    """Whether the app secret's holder signed exactly these bytes."""
    app_secret = secret.get("app_secret")
    if not isinstance(app_secret, str) or not app_secret:
        return False  # anybody can sign with an empty secret
    digest = hmac.new(app_secret.encode("utf-8"), body, hashlib.sha256).hexdigest()
    return _same(f"sha256={digest}", headers.get(SIGNATURE, ""))


def events(envelope: Any, received_at: datetime) -> Iterator[Event]:
    """The events of an envelope, entry by entry; raises UnreadableJsonError where it is none."""
    if not isinstance(envelope, dict):
        raise UnreadableJsonError("not_an_envelope")
    product, entries = envelope.get("object"), envelope.get("entry")
    if not isinstance(product, str) or not isinstance(entries, list):
        raise UnreadableJsonError("not_an_envelope")
    for entry in entries:
        fields = entry if isinstance(entry, dict) else {}
        account, framed_at = read_identifier(fields.get("id")), read_moment(fields.get("time"))
        framed = _framed(fields)
        for topic, event in [(None, entry)] if framed is None else framed:
            yield Event(product, topic, account, event, framed_at, received_at)


def _framed(entry: Mapping[str, Any]) -> list[tuple[str | None, Any]] | None:
    """The topic and the event of everything in an entry; no topic where an event is not framed as documented."""
    framed: list[tuple[str | None, Any]] | None = None
    for topic in ITEMS:
        if topic in entry:
            framed = [*(framed or []), *((topic, item) for item in _items(entry[topic]))]
    if "changes" in entry:
        framed = [*(framed or []), *((_field_of(change), change) for change in _items(entry["changes"]))]
    elif "field" in entry:
        change = {name: entry[name] for name in ("field", "value") if name in entry}
        framed = [*(framed or []), (_field_of(change), change)]
    elif framed is None and "changed_fields" in entry:
        framed = [("changed_fields", entry)]
    return framed


def _items(items: Any) -> list[Any]:
    return items if isinstance(items, list) else [items]


def _field_of(change: Any) -> str | None:
    field = change.get("field") if isinstance(change, dict) else None
    return field if isinstance(field, str) else None


def _same(expected: object, given: str) -> bool:
    """Compared in constant time; nothing equals an expectation that is not there."""
    if not isinstance(expected, str) or not expected:
        return False
    return hmac.compare_digest(expected.encode("utf-8"), given.encode("utf-8", errors="surrogatepass"))


PLATFORM = Platform(is_signed=is_signed, events=events)
