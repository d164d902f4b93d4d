"""A whole desk in one process: the real handlers over moto, driven by a pump that plays Lambda, SQS and the schedules.

Nothing runs by itself: `pump` empties the queues, `minute` moves the clock on and runs every sweep, `rest` does both
until nothing is left to do.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from importlib import import_module
from typing import Any
from unittest.mock import patch

from contact_desk.archive_keys import contacts_in
from contact_desk.clock import from_rfc3339
from contact_desk.outbox import UNSENT
from contact_desk.stores.items import unmarshal
from local.twins.held_still import CountedIds, FrozenClock
from tests.builders import PAGE, echo, http_event, messenger_delivery, meta_event, sqs_event
from tests.simulation.aws_in_process import OPERATOR_ALERTS, AwsInProcess, aws_in_process
from tests.simulation.faults import FaultKind, Injector
from tests.simulation.files_in_process import FilesInProcess
from tests.simulation.graph_in_process import GraphInProcess
from tests.simulation.lambdas import InvocationFailedError, Lambdas, lambdas_on
from tests.x_deliveries import x_event

PAGE_TOKENS = {PAGE: "page-token"}

MAPPINGS = {
    "private_contacts": "Triage",
    "public_contacts": "Triage",
    "replays": "Replay",
    "confirmations": "Confirm",
    "outbox_urgent": "NotifyUrgent",
    "outbox": "Notify",
    "attachments": "CopyAttachments",
}
SWEEPS = (
    "SweepUnacknowledgedAlerts",
    "SweepUnsentOutbox",
    "SweepUncopiedAttachments",
    "SweepOrphans",
    "SweepDeadLetters",
    "SweepExpiredClaims",
    "SweepBacklog",
    "SweepBreachedClocks",
    "SweepBroadcasts",
)
QUARTER_HOURLY = ("SweepAuditSeals", "SweepRetention")
# Shortly before the hour, so that what is sent again falls into the next hour of the archive.
BEGINS = datetime(2026, 11, 2, 12, 59, 50, tzinfo=UTC)
SENT_AGAIN_AFTER = timedelta(seconds=15)
A_MINUTE = timedelta(minutes=1)
LONGEST_REPAIR = timedelta(minutes=40)


class NeverAtRestError(AssertionError):
    """Something was still to be done after all the time that any repair takes."""


@dataclass(slots=True)
class Desk:
    """The desk, its surroundings, and the hands that drive it.

    `alerts` is what came out of the operators' queue, `acknowledged` the bodies that were answered 2xx, `echoed` the
    messages that the platform has confirmed, which it does while `echoing`, `given_back` a queue's name for each
    message that a function gave back to it. `sweeping` says whether the schedules run at all, `sweeps_fail` whether
    faults find their jobs.
    """

    clock: FrozenClock
    ids: CountedIds
    injector: Injector
    graph: GraphInProcess
    aws: AwsInProcess
    lambdas: Lambdas
    alerts: list[dict[str, Any]] = field(default_factory=list)
    acknowledged: list[bytes] = field(default_factory=list)
    echoed: set[str] = field(default_factory=set)
    given_back: list[str] = field(default_factory=list)
    sweeping: bool = True
    sweeps_fail: bool = False
    echoing: bool = False
    _batch: tuple[str, dict[str, Any]] | None = None

    def reset(self, plan: Mapping[int, FaultKind] | None = None, *, cold: bool = True) -> None:
        """An empty desk in which these calls will go wrong, its functions to be started anew unless not `cold`."""
        self.clock.at, self.ids.made = BEGINS, 0
        self.aws.empty()
        self.graph.reset()
        self.lambdas.reset(cold=cold)
        self.alerts, self.acknowledged, self.echoed, self._batch = [], [], set(), None
        self.given_back = []
        self.sweeps_fail = self.echoing = False
        self.injector.begin(plan or {})

    # What comes in

    def deliver(self, body: bytes, tries: int = 5) -> None:
        """A webhook of Meta's, sent again until it is answered; AssertionError where it never is."""
        self._deliver("Webhooks", meta_event(body), body, tries)

    def deliver_x(self, body: bytes) -> None:
        """The same of X's."""
        self._deliver("Webhooks", x_event(body), body, tries=5)

    def report(self, body: bytes) -> None:
        """An online report, sent again until it is answered."""
        self._deliver("Report", http_event("POST", "/reports", body=body), body, tries=5)

    def _deliver(self, function: str, event: Mapping[str, Any], body: bytes, tries: int) -> None:
        for _ in range(tries):
            answer = self.call(function, event)
            if answer and answer["statusCode"] in {HTTPStatus.OK, HTTPStatus.CREATED}:
                self._check_kept(body)
                self.acknowledged.append(body)
                return
            self.clock.at += SENT_AGAIN_AFTER
        raise AssertionError(f"the delivery was refused {tries} times")

    def call(self, function: str, event: Mapping[str, Any]) -> dict[str, Any] | None:
        """The answer to an HTTP request; None where no answer came."""
        try:
            answer: dict[str, Any] = self.lambdas.invoke(function, event)
        except InvocationFailedError:
            return None
        return answer

    def _check_kept(self, body: bytes) -> None:
        """What was answered 200 is in the archive by then, and each of its contacts queued or on the desk."""
        digest = hashlib.sha256(body).hexdigest()
        kept = [key for key in self.aws.archived() if digest in key]
        assert kept, "answered 200, but not in the archive"
        waiting = sum(self.aws.waiting(queue) for queue in ("private_contacts", "public_contacts"))
        triaged = {item["archive_key"]["S"] for item in self.aws.items() if item["sk"] == {"S": "receipt"}}
        if not triaged & set(kept):
            assert waiting >= max(map(contacts_in, kept)), "answered 200, but neither queued nor on the desk"

    def echo(self) -> None:
        """The platform confirms every message of ours that it has not confirmed yet."""
        for entry in self.graph.ledger.entries():
            message = entry["body"].get("message")
            if entry["visible"] and entry["act"] == "message" and entry["id"] not in self.echoed:
                self.echoed.add(entry["id"])
                metadata = message["metadata"]
                item = echo(entry["text"], mid=entry["id"], person=entry["to"], metadata=metadata, app_id=1)
                self.deliver(json.dumps(messenger_delivery(item)).encode())

    # What goes on inside

    def pump(self, *, worker: int = 1, watched: bool = True) -> None:
        """Hand every message to its function until the queues are empty; what fails is handed over again at once."""
        busy = True
        while busy:
            busy = False
            for queue in MAPPINGS:
                busy |= self.hand_over(queue, worker=worker, watched=watched)
            if self.echoing:
                self.echo()
        while messages := self.aws.receive(OPERATOR_ALERTS):
            self.alerts += [json.loads(message.body) for message in messages]
            self.aws.delete(OPERATOR_ALERTS, [message.receipt_handle for message in messages])

    def hand_over(self, queue: str, *, worker: int = 1, watched: bool = True) -> bool:
        """One batch of a queue to its function: what the function does not report as failed is deleted."""
        messages = self.aws.receive(queue)
        if not messages:
            return False
        event = sqs_event(*(message.body for message in messages), queue=queue)
        handles = {
            record["messageId"]: message.receipt_handle
            for record, message in zip(event["Records"], messages, strict=True)
        }
        self._batch = MAPPINGS[queue], event
        try:
            answer = self.lambdas.invoke(MAPPINGS[queue], event, worker=worker, watched=watched)
        except InvocationFailedError:
            return True
        failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        assert failed <= handles.keys(), "a message reported that was not there"
        self.given_back += [queue] * len(failed)
        self.aws.delete(queue, [handle for name, handle in handles.items() if name not in failed])
        return True

    def overtake(self) -> None:
        """A second worker gets the batch that the first is working on, and finishes it."""
        assert self._batch, "no function works on a batch"
        function, event = self._batch
        self.lambdas.invoke(function, event, worker=2, watched=False)

    def minute(self, minutes: float = 1) -> None:
        """Time passes, and every schedule fires once."""
        self.clock.advance(minutes=minutes)
        if self.sweeping:
            for sweep in SWEEPS:
                self.sweep(sweep)
        self.pump()

    def sweep(self, job: str) -> None:
        """One run of a sweep job; one that fails is run again with the next minute."""
        with suppress(InvocationFailedError):
            self.lambdas.invoke(job, {}, watched=self.sweeps_fail)

    def rest(self) -> None:
        """Let the desk work until nothing is left; raises NeverAtRestError where that takes too long.

        Minutes in which no sweep could find anything are skipped.
        """
        self.pump()
        until = self.clock.now() + LONGEST_REPAIR
        while left := self.unfinished():
            if self.clock.now() >= until:
                raise NeverAtRestError(f"after {LONGEST_REPAIR}: {'; '.join(sorted(left))}")
            wait = min(left.values()) - self.clock.now()
            self.minute(max(1, math.ceil(wait / A_MINUTE)))

    def unfinished(self) -> dict[str, datetime]:
        """What is still to be done, by everything that the desk keeps, and from when on a sweep may do something."""
        items = [unmarshal(item) for item in self.aws.items()]
        receipts = {item["archive_key"] for item in items if item["sk"] == "receipt"}
        unsent = {
            f"{item['purpose']} {item['kind']} {item['outbox_id'][:4]} is {item['state']}": max(
                from_rfc3339(item[name]) for name in ("due_at", "lease_until") if item.get(name)
            )
            + A_MINUTE / 2
            for item in items
            if item["sk"] == "outbox" and item["state"] in UNSENT
        }
        uncopied = {
            f"attachments {item['attachments_id'][:4]} wait": from_rfc3339(item["due_at"]) + A_MINUTE / 2
            for item in items
            if item["sk"] == "attachments" and item.get("due_at")
        }
        orphans = {
            f"{key} has no receipt": stored_at + 5 * A_MINUTE
            for key, stored_at in self.aws.archived().items()
            if contacts_in(key) and key not in receipts
        }
        letters = {f"{queue}_dlq has letters" for queue in MAPPINGS if self.aws.waiting(f"{queue}_dlq")}
        delayed = {f"{queue} has messages" for queue in MAPPINGS if self.aws.waiting(queue)}
        return {**unsent, **uncopied, **orphans, **dict.fromkeys(letters | delayed, self.clock.now())}


