"""Six mistakes that desks like this one are known for, each in the place of the real thing.

They stay in the suite as the proof that its checks can fail: a check that lets one of them pass proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar
from unittest.mock import patch

from contact_desk.contacts import Contact
from contact_desk.intake import Admission, AdmissionOutcome, Admitted, ConversationMoved
from contact_desk.outbox import UNSENT, OutboxItem, OutboxState
from contact_desk.stores import keys
from contact_desk.stores.dynamo import Refused, Write
from contact_desk.stores.intake import DynamoIntake
from contact_desk.stores.items import outbox_item
from contact_desk.stores.outbox_store import DynamoOutboxStore
from contact_desk.stores.queues import SqsContactQueue
from tests.simulation.desk_on_moto import Desk
from tests.simulation.faults import Crash

Handle = Callable[[Any, Any], Any]


class QueuesAfterTheAnswer(SqsContactQueue):
    """Takes contacts to be queued once the platform has its 200."""

    later: ClassVar[list[tuple[SqsContactQueue, Sequence[Contact]]]] = []

    def send(self, contacts: Sequence[Contact]) -> None:
        """Remember the contacts."""
        self.later.append((self, contacts))

    @classmethod
    def answering_first(cls, handle: Handle) -> Handle:
        """The handler with the queueing behind its answer, where a crash goes unseen."""

        def answer(event: Any, context: Any) -> Any:
            cls.later.clear()
            answered = handle(event, context)
            with suppress(Crash):
                for queue, contacts in cls.later:
                    SqsContactQueue.send(queue, contacts)
            return answered

        return answer


class ChecksThenPuts(DynamoIntake):
    """Looks whether the contact is there, and then writes without a condition."""

    def admit(self, admission: Admission) -> AdmissionOutcome:
        """Two steps, with room between them for another worker."""
        there = self._table.get(keys.contact(admission.contact.key))
        if there:
            return self._duplicate(admission, Refused(there))
        writes = self._writes(admission, alert_stands_open=False).values()
        self._table.transact([_unconditional(write) for write in writes])
        return Admitted()


class WritesTwice(DynamoIntake):
    """Writes the contact, and then all that follows from it."""

    def admit(self, admission: Admission) -> AdmissionOutcome:
        """Two writes, with room between them for a crash."""
        contact, *others = self._writes(admission, alert_stands_open=False).values()
        refused = self._table.attempt(contact)
        if refused:
            return self._duplicate(admission, refused)
        return ConversationMoved() if self._table.transact(others) else Admitted()


class ClaimsNothing(DynamoOutboxStore):
    """Sends whatever is unsent when it looks, and writes only what came of it."""

    def claim(self, outbox_id: str, *, token: str, now: datetime, lease_until: datetime) -> OutboxItem | None:
        """The item as it stands, if it is unsent and due; nothing is written."""
        item = self.get(outbox_id)
        if item is None or item.state not in UNSENT or item.due_at > now:
            return None
        becomes = OutboxState.IN_DOUBT if item.state is OutboxState.IN_DOUBT else OutboxState.CLAIMED
        return replace(item, state=becomes, token=token, lease_until=lease_until)

    def start(self, claimed: OutboxItem, *, now: datetime) -> OutboxItem | None:
        """Nothing is written."""
        return replace(claimed, state=OutboxState.STARTED, started_at=now, attempts=claimed.attempts + 1)

    def _settle(self, claimed: OutboxItem, becomes: OutboxState, **changes: Any) -> bool:
        known = {name: value for name, value in changes.items() if name in OutboxItem.__slots__}
        settled = replace(claimed, state=becomes, **known)
        self._table.attempt(self._table.put(outbox_item(settled)))
        return True


def _unconditional(write: Write) -> Write:
    """The write without its condition and what only the condition named."""
    if write.action != "Put":
        return write
    return Write("Put", {name: write.arguments[name] for name in ("TableName", "Item")})


@contextmanager
def _ack_before_queue(desk: Desk) -> Iterator[None]:
    sandbox = desk.lambdas.sandbox("Webhooks")
    handler = sandbox.modules["functions.ingest.handler"]
    with (
        _composed(
            desk, ["Webhooks"], "functions.ingest.composition", "SqsContactQueue", QueuesAfterTheAnswer
        ),
        patch.object(handler, "handle", QueuesAfterTheAnswer.answering_first(sandbox.handle)),
    ):
        yield


@contextmanager
def _no_sweeper(desk: Desk) -> Iterator[None]:
    with patch.object(desk, "sweeping", new=False):
        yield


@contextmanager
def _retry_after_timeout(desk: Desk) -> Iterator[None]:
    def twice(send: Callable[..., Any]) -> Callable[..., Any]:
        def send_and_send_again(*given: Any, **named: Any) -> Any:
            answer = send(*given, **named)
            return send(*given, **named) if type(answer).__name__ == "UnknownEffect" else answer

        return send_and_send_again

    with ExitStack() as stack:
        for function in ("NotifyUrgent", "Notify"):
            for worker in (1, 2):
                modules = desk.lambdas.sandbox(function, worker).modules
                graph = modules["functions.notify.graph_api"].GraphApi
                stack.enter_context(patch.object(graph, "send", twice(graph.send)))
        yield


@contextmanager
def _composed(desk: Desk, functions: Sequence[str], module: str, name: str, mistake: type) -> Iterator[None]:
    """Have the composition of these functions take the mistake for the real thing, in every sandbox they have."""
    with ExitStack() as stack:
        for function in functions:
            for worker in (1, 2):
                composition = desk.lambdas.sandbox(function, worker).modules[module]
                stack.enter_context(patch.object(composition, name, mistake))
        yield


PLANTED: Mapping[str, Callable[[Desk], AbstractContextManager[None]]] = {
    "ack before queue": _ack_before_queue,
    "check then put": lambda desk: _composed(
        desk, ["Triage"], "functions.triage.composition", "DynamoIntake", ChecksThenPuts
    ),
    "two writes for one transaction": lambda desk: _composed(
        desk, ["Triage"], "functions.triage.composition", "DynamoIntake", WritesTwice
    ),
    "no sweeper": _no_sweeper,
    "no claim": lambda desk: _composed(
        desk, ["NotifyUrgent", "Notify"], "functions.notify.composition", "DynamoOutboxStore", ClaimsNothing
    ),
    "retry after timeout": _retry_after_timeout,
}
