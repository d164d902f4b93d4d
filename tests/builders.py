"""What tests are made of, with sensible defaults: a test names only what matters to it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from contact_desk.alerts import Alert, AlertKind, AlertRank, case_alert_id
from contact_desk.contacts import REPORT_FORM, Act, Contact, Person, Surface
from contact_desk.force_file import ForceFile, load_force_file
from contact_desk.grades import Grade
from contact_desk.outbox import OutboxItem, OutboxKind, Purpose, outbox_id
from local.addresses import REPOSITORY
from local.twins.held_still import NOON

PAGE = "104728361905512"  # Merseyside's page in forces/merseyside.toml
PERSON = "6120045518830012"
PHONE = "447700900001"
CASE_ID = "01KBM000000000000000000001"
ADA = {"id": "9001", "name": "Ada Person"}
REPORT_ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
APP_SECRET = "the-app-secret-of-the-tests"
APP_ID = "710000000000017"
VERIFY_TOKEN = "the-verify-token-of-the-tests"
CONSUMER_SECRET = "the-consumer-secret-of-the-tests"
AUTH_TOKEN = "the-auth-token-of-the-tests"
PUBLIC_URL = "https://desk.example"
FORCE_ON_X = "2218450961"  # as in forces/merseyside.toml, like the next
FORCE_NUMBER = "+447700900101"

Json = dict[str, Any]


@cache
def force(name: str = "merseyside") -> ForceFile:
    """A force of `forces/`."""
    return load_force_file(REPOSITORY / "forces" / f"{name}.toml")


def contact(text: str = "is the road open?", **changed: Any) -> Contact:
    """A contact: a Messenger message of one person unless `channel` says otherwise."""
    channel = changed.get("channel", "messenger")
    public = channel == "facebook_page"
    fields: Json = {
        "act": Act.CREATED,
        "channel": channel,
        "account": "MP" if channel == REPORT_FORM else PAGE,
        "surface": Surface.PUBLIC if public else Surface.PRIVATE,
        "native_id": "5501_6601" if public else REPORT_ID if channel == REPORT_FORM else "m_1",
        "person": Person(REPORT_ID if channel == REPORT_FORM else PERSON),
        "root": f"{PAGE}_5501" if public else None,
        "occurred_at": NOON - timedelta(seconds=1),
        "received_at": NOON,
        "archive_key": f"raw/2026/11/02/12/meta/{'ab' * 32}.1",
        "raw": '{"an":"event"}',
    }
    return Contact(text=text, **{**fields, **changed})


# Messenger and pages, as Meta sends them


def message(
    text: str | None = "is the road open?", *, mid: str = "m_1", sender: str = PERSON, **fields: Any
) -> Json:
    """One Messenger item with a message; `fields` go into the message."""
    words = {} if text is None else {"text": text}
    return item(message={"mid": mid, **words, **fields}, sender={"id": sender})


def echo(text: str = "Thank you.", *, mid: str = "m_ours", person: str = PERSON, **fields: Any) -> Json:
    """One Messenger item that repeats what was sent in the page's name."""
    said = {"mid": mid, "text": text, "is_echo": True, **fields}
    return item(message=said, sender={"id": PAGE}, recipient={"id": person})


def item(**kind: Any) -> Json:
    """One Messenger item of any kind."""
    frame = {"sender": {"id": PERSON}, "recipient": {"id": PAGE}, "timestamp": milliseconds(NOON)}
    return {**frame, **kind}


def comment(text: str | None = "is the road open?", *, author: object = ADA, **value: Any) -> Json:
    """One change of the page's feed: a comment that somebody adds. A value of None is left out."""
    fields: Json = {
        "item": "comment",
        "verb": "add",
        "comment_id": "5501_6601",
        "post_id": f"{PAGE}_5501",
        "parent_id": f"{PAGE}_5501",
        "from": author,
        "created_time": int(NOON.timestamp()),
        "message": text,
    }
    changed = {**fields, **value}
    return {"field": "feed", "value": {name: given for name, given in changed.items() if given is not None}}


def messenger_delivery(*items: Json, page: str | int = PAGE) -> Json:
    """An envelope of Messenger items in one entry."""
    return page_delivery({"id": page, "time": milliseconds(NOON), "messaging": list(items)})


def feed_delivery(*changes: Json, page: str | int = PAGE) -> Json:
    """An envelope of feed changes in one entry."""
    return page_delivery({"id": page, "time": int(NOON.timestamp()), "changes": list(changes)})


def page_delivery(*entries: Json) -> Json:
    """An envelope of entries."""
    return {"object": "page", "entry": list(entries)}


def whatsapp_message(wamid: str, kind: str, content: Json, **fields: Any) -> Json:
    """One message of a person on WhatsApp; `content` is what stands under its type."""
    frame = {"from": PHONE, "id": wamid, "timestamp": str(int(NOON.timestamp())), "type": kind, kind: content}
    return {**frame, **fields}