@contextmanager
def steered(clock: FrozenClock, ids: CountedIds) -> Iterator[None]:
    """Have the version at work go by this clock and these ids."""
    module = import_module("contact_desk.clock")
    with (
        patch.object(module.SystemClock, "now", lambda _: clock.now()),
        patch.object(module.RandomIds, "ulid", lambda _, at: ids.ulid(at)),
        patch.object(module.RandomIds, "token", lambda _: ids.token()),
    ):
        yield


@contextmanager
def desk_on_moto() -> Iterator[Desk]:
    """A desk for as long as the block lasts; `reset` makes it anew for each run."""
    clock, ids, injector = FrozenClock(BEGINS), CountedIds(), Injector()
    graph = GraphInProcess(PAGE_TOKENS, clock, injector)
    with ExitStack() as stack:
        stack.callback(graph.close)
        aws = stack.enter_context(aws_in_process(PAGE_TOKENS, injector, clock))
        stack.enter_context(patch.dict(os.environ, aws.environment))
        lambdas = stack.enter_context(lambdas_on(injector))
        stack.enter_context(steered(clock, ids))
        stack.enter_context(patch("urllib3.PoolManager.urlopen", graph.urlopen))
        files = FilesInProcess(injector)
        stack.callback(files.close)
        stack.enter_context(patch("socket.create_connection", files.connect))
        desk = Desk(clock, ids, injector, graph, aws, lambdas)
        injector.overtake = desk.overtake
        yield desk
