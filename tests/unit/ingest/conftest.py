"""Ingest over twins: a desk that takes deliveries in, in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from contact_desk.confirmations import Confirmation, from_message
from contact_desk.contacts import Contact
from contact_desk.http_api import Answer, respond
from contact_desk.observability import metrics
from functions.ingest.handler import ROUTES
from functions.ingest.webhook_secrets import addressed
from functions.ingest.webhooks import Webhooks
from local.twins.held_still import FrozenClock
from local.twins.in_memory_archive import InMemoryArchive
from local.twins.in_memory_parking import InMemoryHolds, InMemoryParking
from local.twins.in_memory_queues import InMemoryContactQueue, InMemoryPointerQueue
from local.twins.in_memory_secret import InMemorySecret
from tests.builders import (
    APP_SECRET,
    AUTH_TOKEN,
    CONSUMER_SECRET,
    PUBLIC_URL,
    VERIFY_TOKEN,
    force,
    meta_event,
)


@dataclass
class Ingest:
    """The webhooks over twins."""

    clock: FrozenClock = field(default_factory=FrozenClock)
    contacts_queue: InMemoryContactQueue = field(default_factory=InMemoryContactQueue)
    confirmations_queue: InMemoryPointerQueue = field(default_factory=InMemoryPointerQueue)
    meta: InMemorySecret = field(
        default_factory=lambda: InMemorySecret(app_secret=APP_SECRET, verify_token=VERIFY_TOKEN)
    )
    parking: InMemoryParking = field(default_factory=InMemoryParking)
    holds: InMemoryHolds = field(default_factory=InMemoryHolds)
    x: InMemorySecret = field(default_factory=lambda: InMemorySecret(consumer_secret=CONSUMER_SECRET))
    sms: InMemorySecret = field(default_factory=lambda: InMemorySecret(auth_token=AUTH_TOKEN))

    def __post_init__(self) -> None:
        self.archive = InMemoryArchive(self.clock)
        self.webhooks = Webhooks(
            force=force(),
            archive=self.archive,
            contacts=self.contacts_queue,
            confirmations=self.confirmations_queue,
            secrets=addressed({"meta": self.meta, "x": self.x, "sms": self.sms}, PUBLIC_URL),
            parking=self.parking,
            holds=self.holds,
            clock=self.clock,
        )

    def answer(self, event: dict[str, Any]) -> Answer:
        """The answer to one HTTP request."""
        return respond(event, ROUTES, self.webhooks)

    def take_in(self, delivery: dict[str, Any] | bytes) -> list[Contact]:
        """The contacts queued for a signed delivery, which must be answered 200."""
        before = len(self.contacts)
        assert self.answer(meta_event(delivery))["statusCode"] == 200
        return self.contacts[before:]

    def take_in_one(self, delivery: dict[str, Any] | bytes) -> Contact:
        """The one contact of a signed delivery."""
        (contact,) = self.take_in(delivery)
        return contact

    @property
    def contacts(self) -> list[Contact]:
        """Every contact queued so far."""
        return self.contacts_queue.sent

    @property
    def confirmations(self) -> list[Confirmation]:
        """Every confirmation queued so far."""
        return [from_message(body) for body in self.confirmations_queue.sent]


@pytest.fixture
def ingest() -> Ingest:
    return Ingest()


class Counted:
    """What was counted since the test began, by metric; by dimension value for `DeliveriesIgnored`."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self) -> dict[str, int]:
        return {name: int(sum(metric["Value"])) for name, metric in metrics.provider.metric_set.items()}

    def ignored(self) -> dict[str, int]:
        """The reasons for which events were ignored."""
        lines = [json.loads(line) for line in self._capsys.readouterr().out.splitlines() if "_aws" in line]
        return {line["reason"]: int(sum(line["DeliveriesIgnored"])) for line in lines if "reason" in line}


@pytest.fixture
def counted(capsys: pytest.CaptureFixture[str]) -> Iterator[Counted]:
    metrics.provider.clear_metrics()
    yield Counted(capsys)
    metrics.provider.clear_metrics()
