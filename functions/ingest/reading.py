"""What reading a delivery deals in: events as platforms frame them, and what channels find in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from contact_desk.confirmations import Confirmation
from contact_desk.contacts import Attachment, Contact
from contact_desk.errors import ContactDeskError
from contact_desk.http_api import PLAIN_TEXT, Answer, Request
from contact_desk.untrusted_json import load_json

if TYPE_CHECKING:
    from functions.ingest.webhooks import Webhooks


class Reason(StrEnum):
    """Why an event is no contact: few and fixed, because each is the dimension of a metric."""

    ACCESS_REVOKED = "access_revoked"
    ACCOUNT_UNKNOWN = "account_unknown"
    CHANNEL_UNKNOWN = "channel_unknown"  # a product or field that no channel here reads
    COMMERCE = "commerce"  # carts, payments, games
    DELIVERY_STATUS = "delivery_status"
    EMPTY = "empty"
    FOLLOW = "follow"
    MODERATION = "moderation"
    NO_WORDS = "no_words"
    OPT_IN = "opt_in"
    OUR_OWN = "our_own"
    PERMISSIONS = "permissions"  # what our app may do was changed
    PLATFORM_ERROR = "platform_error"
    POLICY_ENFORCEMENT = "policy_enforcement"
    REACTION = "reaction"
    READ_RECEIPT = "read_receipt"
    REFERRAL = "referral"
    REPOST = "repost"
    SYSTEM_NOTICE = "system_notice"  # a platform's own words: a person's number changed, say, or our profile
    THREAD_CONTROL = "thread_control"
    TYPING = "typing"


class UnreadableEventError(ContactDeskError):
    """An event is not of a shape that its platform documents; the message is a code for logs."""


class SealedEventError(ContactDeskError):
    """Somebody wrote to us what cannot be read here, as its platform means it; `shown` stands on its card."""

    def __init__(self, shown: str) -> None:
        super().__init__("sealed")
        self.shown = shown


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a delivery, as its platform's envelope frames it.

    `product` and `topic` are the platform's own words for where it belongs (Meta: the envelope's object, the entry's
    field; no topic where it is not framed as documented), `account` whose it is, `fields` the event's own JSON,
    `framed_at` the envelope's time.
    """

    product: str
    topic: str | None
    account: str | None
    fields: Any = field(repr=False)
    framed_at: datetime | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Ignored:
    """The event is valid and no contact."""

    reason: Reason


# More than any platform lets a person send at once; a contact has to fit into a queue message.
ATTACHMENTS = 30

MENTION = Attachment("mention")  # somebody named us in public, in words that the platform does not hand over
UNSUPPORTED = Attachment("unsupported")  # the person sent something that the platform does not hand over

Finding = Contact | Confirmation | Ignored


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """How one platform signs its deliveries and frames events in them.

    Its webhook is `/webhooks/{name}`, and `name` is that of its secret too. `is_signed` takes the headers, the body
    and one version of the secret, to which `WEBHOOK_URL` is added: the address under which the platform calls us.
    `load` makes a value of the body, `events` takes that and when it was received; both raise UnreadableJsonError
    where there is no envelope at all. `no_contacts` names the products that hold no contact whatever is in them, and
    why. `handshake` answers a GET where the platform asks one, `thanks` is the body and the content type of the answer
    to what was taken in.
    """

    name: str
    is_signed: Callable[[Mapping[str, str], bytes, Mapping[str, Any]], bool]
    events: Callable[[Any, datetime], Iterator[Event]]
    no_contacts: Mapping[str, Reason] = field(default_factory=dict, hash=False)
    load: Callable[[bytes], Any] = load_json
    handshake: Callable[[Request, Webhooks], Answer] | None = None
    thanks: tuple[str, str] = ("", PLAIN_TEXT)


WEBHOOK_URL = "webhook_url"


def whole(event: Event) -> Sequence[Event]:
    """The event itself: most platforms frame each by itself."""
    return (event,)


@dataclass(frozen=True, slots=True)
class Channel:
    """How one channel reads its events.

    `claims` says whether an event is the channel's. `read` finds what is in it; it leaves the contact's raw event,
    its reply window and its place in the archive to the delivery. What it raises makes the event unreadable. `split`
    takes an event apart where the platform frames several of this channel as one; none at all is an empty one.
    """

    name: str
    platform: Platform
    claims: Callable[[Event], bool]
    read: Callable[[Event], Sequence[Finding]]
    split: Callable[[Event], Sequence[Event]] = whole
