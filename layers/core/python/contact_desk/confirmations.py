"""A platform's own word that something was sent in the force's name: by the desk, or by another tool."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contact_desk.clock import from_rfc3339, to_rfc3339
from contact_desk.errors import MalformedMessageError, NewerMessageError

VERSION = 1


class ConfirmationKind(StrEnum):
    """An echo repeats what was sent; a delivery says that it reached the person's device, a failure that it did not."""

    ECHO = "echo"
    DELIVERY = "delivery"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a platform confirmed. No text: `text_hash` (as `hash_of`) is enough to recognise our own.

    `native_id` is the platform's name of what was sent, `person` the address it went to, `metadata` what our own
    sender attached to it (the outbox item's name), `app_id` the tool that sent it, where the platform says so;
    `error_code` is the platform's number for why it did not arrive.
    """

    kind: ConfirmationKind
    channel: str
    account: str
    native_id: str
    person: str | None
    occurred_at: datetime
    received_at: datetime
    metadata: str | None = None
    app_id: str | None = None
    text_hash: str | None = None
    error_code: int | None = None


def hash_of(text: str) -> str:
    """The SHA-256 of a text's UTF-8 bytes, in lower-case hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", errors="replace")).hexdigest()


def to_message(confirmation: Confirmation) -> str:
    """The confirmation as queue `confirmations` carries it, in ASCII JSON."""
    fields = {
        "v": VERSION,
        "kind": confirmation.kind.value,
        "channel": confirmation.channel,
        "account": confirmation.account,
        "native_id": confirmation.native_id,
        "person": confirmation.person,
        "metadata": confirmation.metadata,
        "app_id": confirmation.app_id,
        "text_hash": confirmation.text_hash,
        "error_code": confirmation.error_code,
        "occurred_at": to_rfc3339(confirmation.occurred_at),
        "received_at": to_rfc3339(confirmation.received_at),
    }
    return json.dumps(fields, separators=(",", ":"))


def from_message(body: str) -> Confirmation:
    """The confirmation of a message; raises MalformedMessageError or NewerMessageError."""
    try:
        fields = json.loads(body)
        if isinstance(fields["v"], int) and fields["v"] > VERSION:
            raise NewerMessageError(f"the message is of version {fields['v']}, this reader knows {VERSION}")
        return Confirmation(
            kind=ConfirmationKind(fields["kind"]),
            channel=fields["channel"],
            account=fields["account"],
            native_id=fields["native_id"],
            person=fields["person"],
            metadata=fields["metadata"],
            app_id=fields["app_id"],
            text_hash=fields["text_hash"],
            error_code=fields.get("error_code"),
            occurred_at=from_rfc3339(fields["occurred_at"]),
            received_at=from_rfc3339(fields["received_at"]),
        )
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise MalformedMessageError(f"the message is not a confirmation: {type(error).__name__}") from None
