"""The Lambda on queues `outbox` and `outbox_urgent`: sends the items that its messages name, at least once told."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from contact_desk.errors import MessageError, StoreError
from contact_desk.observability import count, count_faults, logger, metrics
from contact_desk.outbox import OutboxKind
from contact_desk.pointers import outbox_id_of
from contact_desk.ports import OutboxStore
from functions.notify import composition
from functions.notify.dispatch import Dispatcher, Invocation, OutOfTimeError, Result

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.typing import LambdaContext

Record = dict[str, Any]


def send_batch(
    records: Sequence[Record], dispatcher: Dispatcher, invocation: Invocation
) -> PartialItemFailureResponse:
    """Work each record's item; the answer names the records to be delivered again."""
    count("OutboxNudges", len(records))
    results: dict[str, Result] = {}

    def send(record: SQSRecord) -> None:
        outbox_id = outbox_id_of(record.body)
        # A second nudge for the same item finds it done: what the first one did is what the log tells.
        results.setdefault(outbox_id, dispatcher.dispatch(outbox_id, invocation))

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    with processor(list(alerts_first(records, dispatcher.outbox)), send):
        processor.process()
    call_operators(dispatcher, invocation)
    failures = Counter(str(kind.__name__) for kind, _, _ in processor.exceptions if kind)
    count_faults(kind for kind, _, _ in processor.exceptions)
    logger.info("outbox worked", records=len(records), items=results, failures=dict(failures))
    return processor.response()


def call_operators(dispatcher: Dispatcher, invocation: Invocation) -> None:
    """Send the alerts that the batch has raised, while there is time; the sweep finds those that are left."""
    for outbox_id in dispatcher.troubles.take_raised():
        with suppress(OutOfTimeError, StoreError):
            dispatcher.dispatch(outbox_id, invocation)


def alerts_first(records: Sequence[Record], outbox: OutboxStore) -> Sequence[Record]:
    """The records in the order to work them: a platform that hangs must not keep operators from being called."""

    def is_no_alert(record: Record) -> bool:
        try:
            item = outbox.get(outbox_id_of(record["body"]))
        except (MessageError, StoreError):
            return True  # the order is a courtesy: whatever is wrong shows when the record itself is worked
        return item is None or item.kind is not OutboxKind.OPERATOR_ALERT

    return sorted(records, key=is_no_alert) if len(records) > 1 else records


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """One batch of messages, each of which names an outbox item."""

    def time_left() -> timedelta:
        return timedelta(milliseconds=context.get_remaining_time_in_millis())

    return send_batch(event["Records"], composition.dispatcher(), Invocation(time_left))


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.dispatcher()
