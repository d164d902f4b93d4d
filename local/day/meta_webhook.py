"""Deliveries to the webhook of Meta, signed with the app's secret over their exact bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.day import meta_events
from local.day.deliveries import JSON_HEADERS, Brought, Delivery, Outcome

PATH = "/webhooks/meta"


@dataclass(frozen=True, slots=True)
class MetaWebhook:
    """Makes deliveries that the webhook must take in, unless they are changed afterwards."""

    app_secret: str

    def events(
        self,
        title: str,
        channel: str,
        *entries: Mapping[str, Any],
        brings: tuple[Brought, ...] = (),
        outcome: Outcome = Outcome.CONTACTS,
        escaped: bool = True,
    ) -> Delivery:
        """A delivery of page events; `escaped` as in `page_body`."""
        body = meta_events.page_body(*entries, escaped=escaped)
        return self.bytes(title, channel, body, brings=brings, outcome=outcome)

    def bytes(
        self, title: str, channel: str, body: bytes, *, brings: tuple[Brought, ...], outcome: Outcome
    ) -> Delivery:
        """A delivery of exactly these bytes."""
        headers = {**JSON_HEADERS, "X-Hub-Signature-256": meta_events.signature(self.app_secret, body)}
        return Delivery(title, channel, PATH, body, headers, outcome, 200, brings=brings)
