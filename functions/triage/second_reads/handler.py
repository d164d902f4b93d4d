"""The second reader's Lambda: one contact at a time, so that a model that hangs keeps nobody else waiting."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from contact_desk.errors import QueueRefusedError
from contact_desk.observability import count, count_faults, gauge, logger, metrics
from contact_desk.second_reads import ReadOutcome, pointer_of
from functions.triage.second_reads import composition
from functions.triage.second_reads.bedrock import SecondReaderError
from functions.triage.second_reads.reading import Done, SecondReadDesk

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext

COUNTED = {
    ReadOutcome.READ: "SecondReadsDone",
    ReadOutcome.REFUSED: "SecondReadsUnusable",
    ReadOutcome.UNUSABLE: "SecondReadsUnusable",
    ReadOutcome.CAPPED: "SecondReadsCapped",
    ReadOutcome.LATE: "SecondReadsLate",
}


def read_again(
    event: dict[str, Any], context: LambdaContext, desk: SecondReadDesk
) -> PartialItemFailureResponse:
    """Read each contact of the batch; the answer names those that SQS must deliver again."""
    done: list[Done] = []
    unanswered: list[str] = []

    def read(record: SQSRecord) -> None:
        try:
            done.append(desk.read(pointer_of(record.body)))
        except SecondReaderError as error:
            unanswered.append(str(error))
            raise

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    answer = process_partial_response(event, read, processor, context)
    failures = Counter(kind.__name__ if kind else "unknown" for kind, *_ in processor.exceptions)
    count_faults(kind for kind, *_ in processor.exceptions)
    nudged = _nudge(desk, done)
    outcomes = Counter(one.outcome for one in done if one.outcome)
    for outcome, number in outcomes.items():
        if outcome in COUNTED:
            count(COUNTED[outcome], number)
    raised = sum(one.raised for one in done)
    count("SecondReadsRaised", raised)
    count("SecondReadsUnanswered", len(unanswered))
    wanted = len(unanswered) + sum(number for outcome, number in outcomes.items() if outcome in COUNTED)
    if wanted:
        gauge("SecondReaderSilent", int(not outcomes[ReadOutcome.READ]))
    logger.info(
        "contacts read again",
        outcomes={outcome.value: number for outcome, number in outcomes.items()},
        raised=raised,
        unanswered=dict(Counter(unanswered)),
        failures=dict(failures),
        nudged=nudged,
    )
    return answer


def _nudge(desk: SecondReadDesk, done: list[Done]) -> bool:
    """Tell notify; the table is the truth, so a lost nudge costs a minute of the sweep's."""
    nudges = [nudge for one in done for nudge in one.nudges]
    try:
        desk.nudges.send(nudges)
    except QueueRefusedError:
        count("NudgesLost", len(nudges))
        return False
    return True


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """One batch."""
    return read_again(event, context, composition.second_read_desk())


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.second_read_desk()
