"""The Lambda on queue `attachments`: copies what the records that its messages name have waiting."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from contact_desk.attachments import AttachmentCopy, CopyFailure, CopyState
from contact_desk.observability import count, count_faults, logger, metrics
from contact_desk.pointers import attachments_id_of
from functions.attachments import composition
from functions.attachments.copying import Copier, TimeLeft

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.typing import LambdaContext

Record = dict[str, Any]


def copy_batch(records: Sequence[Record], copier: Copier, time_left: TimeLeft) -> PartialItemFailureResponse:
    """Work each message's record; the answer names the messages to be delivered again."""
    tried: list[AttachmentCopy] = []

    def copy(record: SQSRecord) -> None:
        tried.extend(copier.copy(attachments_id_of(record.body), time_left) or ())

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    with processor(list(records), copy):
        processor.process()
    failures = Counter(str(kind.__name__) for kind, _, _ in processor.exceptions if kind)
    count_faults(kind for kind, _, _ in processor.exceptions)
    _account_for(tried, messages=len(records), failures=failures)
    return processor.response()


def _account_for(tried: Sequence[AttachmentCopy], *, messages: int, failures: Counter[str]) -> None:
    states = Counter(copy.state for copy in tried)
    reasons = Counter(copy.failure for copy in tried if copy.failure)
    count("AttachmentsKept", states[CopyState.KEPT])
    count("AttachmentsRefused", states[CopyState.REFUSED])
    count("AttachmentsGone", states[CopyState.GONE])
    count("AttachmentsNotStored", reasons[CopyFailure.NOT_STORED])
    count("AttachmentsWithoutCredentials", reasons[CopyFailure.NO_CREDENTIALS])
    logger.info(
        "attachments worked",
        messages=messages,
        states={state.value: number for state, number in states.items()},
        reasons={reason.value: number for reason, number in reasons.items()},
        failures=dict(failures),
    )


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """One batch of messages, each of which names the record of a contact's attachments."""

    def time_left() -> timedelta:
        return timedelta(milliseconds=context.get_remaining_time_in_millis())

    return copy_batch(event["Records"], composition.copier(), time_left)


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.copier()
