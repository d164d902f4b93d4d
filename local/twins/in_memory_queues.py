"""The queues in memory: they carry the same messages in the same calls, and keep what was sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from contact_desk.contact_message import from_message, to_message
from contact_desk.contacts import Contact, Surface
from contact_desk.errors import QueueRefusedError
from contact_desk.intake import Nudge
from contact_desk.pointers import nudge_message, outbox_id_of
from contact_desk.stores.queues import batches, surfaces_in_turn


class InMemoryQueue:
    """One queue: its message bodies in order, and in how many calls they came; a test may make it `full`."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self.calls = 0
        self.full = False

    def send(self, bodies: Iterable[str]) -> None:
        """Queue the bodies; raises QueueRefusedError while it is full."""
        for batch in batches(bodies):
            if self.full:
                raise QueueRefusedError("the queue in memory was told to be full")
            self.calls += 1
            self.bodies += batch


class InMemoryContactQueue:
    """The queues of contacts, one for each surface that has one."""

    def __init__(self, surfaces: Iterable[Surface] = Surface) -> None:
        self.queues: Mapping[Surface, InMemoryQueue] = {surface: InMemoryQueue() for surface in surfaces}

    def send(self, contacts: Sequence[Contact]) -> None:
        """Queue the contacts, in order on each queue; the last of all is sent after all others."""
        for surface in surfaces_in_turn(contacts):
            if surface not in self.queues:
                raise QueueRefusedError(f"there is no queue for {surface} contacts")
            self.queues[surface].send(
                to_message(contact) for contact in contacts if contact.surface is surface
            )

    def on(self, surface: Surface) -> list[Contact]:
        """The contacts that were sent to the queue of a surface, in order."""
        return [from_message(body) for body in self.queues[surface].bodies]

    @property
    def sent(self) -> list[Contact]:
        """The contacts that were sent, queue by queue."""
        return [contact for surface in self.queues for contact in self.on(surface)]

    @property
    def calls(self) -> int:
        """In how many calls they came."""
        return sum(queue.calls for queue in self.queues.values())


class InMemoryPointerQueue:
    """A queue of pointers and small JSON objects."""

    def __init__(self) -> None:
        self.queue = InMemoryQueue()

    def send(self, bodies: Sequence[str]) -> None:
        """Queue the bodies."""
        self.queue.send(bodies)

    @property
    def sent(self) -> list[str]:
        """The bodies that were sent, in order."""
        return self.queue.bodies


class InMemoryNudges:
    """The two queues that wake notify."""

    def __init__(self) -> None:
        self.urgent_queue = InMemoryQueue()
        self.queue = InMemoryQueue()

    def send(self, nudges: Iterable[Nudge]) -> None:
        """Nudge each item once, urgent ones first."""
        urgency = {nudge.outbox_id: nudge.urgent for nudge in nudges}
        for queue, urgent in ((self.urgent_queue, True), (self.queue, False)):
            queue.send(nudge_message(outbox_id) for outbox_id in urgency if urgency[outbox_id] is urgent)

    @property
    def urgent(self) -> list[str]:
        """The names of the items nudged as urgent, in order."""
        return [outbox_id_of(body) for body in self.urgent_queue.bodies]

    @property
    def ordinary(self) -> list[str]:
        """The names of the other items nudged, in order."""
        return [outbox_id_of(body) for body in self.queue.bodies]

    @property
    def sent(self) -> list[Nudge]:
        """Every nudge, urgent ones first."""
        return [*(Nudge(name, True) for name in self.urgent), *(Nudge(name, False) for name in self.ordinary)]