def whatsapp_delivery(*messages: Json) -> Json:
    """An envelope of messages to the force's number in one change."""
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"phone_number_id": force().channels["whatsapp"].account},
        "contacts": [{"profile": {"name": "Ada Person"}, "wa_id": PHONE}],
        "messages": list(messages),
    }
    entry = {"id": "102290129340398", "changes": [{"field": "messages", "value": value}]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


def milliseconds(moment: datetime) -> int:
    """A moment as Messenger writes it."""
    return int(moment.timestamp() * 1000)


def report(**changed: Any) -> Json:
    """The body of an online report."""
    return {"report_id": REPORT_ID, "what": "Somebody has dumped a fridge in our lane.", **changed}


# What is to be sent


def outbox_item(kind: OutboxKind = OutboxKind.MESSAGE, **changed: Any) -> OutboxItem:
    """An item of the outbox, due at noon: an operator's reply to a person unless told otherwise."""
    purpose = changed.get("purpose", Purpose.ALERT if kind is OutboxKind.OPERATOR_ALERT else Purpose.REPLY)
    cause = changed.pop("cause", "messenger#m_1")
    public = kind in {OutboxKind.COMMENT_REPLY, OutboxKind.PRIVATE_REPLY}
    fields: Json = {
        "outbox_id": outbox_id(cause, kind, purpose),
        "kind": kind,
        "purpose": purpose,
        "channel": "facebook_page" if public else "messenger",
        "account": PAGE,
        "target": "5501_6601" if public else PERSON,
        "text": "The road is open again.",
        "urgent": False,
        "created_at": NOON,
        "due_at": NOON,
        "case_id": CASE_ID,
    }
    return OutboxItem(**{**fields, **changed})


def alert(**changed: Any) -> Alert:
    """An A1 alert on a case, opened at noon."""
    kind = changed.get("kind", AlertKind.EMERGENCY)
    case_id = changed.get("case_id", CASE_ID)
    fields: Json = {
        "alert_id": case_alert_id(case_id, kind) if case_id else f"{PAGE}.{kind}",
        "rank": AlertRank.A1,
        "kind": kind,
        "opened_at": NOON,
        "case_id": case_id,
        "case_reference": "MP-7K3Q-9DXR-C" if case_id else None,
        "grade": Grade.EMERGENCY if case_id else None,
        "next_nudge_at": NOON + timedelta(seconds=60),
    }
    return Alert(**{**fields, **changed})


# What AWS hands to a Lambda


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """What Powertools reads of an invocation's context."""

    function_name: str = "a-function"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-west-2:000000000000:function:a-function"
    aws_request_id: str = "52fdfc07-2182-454f-963f-5f0f9a621d72"
    seconds_left: float = 30.0

    def get_remaining_time_in_millis(self) -> int:
        """Half a minute, always, unless told otherwise."""
        return round(self.seconds_left * 1000)


def http_event(
    method: str,
    path: str,
    *,
    body: bytes | Json | None = None,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    encoded: bool | None = None,
) -> Json:
    """An HTTP API event, payload format 2.0; bytes that are not UTF-8 come in base64, as from the gateway."""
    sent = json.dumps(body).encode() if isinstance(body, dict) else body
    if encoded is None:
        encoded = sent is not None and not _is_text(sent)
    text = None if sent is None else base64.b64encode(sent).decode() if encoded else sent.decode()
    return {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "headers": {"content-type": "application/json", **(headers or {})},
        "queryStringParameters": dict(query) if query else None,
        "requestContext": {"http": {"method": method, "path": path}, "stage": "$default", "requestId": "r-1"},
        "body": text,
        "isBase64Encoded": encoded,
    }


def meta_event(delivery: Json | bytes, *, app_secret: str = APP_SECRET, encoded: bool | None = None) -> Json:
    """A delivery of Meta's, signed."""
    body = delivery if isinstance(delivery, bytes) else json.dumps(delivery).encode()
    headers = {"X-Hub-Signature-256": meta_signature(body, app_secret)}
    return http_event("POST", "/webhooks/meta", body=body, headers=headers, encoded=encoded)


def signed_request(person: str, *, app_secret: str = APP_SECRET, **fields: Any) -> bytes:
    """The form in which Meta asks to delete what the app has of a person, by the app's own id of them."""
    told = {"algorithm": "HMAC-SHA256", "issued_at": 1793620800, "user_id": person, **fields}
    payload = _unpadded(json.dumps(told).encode())
    signature = hmac.new(app_secret.encode(), payload.encode(), hashlib.sha256).digest()
    return f"signed_request={_unpadded(signature)}.{payload}".encode()


def _unpadded(body: bytes) -> str:
    return base64.urlsafe_b64encode(body).decode().rstrip("=")


def meta_signature(body: bytes, app_secret: str = APP_SECRET) -> str:
    """What Meta writes into `X-Hub-Signature-256`."""
    return "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()


def sqs_event(*bodies: str, queue: str = "a-queue") -> Json:
    """A batch of a queue: message ids count from `message-0`."""
    arn = f"arn:aws:sqs:eu-west-2:000000000000:{queue}"
    return {
        "Records": [
            {
                "messageId": f"message-{number}",
                "receiptHandle": f"handle-{number}",
                "body": body,
                "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": str(milliseconds(NOON))},
                "messageAttributes": {},
                "md5OfBody": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
                "eventSource": "aws:sqs",
                "eventSourceARN": arn,
                "awsRegion": "eu-west-2",
            }
            for number, body in enumerate(bodies)
        ]
    }


def _is_text(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
