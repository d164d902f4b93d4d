"""An operator's place at a desk in memory: calls in, answers out, and the records behind them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contact_desk.errors import QueueRefusedError
from contact_desk.intake import Nudge
from functions.operate.broadcasting import Broadcasting
from functions.operate.desk import Desk
from functions.operate.handler import respond
from local.twins.desk_records import DeskRecords
from local.twins.held_still import CountedIds, FrozenClock
from local.twins.in_memory_alerts import InMemoryAlerts
from local.twins.in_memory_archive import InMemoryArchive
from local.twins.in_memory_audit import InMemoryAuditTrail
from local.twins.in_memory_broadcasts import InMemoryBroadcasts, InMemorySwitch
from local.twins.in_memory_case_desk import InMemoryCaseDesk
from local.twins.in_memory_hour_totals import InMemoryHourTotals
from local.twins.in_memory_intake import InMemoryIntake
from local.twins.in_memory_outbox import InMemoryOutbox
from tests.broadcast_staging import LIVE_URL
from tests.builders import LambdaContext, force, http_event

ROLES = "cognito:groups"
KEYS = itertools.count(1)


@dataclass(slots=True)
class Nudged:
    """Keeps the nudges it is given, or refuses them."""

    sent: list[Nudge] = field(default_factory=list)
    refuses: bool = False

    def send(self, nudges: Iterable[Nudge]) -> None:
        if self.refuses:
            raise QueueRefusedError("no")
        self.sent += nudges


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, its body read."""

    status: int
    headers: Mapping[str, str]
    fields: Any

    @property
    def problem(self) -> str:
        return str(self.fields["type"]).removeprefix("urn:contact-desk:")


@dataclass(slots=True)
class AtTheDesk:
    """The operators' function over records in memory."""

    records: DeskRecords = field(default_factory=DeskRecords)
    clock: FrozenClock = field(default_factory=FrozenClock)
    nudges: Nudged = field(default_factory=Nudged)
    desk: Desk = field(init=False)
    intake: InMemoryIntake = field(init=False)
    evidence: InMemoryArchive = field(init=False)

    def __post_init__(self) -> None:
        self.intake = InMemoryIntake(self.records)
        self.evidence = InMemoryArchive(self.clock)
        self.desk = Desk(
            cases=InMemoryCaseDesk(self.records),
            alerts=InMemoryAlerts(self.records),
            outbox=InMemoryOutbox(self.records),
            nudges=self.nudges,
            broadcasting=Broadcasting(
                broadcasts=InMemoryBroadcasts(self.records),
                switch=InMemorySwitch(self.records),
                requests=InMemoryCaseDesk(self.records),
                alerts=InMemoryAlerts(self.records),
                nudges=self.nudges,
                force=force(),
                live_url=LIVE_URL,
                clock=self.clock,
                ids=CountedIds(),
            ),
            audit=InMemoryAuditTrail(self.records),
            totals=InMemoryHourTotals(self.records),
            files=self.evidence,
            force=force(),
            clock=self.clock,
            ids=CountedIds(),
            pause=lambda seconds: self.clock.advance(seconds=seconds),
        )

    def get(self, path: str, *, who: str = "Alex", role: str = "operator", **query: str) -> Answered:
        return self.send(http_event("GET", path, query=query), who=who, role=role)

    def post(
        self,
        path: str,
        body: dict[str, Any] | bytes | None = None,
        *,
        who: str = "Alex",
        role: str = "operator",
        key: str | None = "",
        version: int | str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answered:
        """A POST, with a new idempotency key unless one is given, or None for no key."""
        sent = dict(headers or {})
        if key is not None:
            sent["Idempotency-Key"] = key or f"key-{next(KEYS)}"
        if version is not None:
            sent["If-Match"] = f'"{version}"' if isinstance(version, int) else version
        event = http_event("POST", path, body={} if body is None else body, headers=sent)
        return self.send(event, who=who, role=role)

    def put(
        self,
        path: str,
        body: dict[str, Any],
        *,
        who: str = "Alex",
        role: str = "operator",
        version: int | None = None,
    ) -> Answered:
        sent = {} if version is None else {"If-Match": f'"{version}"'}
        return self.send(http_event("PUT", path, body=body, headers=sent), who=who, role=role)

    def send(self, event: dict[str, Any], *, who: str = "Alex", role: str = "operator") -> Answered:
        claims = {"sub": f"sub-{who}", "name": who, "token_use": "access", ROLES: f"[{role}]"}
        event["requestContext"]["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
        return self.hand_over(event)

    def hand_over(self, event: Any) -> Answered:
        """An event as it is, whoever calls."""
        context: Any = LambdaContext()
        answer = respond(event, context, self.desk, ROLES)
        assert isinstance(answer["body"], str)
        return Answered(answer["statusCode"], answer["headers"], json.loads(answer["body"] or "null"))
