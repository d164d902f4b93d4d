"""The triage Lambda: a batch of contacts from SQS, each on the desk once, whatever SQS delivers how often."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from contact_desk.contact_message import from_message
from contact_desk.contacts import Contact
from contact_desk.errors import ContactDeskError, QueueRefusedError
from contact_desk.intake import Nudge
from contact_desk.observability import count, count_each, count_faults, logger, metrics
from contact_desk.pointers import attachments_message
from contact_desk.second_reads import second_read_message
from functions.triage import composition
from functions.triage.desk import Taken, TriageDesk

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext

RESERVE_MILLISECONDS = 5_000
"""What one contact may need at worst; with less left the rest goes back, so that no neighbour dies with a slow one."""


class OutOfTimeError(ContactDeskError):
    """Too little of the invocation is left to begin another contact."""

    is_fault = False


def triage(event: dict[str, Any], context: LambdaContext, desk: TriageDesk) -> PartialItemFailureResponse:
    """Take each contact of the batch; the answer names those that SQS must deliver again."""
    taken: list[Taken] = []
    heard: list[Contact] = []

    def take(record: SQSRecord) -> None:
        if context.get_remaining_time_in_millis() < RESERVE_MILLISECONDS:
            raise OutOfTimeError
        contact = from_message(record.body)
        taken.append(desk.take(contact))
        if taken[-1].decision:
            heard.append(contact)

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    answer = process_partial_response(event, take, processor, context)
    failures = Counter(_name(error[0]) for error in processor.exceptions)
    count_faults(error[0] for error in processor.exceptions)
    desk.listener.hear(heard)
    nudged = _nudge(desk, [nudge for one in taken for nudge in one.nudges])
    uncopied = list(dict.fromkeys(name for one in taken for name in one.uncopied))
    copied, read_again = _have_copied(desk, uncopied), _have_read_again(desk, taken)
    _account_for(taken, heard, failures, nudged=nudged and copied and read_again)
    return answer


def _nudge(desk: TriageDesk, nudges: list[Nudge]) -> bool:
    """Tell notify; the table is the truth, so a lost nudge costs a minute of the sweep's and never the contact."""
    try:
        desk.nudges.send(nudges)
    except QueueRefusedError:
        count("NudgesLost", len(nudges))
        return False
    return True


def _have_copied(desk: TriageDesk, uncopied: list[str]) -> bool:
    """Tell of attachments to copy; as with nudges the table is the truth, and the sweep tells again."""
    try:
        desk.attachments.send([attachments_message(name) for name in uncopied])
    except QueueRefusedError:
        count("NudgesLost", len(uncopied))
        return False
    return True


def _have_read_again(desk: TriageDesk, taken: list[Taken]) -> bool:
    """Tell the second reader; the desk is whole without it, so what is lost here is counted and not told again."""
    pointers = list(dict.fromkeys(pointer for one in taken for pointer in one.to_read_again))
    if desk.second_reads is None or not pointers:
        return True
    try:
        desk.second_reads.send([second_read_message(pointer) for pointer in pointers])
    except QueueRefusedError:
        count("SecondReadsNotQueued", len(pointers))
        return False
    return True


def _account_for(taken: list[Taken], heard: list[Contact], failures: Counter[str], *, nudged: bool) -> None:
    decided = [one.decision for one in taken if one.decision]
    grades = Counter(decision.grade.value for decision in decided)
    count("ContactsAdmitted", len(decided))
    count_each("ContactsByChannel", "channel", Counter(contact.channel for contact in heard))
    canaries = Counter(one.canary for one in taken if one.canary)
    count("ContactDuplicates", len(taken) - len(decided) - canaries.total())
    count_each("CanariesSeen", "channel", canaries)
    count("ContactsFailed", failures.total())
    count("ContactsCaughtUp", sum(one.missed for one in taken))
    count("Emergencies", sum(decision.emergency for decision in decided))
    logger.info(
        "contacts triaged",
        admitted=len(decided),
        duplicates=len(taken) - len(decided) - canaries.total(),
        canaries=canaries.total(),
        grades=dict(grades),
        nudges=sum(len(one.nudges) for one in taken),
        with_attachments=sum(bool(one.uncopied) for one in taken),
        nudged=nudged,
        failures=dict(failures),
    )


def _name(kind: type[BaseException] | None) -> str:
    return kind.__name__ if kind else "unknown"


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """One batch."""
    return triage(event, context, composition.triage_desk())


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.triage_desk()
