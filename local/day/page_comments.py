"""Deliveries of page feed events: what people say under the page's posts for everybody to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from contact_desk.timeline import EntryKind
from local.day import meta_events
from local.day.deliveries import Brought, Delivery, Outcome
from local.day.fresh_ids import FreshIds
from local.day.meta_webhook import MetaWebhook

CHANNEL = "facebook_page"


@dataclass(frozen=True, slots=True)
class PageComments:
    """Writes what happens under one post of one page."""

    page: str
    post_number: str
    webhook: MetaWebhook
    ids: FreshIds

    def comment(
        self, title: str, text: str, *, under: Delivery | None = None, escaped: bool = True
    ) -> Delivery:
        """A comment by somebody new, under the post or under another comment."""
        person, comment_id = self.ids.person(), self.ids.comment(self.post_number)
        parent = {"parent_id": under.brings[0].native_id} if under else {}
        value = self._value("add", comment_id, person, message=text, **parent)
        brought = Brought(comment_id, f"{CHANNEL}:{person}", (CHANNEL,), text, sends_to=comment_id)
        return self._delivery(title, value, brings=(brought,), escaped=escaped)

    def edit(self, title: str, text: str, earlier: Delivery) -> Delivery:
        """The edit of an earlier comment."""
        return self._change(title, "edited", earlier, EntryKind.EDIT, text)

    def remove(self, title: str, earlier: Delivery) -> Delivery:
        """The deletion of an earlier comment by its writer."""
        return self._change(title, "remove", earlier, EntryKind.DELETED, None)

    def several(self, title: str, texts: tuple[str, ...]) -> Delivery:
        """Comments by as many people, each an entry of its own, in one delivery."""
        values, brings = [], []
        for text in texts:
            person, comment_id = self.ids.person(), self.ids.comment(self.post_number)
            values.append(self._value("add", comment_id, person, message=text))
            brings.append(Brought(comment_id, f"{CHANNEL}:{person}", (CHANNEL,), text, sends_to=comment_id))
        return self._delivery(title, *values, brings=tuple(brings))

    def our_own(self, title: str, text: str) -> Delivery:
        """A comment that the page itself made, coming back."""
        value = self._value("add", self.ids.comment(self.post_number), self.page, message=text)
        return self._delivery(title, value, outcome=Outcome.IGNORED)

    def like(self, title: str) -> Delivery:
        """Somebody likes the post."""
        value = {
            "item": "reaction",
            "verb": "add",
            "reaction_type": "like",
            "post_id": self._post_id,
            "parent_id": self._post_id,
            "from": {"id": self.ids.person(), "name": "Somebody"},
            "created_time": self.ids.now_s(),
        }
        return self._delivery(title, value, outcome=Outcome.IGNORED)

    def _change(
        self, title: str, verb: str, earlier: Delivery, kind: EntryKind, text: str | None
    ) -> Delivery:
        [brought] = earlier.brings
        person = brought.conversation.removeprefix(f"{CHANNEL}:")
        fields = {"message": text, "edited_time": self.ids.now_s()} if text else {}
        value = self._value(verb, brought.native_id, person, **fields)
        changed = replace(brought, kind=kind, text=text)
        return replace(self._delivery(title, value, brings=(changed,)), wave=2)

    @property
    def _post_id(self) -> str:
        return f"{self.page}_{self.post_number}"

    def _value(self, verb: str, comment_id: str, person: str, **fields: object) -> dict[str, Any]:
        return meta_events.comment(
            verb,
            comment_id=comment_id,
            post_id=self._post_id,
            author=person,
            name="Somebody",
            at_s=self.ids.now_s(),
            **fields,
        )

    def _delivery(
        self,
        title: str,
        *values: Mapping[str, Any],
        brings: tuple[Brought, ...] = (),
        outcome: Outcome = Outcome.CONTACTS,
        escaped: bool = True,
    ) -> Delivery:
        entries = [meta_events.feed(self.page, self.ids.now_s(), value) for value in values]
        return self.webhook.events(title, CHANNEL, *entries, brings=brings, outcome=outcome, escaped=escaped)
