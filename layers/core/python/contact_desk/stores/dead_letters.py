"""The dead-letter queue of one work queue, on SQS.

The service's own move task would lose count of the rounds, so each letter is sent and then deleted: a crash
between the two makes a duplicate, which every consumer of the desk takes for what it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from contact_desk.repairs import DeadLetter

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

ROUNDS = "redriven"
RECEIVE_LIMIT = 10
HELD_SECONDS = 120


class SqsDeadLetters:
    """Dead letters of one work queue."""

    def __init__(self, sqs: SQSClient, *, queue_url: str, dlq_url: str) -> None:
        """Move messages from `dlq_url` back to `queue_url`."""
        self._sqs = sqs
        self._queue_url = queue_url
        self._dlq_url = dlq_url

    def receive(self, limit: int) -> Sequence[DeadLetter]:
        """Messages that could not be finished; each is held for two minutes, and stays unless dealt with."""
        letters: list[DeadLetter] = []
        while len(letters) < limit:
            answer = self._sqs.receive_message(
                QueueUrl=self._dlq_url,
                MaxNumberOfMessages=min(RECEIVE_LIMIT, limit - len(letters)),
                VisibilityTimeout=HELD_SECONDS,
                MessageAttributeNames=[ROUNDS],
            )
            messages = answer.get("Messages", [])
            if not messages:
                break
            letters += [
                DeadLetter(
                    message_id=message["MessageId"],
                    body=message["Body"],
                    rounds=_rounds(message),
                    receipt_handle=message["ReceiptHandle"],
                )
                for message in messages
            ]
        return letters

    def redrive(self, letter: DeadLetter, delay_seconds: int) -> None:
        """Put it back on its work queue, one round older, then take it off the dead-letter queue."""
        self._sqs.send_message(
            QueueUrl=self._queue_url,
            MessageBody=letter.body,
            DelaySeconds=delay_seconds,
            MessageAttributes={ROUNDS: {"DataType": "Number", "StringValue": str(letter.rounds + 1)}},
        )
        self.discard(letter)

    def discard(self, letter: DeadLetter) -> None:
        """Take it off the dead-letter queue."""
        self._sqs.delete_message(QueueUrl=self._dlq_url, ReceiptHandle=letter.receipt_handle)


def _rounds(message: MessageTypeDef) -> int:
    attribute = message.get("MessageAttributes", {}).get(ROUNDS)
    return int(attribute["StringValue"]) if attribute else 0
