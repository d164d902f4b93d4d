"""X: one webhook for posts and direct messages, in two envelopes: account activity, and the newer X Activity.

Account activity is `{"for_user_id", "<kind>_events": [...], "users"}`, X Activity `{"data": {"event_type", "filter",
"payload", "includes"}}`. Before X delivers, and now and then afterwards, it puts a challenge-response check (CRC) to
the webhook. Source: docs.x.com, webhooks quickstart, account-activity introduction, activity event payloads.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from contact_desk.errors import SecretUnavailableError, UnreadableJsonError
from contact_desk.http_api import Answer, Request, answer_json, problem
from contact_desk.observability import count
from functions.ingest.payload_fields import read_identifier, read_moment
from functions.ingest.reading import Event, Platform, Reason

if TYPE_CHECKING:
    from functions.ingest.webhooks import Webhooks

SIGNATURE = "x-twitter-webhooks-signature"
# What the CRC signs for whoever asks: no token may look like the body of a delivery, and no body like a token.
TOKEN = re.compile(r"[A-Za-z0-9+/=_-]{1,128}", re.ASCII)
TOKEN_AS_BODY = re.compile(TOKEN.pattern.encode("ascii"))
NEWLY_SET = timedelta(seconds=15)  # one wrong answer and X stops sending, so a new secret counts at once

ACCOUNT_ACTIVITY, ACTIVITY, STREAM, NOTICE = "account_activity", "activity", "stream", "notice"
CONTEXT = frozenset({"for_user_id", "user_has_blocked", "users", "apps"})
NEWS = "news."  # about a word, not about an account
REVOKED = "oauth.revoke"
MESSAGES = "direct_message_events"


def answer_handshake(request: Request, webhooks: Webhooks) -> Answer:
    """The CRC: the token's HMAC under the current consumer secret, in base64.

    X signs the question itself; where it did, a wrong signature is refused.
    """
    token = request.query.get("crc_token", "")
    if not TOKEN.fullmatch(token):
        return problem(HTTPStatus.BAD_REQUEST, detail="crc_token is not of a token's form")
    versions = webhooks.secrets["x"].versions(max_age=NEWLY_SET)
    if not _is_from_x(request, versions):
        count("HandshakesRefused")
        return problem(HTTPStatus.UNAUTHORIZED)
    consumer_secret = _consumer_secret(versions[0])
    if consumer_secret is None:
        raise SecretUnavailableError("the secret of X holds no consumer_secret")
    return answer_json(HTTPStatus.OK, {"response_token": signature(consumer_secret, token.encode("ascii"))})


def is_signed(headers: Mapping[str, str], body: bytes, secret: Mapping[str, Any]) -> bool:
    """Whether the consumer secret's holder signed exactly these bytes, and not as the answer to a CRC."""
    consumer_secret = _consumer_secret(secret)
    if consumer_secret is None or TOKEN_AS_BODY.fullmatch(body):
        return False
    return _same(signature(consumer_secret, body), headers.get(SIGNATURE, ""))


def events(envelope: Any, received_at: datetime) -> Iterator[Event]:
    """The events of either envelope; raises UnreadableJsonError where it is none."""
    if not isinstance(envelope, dict):
        raise UnreadableJsonError("not_an_envelope")
    if "data" in envelope:
        yield from _activity(envelope, received_at)
    elif "for_user_id" in envelope:
        yield from _account_activity(envelope, received_at)
    elif "user_event" in envelope:
        yield _revocation(envelope["user_event"], received_at)
    elif "replay_job_status" in envelope:
        yield Event(NOTICE, "replay_job_status", None, envelope, None, received_at)
    else:
        raise UnreadableJsonError("not_an_envelope")


def _activity(envelope: Mapping[str, Any], received_at: datetime) -> Iterator[Event]:
    data = envelope["data"]
    for item in data if isinstance(data, list) else [data]:
        if not isinstance(item, dict):
            yield Event(ACTIVITY, None, None, item, None, received_at)
        elif "event_type" not in item and "matching_rules" in envelope:
            yield Event(STREAM, "post", None, item, None, received_at)
        else:
            yield _activity_event(item, envelope.get("includes"), received_at)


