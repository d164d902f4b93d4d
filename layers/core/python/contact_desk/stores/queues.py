"""The desk's queues, on SQS: ten messages to a call, fewer where a call would pass the service's limit of 1 MiB."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from contact_desk.contact_message import to_message
from contact_desk.contacts import Contact, Surface
from contact_desk.errors import QueueRefusedError
from contact_desk.intake import Nudge
from contact_desk.pointers import nudge_message

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

BATCH_MESSAGES = 10
# SQS takes 1,048,576 bytes a call; what it counts beside the bodies is not written down, so some room is left.
BATCH_BYTES = 1_000_000


class SqsContactQueue:
    """Carries contacts to triage: each surface on the queue that `queue_urls` names for it."""

    def __init__(self, client: SQSClient, queue_urls: Mapping[Surface, str]) -> None:
        self._client = client
        self._queue_urls = queue_urls

    def send(self, contacts: Sequence[Contact]) -> None:
        """Queue the contacts, in order on each queue; the last of all is sent after all others.

        Raises QueueRefusedError when any of them is not provably queued, or has no queue.
        """
        for surface in surfaces_in_turn(contacts):
            if surface not in self._queue_urls:
                raise QueueRefusedError(f"there is no queue for {surface} contacts")
            bodies = [to_message(contact) for contact in contacts if contact.surface is surface]
            _send(self._client, self._queue_urls[surface], bodies)


class SqsPointerQueue:
    """Carries pointers and small JSON objects on one queue."""

    def __init__(self, client: SQSClient, queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send(self, bodies: Sequence[str]) -> None:
        """Queue the bodies, ten to a call; raises QueueRefusedError when any is not provably queued."""
        _send(self._client, self._queue_url, bodies)


class SqsNudges:
    """Tells notify that outbox items wait, urgent ones on a queue of their own."""

    def __init__(self, client: SQSClient, *, urgent_queue_url: str, queue_url: str) -> None:
        self._client = client
        self._urgent_queue_url = urgent_queue_url
        self._queue_url = queue_url

    def send(self, nudges: Iterable[Nudge]) -> None:
        """Nudge each item once, urgent ones first; raises QueueRefusedError where a queue refuses."""
        urgency = {nudge.outbox_id: nudge.urgent for nudge in nudges}
        for queue_url, urgent in ((self._urgent_queue_url, True), (self._queue_url, False)):
            bodies = [
                nudge_message(outbox_id) for outbox_id, is_urgent in urgency.items() if is_urgent is urgent
            ]
            _send(self._client, queue_url, bodies)


def surfaces_in_turn(contacts: Sequence[Contact]) -> list[Surface]:
    """The surfaces that the contacts are on, the last contact's own last: its message closes the delivery."""
    if not contacts:
        return []
    last = contacts[-1].surface
    return [*{contact.surface: None for contact in contacts if contact.surface is not last}, last]


def batches(bodies: Iterable[str]) -> Iterator[list[str]]:
    """The bodies in order, in calls of at most ten and at most 1 MiB.

    Raises QueueRefusedError for a body that no call could carry.
    """
    batch: list[str] = []
    room = BATCH_BYTES
    for body in bodies:
        size = len(body.encode("utf-8"))
        if size > BATCH_BYTES:
            raise QueueRefusedError("a message is larger than a queue takes")
        if len(batch) == BATCH_MESSAGES or size > room:
            yield batch
            batch, room = [], BATCH_BYTES
        batch.append(body)
        room -= size
    if batch:
        yield batch


def _send(client: SQSClient, queue_url: str, bodies: Iterable[str]) -> None:
    for batch in batches(bodies):
        entries: list[SendMessageBatchRequestEntryTypeDef] = [
            {"Id": str(position), "MessageBody": body} for position, body in enumerate(batch)
        ]
        refused = _refused(client, queue_url, entries)
        # Throttling takes single messages of a batch: those get a second try, the whole gets a second delivery.
        if refused and (refused := _refused(client, queue_url, refused)):
            raise QueueRefusedError(f"the queue refused {len(refused)} of {len(batch)} messages")


def _refused(
    client: SQSClient, queue_url: str, entries: Sequence[SendMessageBatchRequestEntryTypeDef]
) -> list[SendMessageBatchRequestEntryTypeDef]:
    try:
        answer = client.send_message_batch(QueueUrl=queue_url, Entries=entries)
    except ClientError as error:
        raise QueueRefusedError(f"the queue refused a batch: {error.response['Error']['Code']}") from None
    except BotoCoreError as error:
        raise QueueRefusedError(f"the queue refused a batch: {type(error).__name__}") from None
    taken = {success["Id"] for success in answer.get("Successful", ())}
    return [entry for entry in entries if entry["Id"] not in taken]
