"""How much text each channel takes in one message, in its own counting, and how a longer one is offered in parts.

Sources: Messenger Platform, "Send messages" (2,000); Instagram messaging (1,000 bytes); WhatsApp Cloud API, "Text
messages" (4,096) and "Templates" (1,024 for the whole body); X, "Counting characters" (280 weighted); Twilio, error
21617 (1,600); Instagram Graph API, "Media" (captions of 2,200); SNS, "Publish" (text messages of 1,600 bytes).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from contact_desk.contacts import REPORT_FORM
from contact_desk.outbox import OutboxKind
from contact_desk.x_weight import POST_WEIGHT, weight

Count = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so much, counted so; `unit` is what operators read."""

    most: int
    unit: str
    count: Count

    def takes(self, text: str) -> bool:
        """Whether the text is short enough."""
        return self.count(text) <= self.most


def units(text: str) -> int:
    """Characters as text messages carry them: an emoji is two."""
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2


def size(text: str) -> int:
    """Bytes of the text in UTF-8."""
    return len(text.encode("utf-8", errors="surrogatepass"))


LIMITS: Mapping[tuple[OutboxKind, str], Limit] = {
    (OutboxKind.MESSAGE, "messenger"): Limit(2000, "characters", len),
    (OutboxKind.MESSAGE, "instagram"): Limit(1000, "bytes", size),
    (OutboxKind.MESSAGE, "whatsapp"): Limit(4096, "characters", len),
    (OutboxKind.MESSAGE, "x"): Limit(10_000, "characters", len),
    (OutboxKind.MESSAGE, "sms"): Limit(1600, "characters", units),
    (OutboxKind.COMMENT_REPLY, "facebook_page"): Limit(8000, "characters", len),
    (OutboxKind.COMMENT_REPLY, "x"): Limit(POST_WEIGHT, "characters as X weighs them", weight),
    (OutboxKind.PRIVATE_REPLY, "facebook_page"): Limit(2000, "characters", len),
    (OutboxKind.EMAIL, REPORT_FORM): Limit(10_000, "characters", len),
    (OutboxKind.COPY, "facebook_page"): Limit(10_000, "characters", len),
    (OutboxKind.COPY, "instagram"): Limit(2200, "characters", len),
    (OutboxKind.COPY, "x"): Limit(POST_WEIGHT, "characters as X weighs them", weight),
    (OutboxKind.COPY, "whatsapp"): Limit(800, "characters, in a template", len),
    (OutboxKind.COPY, "sms_list"): Limit(1600, "bytes", size),
    (OutboxKind.COPY, "email_list"): Limit(10_000, "characters", len),
}
# What stands beside a copy may be shorter than the copy itself. Instagram's comments: its API, "Media comments".
FOLLOW_UP_LIMITS: Mapping[str, Limit] = {
    "facebook_page": Limit(8000, "characters", len),
    "instagram": Limit(300, "characters", len),
}
# The rest of a template's 1,024 is for its own words.
TEMPLATE_LIMIT = Limit(800, "characters, in a template", len)
LONGEST_TEXT = 10_000

# Where a text may be parted, best first: between paragraphs, lines, sentences, words.
BOUNDARIES = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"(?<=[.!?…])\s+"), re.compile(r"\s+"))


def limit_of(kind: OutboxKind, channel: str, *, in_template: bool = False) -> Limit:
    """What the channel takes at once of such a thing; `has_sender` says whether there is such a thing there."""
    return TEMPLATE_LIMIT if in_template else LIMITS[kind, channel]


def split(text: str, limit: Limit) -> list[str]:
    """The text in as few parts as are taken, parted where it reads best; nothing but the space between is lost."""
    parts: list[str] = []
    rest = text.strip()
    while rest:
        if limit.takes(rest):
            return [*parts, rest]
        end = _longest_start(rest, limit)
        cut = _boundary(rest, end)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return parts


def _longest_start(text: str, limit: Limit) -> int:
    """How many of the text's characters are taken, at least one; counts grow with a text, but for addresses."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if limit.takes(text[:middle]) else (low, middle - 1)
    return low


def _boundary(text: str, end: int) -> int:
    """The last good place to part it in the second half of what is taken, else its end."""
    for boundary in BOUNDARIES:
        places = [
            found.start() for found in boundary.finditer(text, 0, end + 1) if end // 2 <= found.start() <= end
        ]
        if places and places[-1] > 0:
            return places[-1]
    return end