def _activity_event(data: Mapping[str, Any], includes: Any, received_at: datetime) -> Event:
    kind, sought, payload = data.get("event_type"), data.get("filter"), data.get("payload")
    topic = kind if isinstance(kind, str) else None
    account = read_identifier(sought.get("user_id")) if isinstance(sought, dict) else None
    if topic == REVOKED and account is None and isinstance(payload, dict):
        account = read_identifier(payload.get("user_id"))  # there the filter may be empty
    fields = dict(data) if "includes" in data or includes is None else {**data, "includes": includes}
    product = NOTICE if topic and topic.startswith(NEWS) else ACTIVITY
    written_at = read_moment(payload.get("created_at_msec")) if isinstance(payload, dict) else None
    return Event(product, topic, account, fields, written_at, received_at)


def _account_activity(envelope: Mapping[str, Any], received_at: datetime) -> Iterator[Event]:
    account = read_identifier(envelope["for_user_id"])
    for kind, items in envelope.items():
        if kind in CONTEXT:
            continue
        for item in items if isinstance(items, list) else [items]:
            fields = with_writer(item, envelope.get("users")) if kind == MESSAGES else item
            yield Event(ACCOUNT_ACTIVITY, kind, account, fields, None, received_at)


def _revocation(event: Any, received_at: datetime) -> Event:
    revoked = event.get("revoke") if isinstance(event, dict) else None
    source = revoked.get("source") if isinstance(revoked, dict) else None
    account = read_identifier(source.get("user_id")) if isinstance(source, dict) else None
    at = read_moment(revoked.get("date_time")) if isinstance(revoked, dict) else None
    return Event(ACCOUNT_ACTIVITY, "user_event", account, event, at, received_at)


def with_writer(message: Any, users: Any) -> Any:
    """A direct message with what the envelope says of its writer: a message of a thousand must not carry them all."""
    if not isinstance(message, dict) or not isinstance(users, dict):
        return message
    created = message.get("message_create")
    writer = created.get("sender_id") if isinstance(created, dict) else None
    return {**message, "writer": users[writer]} if isinstance(writer, str) and writer in users else message


def _is_from_x(request: Request, versions: Sequence[Mapping[str, Any]]) -> bool:
    given = request.headers.get(SIGNATURE)
    if given is None:
        return True
    token, nonce = request.query.get("crc_token", ""), request.query.get("nonce")
    # Signed as it is, or as it stands in the address: both are the same but for what has to be escaped there.
    questions = {
        f"crc_token={write(token)}" + (f"&nonce={write(nonce)}" if nonce is not None else "")
        for write in (str, _escaped)
    }
    secrets = [secret for secret in map(_consumer_secret, versions) if secret is not None]
    return any(
        _same(signature(secret, question.encode("utf-8", errors="surrogatepass")), given)
        for secret in secrets
        for question in questions
    )


def _escaped(text: str) -> str:
    return quote(text, safe="", errors="replace")


def _consumer_secret(version: Mapping[str, Any]) -> str | None:
    secret = version.get("consumer_secret")
    return secret if isinstance(secret, str) and secret else None  # anybody can sign with an empty secret


def signature(consumer_secret: str, signed: bytes) -> str:
    """What X puts into the header over exactly these bytes, and awaits as the answer to a token."""
    digest = hmac.new(consumer_secret.encode("utf-8"), signed, hashlib.sha256).digest()
    return f"sha256={base64.b64encode(digest).decode('ascii')}"


def _same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode("ascii"), given.encode("utf-8", errors="surrogatepass"))


PLATFORM = Platform(
    name="x",
    is_signed=is_signed,
    events=events,
    no_contacts={NOTICE: Reason.SYSTEM_NOTICE},
    handshake=answer_handshake,
)
