"""The replay Lambda, fed by queue `replays` at least once: pointers to archived deliveries that are taken in again."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from contact_desk.observability import count, count_faults, logger, metrics
from contact_desk.pointers import archive_key_of
from functions.ingest import composition
from functions.ingest.replays import Replays, take_in_again

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def replay(event: dict[str, Any], replays: Replays) -> PartialItemFailureResponse:
    """Take in again what each message of a batch points at; each that fails goes back to the queue by itself."""
    contacts: list[int] = []

    def replay_one(record: SQSRecord) -> None:
        contacts.append(take_in_again(archive_key_of(record.body), replays))

    response = process_partial_response(event=event, record_handler=replay_one, processor=processor)
    count("DeliveriesReplayed", len(contacts))
    count("ReplaysFailed", len(processor.exceptions))
    count_faults(kind for kind, _, _ in processor.exceptions)
    failures = Counter(kind.__name__ for kind, _, _ in processor.exceptions if kind)
    logger.info("replayed", deliveries=len(contacts), contacts=sum(contacts), failures=dict(failures))
    return response


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(event: dict[str, Any], _context: object) -> PartialItemFailureResponse:
    """One batch of the queue."""
    return replay(event, composition.replays())


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.replays()
