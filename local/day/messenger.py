"""Deliveries of Messenger events: what people write to the page in private, and what Messenger tells besides."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from contact_desk.timeline import EntryKind
from local.day import meta_events
from local.day.deliveries import JSON_HEADERS, Brought, Delivery, Outcome
from local.day.fresh_ids import FreshIds
from local.day.meta_webhook import MetaWebhook

CHANNEL = "messenger"
PAGE_INBOX_APP = 26390203743090
"""The app id that Facebook gives to answers written in the page's own inbox."""
STRANGE_PAGE = "999999999999999"


@dataclass(frozen=True, slots=True)
class Messenger:
    """Writes what happens between people and one page."""

    page: str
    webhook: MetaWebhook
    ids: FreshIds

    def message(self, title: str, text: str, *, escaped: bool = True, **more: object) -> Delivery:
        """A message by somebody new."""
        return self._message(title, text, self.ids.person(), escaped=escaped, **more)

    def more(self, title: str, text: str, earlier: Delivery) -> Delivery:
        """A further message by the writer of an earlier one."""
        return replace(self._message(title, text, _writer(earlier)), wave=2)

    def edit(self, title: str, text: str, earlier: Delivery) -> Delivery:
        """The edit of an earlier message."""
        event = {"message_edit": {"mid": earlier.brings[0].native_id, "text": text, "num_edit": 1}}
        return self._about(title, earlier, event, EntryKind.EDIT, text)

    def unsend(self, title: str, earlier: Delivery) -> Delivery:
        """The withdrawal of an earlier message."""
        event = {"message": {"mid": earlier.brings[0].native_id, "is_deleted": True}}
        return self._about(title, earlier, event, EntryKind.DELETED, None)

    def notice(self, title: str, earlier: Delivery, **event: object) -> Delivery:
        """Something that Messenger tells of a conversation and that is no contact: a receipt, a reaction."""
        entry = self._entry(self._event(_writer(earlier), **event))
        return replace(self.webhook.events(title, CHANNEL, entry, outcome=Outcome.IGNORED), wave=2)

    def answered_elsewhere(self, title: str, text: str, earlier: Delivery) -> Delivery:
        """The echo of an answer that somebody gave in the page's inbox, past the desk."""
        event = meta_events.echo(
            self.page,
            _writer(earlier),
            self.ids.now_ms(),
            mid=self.ids.message(),
            text=text,
            app_id=PAGE_INBOX_APP,
        )
        return replace(
            self.webhook.events(title, CHANNEL, self._entry(event), outcome=Outcome.IGNORED), wave=2
        )

    def several(self, title: str, texts: tuple[str, ...]) -> Delivery:
        """Messages by as many people in one delivery, a read receipt among them."""
        written = [self.message(title, text) for text in texts]
        entries = [
            self._entry(self._text(brought.native_id, str(brought.sends_to), str(brought.text)))
            for delivery in written
            for brought in delivery.brings
        ]
        receipt = self._event(self.ids.person(), read={"watermark": self.ids.now_ms()})
        brings = tuple(brought for delivery in written for brought in delivery.brings)
        return self.webhook.events(title, CHANNEL, *entries, self._entry(receipt), brings=brings)

    def forged(self, title: str, text: str) -> Delivery:
        """A message whose signature was made without the secret."""
        written = self.message(title, text)
        signature = meta_events.signature("not the secret", written.body)
        return _refused(written, {**JSON_HEADERS, "X-Hub-Signature-256": signature})

    def unsigned(self, title: str, text: str) -> Delivery:
        """A message without a signature."""
        return _refused(self.message(title, text), JSON_HEADERS)

    def to_strange_page(self, title: str, text: str) -> Delivery:
        """A message, rightly signed, to a page that is not the force's."""
        written = replace(self, page=STRANGE_PAGE).message(title, text)
        return replace(written, outcome=Outcome.IGNORED)

    def unreadable(self, title: str, body: bytes) -> Delivery:
        """A rightly signed body that is not JSON."""
        digest = hashlib.sha256(body).hexdigest()
        brought = Brought(f"{digest}.0", f"unreadable:{digest}", (CHANNEL, "facebook_page", "meta"), None)
        return self.webhook.bytes(title, CHANNEL, body, brings=(brought,), outcome=Outcome.CONTACTS)

    def _message(
        self, title: str, text: str, person: str, *, escaped: bool = True, **more: object
    ) -> Delivery:
        mid = self.ids.message()
        brought = Brought(mid, f"{CHANNEL}:{person}", (CHANNEL,), text, sends_to=person)
        entry = self._entry(self._text(mid, person, text, **more))
        return self.webhook.events(title, CHANNEL, entry, brings=(brought,), escaped=escaped)

    def _about(
        self, title: str, earlier: Delivery, event: dict[str, Any], kind: EntryKind, text: str | None
    ) -> Delivery:
        [brought] = earlier.brings
        entry = self._entry(self._event(_writer(earlier), **event))
        return replace(
            self.webhook.events(title, CHANNEL, entry, brings=(replace(brought, kind=kind, text=text),)),
            wave=2,
        )

    def _text(self, mid: str, person: str, text: str, **more: object) -> dict[str, Any]:
        return self._event(person, message={"mid": mid, "text": text, **more})

    def _event(self, person: str, **event: object) -> dict[str, Any]:
        return meta_events.from_person(self.page, person, self.ids.now_ms(), **event)

    def _entry(self, *events: Mapping[str, Any]) -> dict[str, Any]:
        return meta_events.messaging(self.page, self.ids.now_ms(), *events)


def _writer(delivery: Delivery) -> str:
    return str(delivery.brings[0].sends_to)


def _refused(delivery: Delivery, headers: Mapping[str, str]) -> Delivery:
    return replace(delivery, headers=headers, outcome=Outcome.REFUSED, status=401)
