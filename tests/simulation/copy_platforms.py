"""The platforms of copies in the test's own process: what everybody can see there, looked at after every effect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from contact_desk.broadcast_rules import WhatsAppGroup
from functions.notify.graph_api import GraphApi
from functions.notify.senders.copies.copy_sender import CopySender
from functions.notify.senders.copies.facebook_page import FacebookPageCopies
from functions.notify.senders.copies.instagram import InstagramCopies
from functions.notify.senders.copies.lists import ListCopies, WhatsAppCopies
from functions.notify.senders.copies.sending import Records
from functions.notify.senders.copies.x import XCopies
from functions.notify.x_api import XApi
from local.twins.in_memory_secret import InMemorySecret
from tests.builders import FORCE_ON_X, PAGE
from tests.simulation.send_platforms import (
    GRAPH_URL,
    INSTAGRAM,
    META_TOKENS,
    TEMPLATE,
    X_KEYS,
    X_URL,
    Fate,
    SendPlatforms,
)

ACCOUNTS = {"facebook_page": PAGE, "instagram": INSTAGRAM, "x": FORCE_ON_X}
"""The channels on which a copy can be seen, counted and taken down."""
IRREVOCABLE = ("sms_list", "whatsapp")
COPIES = frozenset({"post", "publish", "edit"})


@dataclass(slots=True)
class CopyPlatforms(SendPlatforms):
    """The platforms, and two lists that people have subscribed to; `looked` is told after every effect.

    `calling` is told of every call that could put something up, before it is made.
    """

    looked: Callable[[], None] = lambda: None
    calling: Callable[[str], None] = lambda _: None
    listed: Counter[str] = field(default_factory=Counter)

    def urlopen(
        self, method: str, url: str, body: bytes | None = None, headers: Any = None, **more: Any
    ) -> Any:
        """One call, of which the schedule is told."""
        if method == "POST":
            self.calling(url)
        # The stand-ins' decorator of slots makes no cell for `super()` without arguments.
        return SendPlatforms.urlopen(self, method, url, body, headers, **more)

    async def _answer(self, call: Any) -> Any:
        answer = await SendPlatforms._answer(self, call)
        self.looked()
        return answer

    def publish(self, **asked: Any) -> Mapping[str, str]:
        """What takes the place of SNS's `publish` to a list."""
        fate, endpoint = self.fate(), "https://sns.schedules.invalid"
        if fate is Fate.UNREACHABLE:
            raise EndpointConnectionError(endpoint_url=endpoint)
        if fate in {Fate.RATE, Fate.EXPIRED}:
            raise _refused("Throttled", 429)
        if fate is Fate.FAILS_BEFORE:
            raise _refused("InternalError", 500)
        if fate is not Fate.HANGS:
            self.listed[asked["Message"]] += 1
            self.looked()
        if fate in {Fate.HANGS, Fate.ANSWER_LOST, Fate.LATE}:
            self.clock.at += timedelta(seconds=5)
            self.answered()
            raise ReadTimeoutError(endpoint_url=endpoint)
        self.answered()
        if fate is Fate.FAILS_AFTER:
            raise _refused("InternalError", 500)
        return {"MessageId": f"sns-{self.listed.total()}"}

    def copies(self, channel: str) -> list[str]:
        """The words of every copy that everybody can see on the channel at this moment; what is beside one apart."""
        account = ACCOUNTS[channel]
        shown = [one for one in self.ledger.received() if one.visible and one.account == account]
        beside = {one.sent_id for one in self.ledger.received() if one.act == "comment"}
        return [
            str(one.text)
            for one in shown
            if one.act in COPIES
            and not (channel == "x" and one.to)
            and not (one.act == "edit" and one.to in beside)
        ]

    def said(self, text: str) -> int:
        """How often the words can be seen anywhere, or were sent to a list."""
        visible = sum(1 for one in self.ledger.received() if one.visible and one.text == text)
        return self.listed[text] + visible


def copy_sender(platforms: CopyPlatforms, records: Records) -> CopySender:
    """The sender that ships, as a new worker makes it."""
    graph = GraphApi(GRAPH_URL, InMemorySecret(page_tokens=META_TOKENS))
    x = XApi(X_URL, InMemorySecret(**X_KEYS.model_dump()), platforms.clock)
    lists: Any = platforms
    name, _, language = TEMPLATE.partition("/")
    group = WhatsAppGroup(id="120363000000000101", template=name, language=language)
    return CopySender(
        records,
        {
            "facebook_page": FacebookPageCopies(graph),
            "instagram": InstagramCopies(graph, lambda name: f"https://desk.example/live/pictures/{name}"),
            "x": XCopies(x),
            "whatsapp": WhatsAppCopies(graph, group),
            "sms_list": ListCopies(lists, "arn:aws:sns:eu-west-2:000000000000:sms", "Subject"),
        },
        platforms.clock,
    )


def _refused(code: str, status: int) -> ClientError:
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "Publish")
