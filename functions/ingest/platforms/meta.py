"""Meta: one endpoint, one app secret and one envelope for Messenger, page feeds and their siblings.

The envelope is `{"object", "entry": [{"id", "time", "messaging" | "standby" | "changes" | field and value |
"changed_fields"}]}`; the documentation's examples also wrap it into a list, and put the items of a conversation into
`changes` under the name of their subscription, which is how the app dashboard's test button sends them. All of these
are read. Sources: the Messenger Platform's webhook pages and the Graph API's webhook guide.
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
from functions.ingest.reading import Event, Platform, Reason

if TYPE_CHECKING:
    from functions.ingest.webhooks import Webhooks

SIGNATURE = "x-hub-signature-256"
ITEMS = ("messaging", "standby")  # standby: another app answers in that conversation just now
CONVERSING = ("instagram", "page")
# Subscriptions whose change holds one item of a conversation.
SUBSCRIPTIONS = {
    "standby": "standby",
    **dict.fromkeys(
        (
            "message_deliveries",
            "message_echoes",
            "message_edits",
            "message_reactions",
            "message_reads",
            "messages",
            "messaging_account_linking",
            "messaging_feedback",
            "messaging_handover",
            "messaging_handovers",
            "messaging_optins",
            "messaging_optouts",
            "messaging_policy_enforcement",
            "messaging_postbacks",
            "messaging_referral",
            "messaging_referrals",
            "messaging_seen",
            "response_feedback",
        ),
        "messaging",
    ),
}
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
    return _same(signature(app_secret, body), headers.get(SIGNATURE, ""))


def signature(app_secret: str, body: bytes) -> str:
    """What Meta puts into the header over exactly these bytes."""
    return f"sha256={hmac.new(app_secret.encode('utf-8'), body, hashlib.sha256).hexdigest()}"


def events(envelope: Any, received_at: datetime) -> Iterator[Event]:
    """The events of an envelope, entry by entry; raises UnreadableJsonError where it is none."""
    for one in envelope if isinstance(envelope, list) and envelope else [envelope]:
        yield from _events_of(one, received_at)


def _events_of(envelope: Any, received_at: datetime) -> Iterator[Event]:
    if not isinstance(envelope, dict):
        raise UnreadableJsonError("not_an_envelope")
    product, entries = envelope.get("object"), envelope.get("entry")
    if not isinstance(product, str) or not isinstance(entries, list):
        raise UnreadableJsonError("not_an_envelope")
    for entry in entries:
        fields = entry if isinstance(entry, dict) else {}
        account, framed_at = read_identifier(fields.get("id")), read_moment(fields.get("time"))
        framed = _framed(fields, product)
        for topic, event in [(None, entry)] if framed is None else framed:
            yield Event(product, topic, account, event, framed_at, received_at)


def _framed(entry: Mapping[str, Any], product: str) -> list[tuple[str | None, Any]] | None:
    """The topic and the event of everything in an entry; no topic where an event is not framed as documented."""
    framed: list[tuple[str | None, Any]] | None = None
    for topic in ITEMS:
        if topic in entry:
            framed = [*(framed or []), *((topic, item) for item in _items(entry[topic]))]
    changes: list[Any] = []
    if "changes" in entry:
        changes = _items(entry["changes"])
    elif "field" in entry:
        changes = [{name: entry[name] for name in ("field", "value") if name in entry}]
    elif framed is None and "changed_fields" in entry:
        return [("changed_fields", entry)]
    else:
        return framed
    return [*(framed or []), *(_change(one, product) for change in changes for one in _values_apart(change))]


def _values_apart(change: Any) -> list[Any]:
    """A change for each of its values: the documentation calls some of them arrays."""
    values = change.get("value") if isinstance(change, dict) else None
    return (
        [{**change, "value": value} for value in values] if isinstance(values, list) and values else [change]
    )


def _change(change: Any, product: str) -> tuple[str | None, Any]:
    field = change.get("field") if isinstance(change, dict) else None
    if not isinstance(field, str):
        return None, change
    value = change.get("value")
    if product in CONVERSING and field in SUBSCRIPTIONS and isinstance(value, dict):
        return SUBSCRIPTIONS[field], value
    return field, change


def _items(items: Any) -> list[Any]:
    return items if isinstance(items, list) else [items]


def _same(expected: object, given: str) -> bool:
    """Compared in constant time; nothing equals an expectation that is not there."""
    if not isinstance(expected, str) or not expected:
        return False
    return hmac.compare_digest(expected.encode("utf-8"), given.encode("utf-8", errors="surrogatepass"))


PLATFORM = Platform(
    name="meta",
    is_signed=is_signed,
    events=events,
    handshake=answer_handshake,
    no_contacts={"permissions": Reason.PERMISSIONS},
)
