"""An outbox item: the recorded intent to send one thing, and how far the sending has come.

pending ──claim──> claimed ──start──> started ──> sent
   ^                  │                  │ ├────> failed        the platform refused: another try changes nothing
   │                  │ lease over       │ ├────> pending       due later: nothing of it reached the platform
   └──────────────────┘                  │ └────> in_doubt      it may have had an effect: look up before anything else
                                         └ lease over ─> in_doubt ──looked up──> sent | pending | needs_human
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contact_desk.contacts import REPORT_FORM
from contact_desk.copy_orders import CopyOrder
from contact_desk.references import digest_id


class OutboxKind(StrEnum):
    """What is to be sent: each kind has one sender."""

    MESSAGE = "message"
    COMMENT_REPLY = "comment_reply"
    PRIVATE_REPLY = "private_reply"
    EMAIL = "email"
    OPERATOR_ALERT = "operator_alert"
    COPY = "copy"
    FEED = "feed"


class Purpose(StrEnum):
    """Why it is sent: decides urgency, and what may be done after an unknown effect."""

    EMERGENCY = "emergency"
    SIGNPOST = "signpost"
    ACKNOWLEDGEMENT = "acknowledgement"
    REPLY = "reply"
    ALERT = "alert"
    BROADCAST = "broadcast"
    SURVEY = "survey"


class OutboxState(StrEnum):
    """How far the sending has come."""

    PENDING = "pending"
    CLAIMED = "claimed"
    STARTED = "started"
    IN_DOUBT = "in_doubt"
    SENT = "sent"
    FAILED = "failed"
    NEEDS_HUMAN = "needs_human"


class Resolution(StrEnum):
    """What a person says of an item that waited for one."""

    ARRIVED = "arrived"
    SEND_AGAIN = "send-again"


PUBLIC_FEED = "public_feed"

# The channels that notify can send each kind to; an operator alert goes to none. Whoever writes an outbox item asks
# `has_sender` first, so that nothing is promised on a channel that can only be read.
CHANNELS_WRITTEN_TO: Mapping[OutboxKind, frozenset[str]] = {
    OutboxKind.MESSAGE: frozenset({"messenger", "instagram", "whatsapp", "x", "sms"}),
    OutboxKind.COMMENT_REPLY: frozenset({"facebook_page", "x"}),
    OutboxKind.PRIVATE_REPLY: frozenset({"facebook_page"}),
    OutboxKind.EMAIL: frozenset({REPORT_FORM}),
    OutboxKind.COPY: frozenset({"facebook_page", "instagram", "x", "whatsapp", "sms_list", "email_list"}),
    OutboxKind.FEED: frozenset({PUBLIC_FEED}),
}

# Where the echo of what we send says nothing of its sender: it is known by its words.
ECHOED_BY_WORDS = frozenset({(OutboxKind.MESSAGE, "instagram"), (OutboxKind.MESSAGE, "x")})

# Where the platform tells later how a message fared, and names it by its own name alone.
TOLD_OF_BY_ID = frozenset({(OutboxKind.MESSAGE, "sms")})

UNSENT = frozenset({OutboxState.PENDING, OutboxState.CLAIMED, OutboxState.STARTED, OutboxState.IN_DOUBT})


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """One thing to send: exact text, target, and state.

    `target` is the person's address, the comment answered, or the alert's id; `text` the exact words (for an
    operator alert the event it publishes); `signpost` names the signpost that the text carries; `reply_until` is when
    the platform stops taking free words to this person, None where it never does. `due_at` is when
    it may be tried or looked up; `token` names the worker that has it, or the last that had it, and
    `lease_until` says how long; `started_at` is the start of the newest try that may have had an effect;
    `looked_up` counts look-ups; `failure` is a `SendFailure`, and so is `undelivered_because`: why the platform says,
    where it does, that what it had taken did not arrive. `resolved_by` is the person who resolved a doubt.
    `order` says what a COPY asks of its channel; of a FEED item `target` is the broadcast that has changed.
    """

    outbox_id: str
    kind: OutboxKind
    purpose: Purpose
    channel: str
    account: str
    target: str
    text: str
    urgent: bool
    created_at: datetime
    due_at: datetime
    case_id: str | None = None
    author: str | None = None
    signpost: str | None = None
    state: OutboxState = OutboxState.PENDING
    attempts: int = 0
    looked_up: int = 0
    token: str | None = None
    lease_until: datetime | None = None
    started_at: datetime | None = None
    platform_id: str | None = None
    failure: str | None = None
    sent_at: datetime | None = None
    resolved_by: str | None = None
    reply_until: datetime | None = None
    order: CopyOrder | None = None
    undelivered_because: str | None = None

    @property
    def text_hash(self) -> str:
        """SHA-256 of the exact bytes of the text, in hexadecimal."""
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()


@dataclass(frozen=True, slots=True)
class ExpectedEcho:
    """An item that is about to be sent, and when: what the platform repeats from then on may be proof of it."""

    outbox_id: str
    since: datetime


def has_sender(kind: OutboxKind, channel: str) -> bool:
    """Whether an item of the kind can be sent to people on the channel."""
    return kind is OutboxKind.OPERATOR_ALERT or channel in CHANNELS_WRITTEN_TO[kind]


def is_written_to(channel: str) -> bool:
    """Whether anything can be sent to people on the channel."""
    return any(channel in channels for channels in CHANNELS_WRITTEN_TO.values())


def outbox_id(cause: str, kind: OutboxKind, purpose: Purpose) -> str:
    """The item's name, derived from what caused it: the same cause never makes a second item."""
    return digest_id("outbox", cause, kind.value, purpose.value)
