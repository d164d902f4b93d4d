"""The Lambda on queue `confirmations`: matches what platforms confirm to what was sent, at least once told."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from contact_desk import confirmations
from contact_desk.clock import Clock, SystemClock
from contact_desk.confirmations import Confirmation, ConfirmationKind
from contact_desk.contacts import Surface
from contact_desk.observability import count, count_faults, logger, metrics
from contact_desk.outbox import OutboxState
from contact_desk.ports import OutboxStore
from contact_desk.send_failures import SendFailure
from contact_desk.timeline import EntryKind, TimelineEntry
from functions.notify import composition, platform_answers, twilio_answers
from functions.notify.case_notes import CaseNotes
from functions.notify.platform_answers import WINDOW_CLOSED_CODES
from functions.notify.senders.look_up import SKEW
from functions.notify.troubles import Troubles

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse

# What each platform's numbers mean, which its answers use too.
NUMBERS: Mapping[str, Mapping[int, SendFailure]] = {
    "whatsapp": platform_answers.REJECTED_CODES,
    "sms": twilio_answers.REJECTED_CODES,
}


class Match(StrEnum):
    """What a confirmation was found to be about."""

    OURS = "ours"
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    NO_CASE = "no_case"
    DELIVERY_ONLY = "delivery_only"
    FAILURE_ONLY = "failure_only"
    NOT_DELIVERED = "not_delivered"


def match(
    confirmation: Confirmation, outbox: OutboxStore, notes: CaseNotes, troubles: Troubles, now: datetime
) -> Match:
    """Record what was confirmed; the same confirmation again changes nothing.

    An echo or delivery that carries the name of an item proves that it was sent, whatever its own worker has recorded
    so far; so does an echo of the very words that we sent, where the platform names nobody. Any other echo is an
    answer by another tool, noted on the case that the person's conversation is in now.
    """
    if confirmation.kind is ConfirmationKind.FAILURE:
        return _failed(confirmation, outbox, troubles, now)
    delivered = confirmation.kind is ConfirmationKind.DELIVERY
    ours = confirmation.metadata or (_known_by_id(confirmation, outbox) if delivered else None)
    if ours and outbox.confirm(ours, platform_id=confirmation.native_id, now=now):
        return Match.OURS
    if delivered:
        return Match.DELIVERY_ONLY
    if _known_by_words(confirmation, outbox, now):
        return Match.OURS
    case_id = _current_case(confirmation, notes)
    if case_id is None:
        return Match.NO_CASE
    notes.note(
        case_id,
        TimelineEntry(
            at=confirmation.occurred_at,
            kind=EntryKind.ANSWERED_ELSEWHERE,
            name=confirmation.native_id,
            by=confirmation.app_id,
        ),
    )
    return Match.ANSWERED_ELSEWHERE


def _failed(confirmation: Confirmation, outbox: OutboxStore, troubles: Troubles, now: datetime) -> Match:
    """The platform had taken it and now says that it did not arrive: a person is told, once, before it is recorded."""
    ours = confirmation.metadata or _known_by_id(confirmation, outbox)
    item = outbox.get(ours) if ours else None
    if item is None:
        return Match.FAILURE_ONLY
    if item.state is not OutboxState.FAILED and not item.resolved_by:
        troubles.send_failed(item, now)
        because = _because(confirmation)
        outbox.refute(item.outbox_id, failure=SendFailure.NOT_DELIVERED, because=because)
    return Match.NOT_DELIVERED


def _because(confirmation: Confirmation) -> SendFailure | None:
    """Why it did not arrive, by the platform's number; None where that says nothing that an operator could use."""
    if confirmation.error_code in WINDOW_CLOSED_CODES:
        return SendFailure.WINDOW_CLOSED
    return NUMBERS.get(confirmation.channel, {}).get(confirmation.error_code or 0)


def _known_by_id(confirmation: Confirmation, outbox: OutboxStore) -> str | None:
    """The item of ours that the platform names by its own name."""
    if confirmation.person is None:
        return None
    expected = outbox.expected_echo(
        confirmation.channel, confirmation.account, confirmation.person, confirmation.native_id
    )
    return expected.outbox_id if expected else None


def _known_by_words(confirmation: Confirmation, outbox: OutboxStore, now: datetime) -> bool:
    """Whether the very words were sent by us; an echo from before the newest try of them proves an older one."""
    if confirmation.person is None or confirmation.text_hash is None:
        return False
    expected = outbox.expected_echo(
        confirmation.channel, confirmation.account, confirmation.person, confirmation.text_hash
    )
    if expected is None:
        return False
    if confirmation.occurred_at >= expected.since - SKEW:
        outbox.confirm(expected.outbox_id, platform_id=confirmation.native_id, now=now)
    return True


def _current_case(confirmation: Confirmation, notes: CaseNotes) -> str | None:
    if confirmation.person is None:
        return None
    parts = (confirmation.channel, confirmation.account, confirmation.person, Surface.PRIVATE.value)
    conversation = notes.conversation("#".join(parts))
    return conversation.current.case_id if conversation and conversation.current else None


def confirm_batch(
    records: Sequence[dict[str, Any]],
    outbox: OutboxStore,
    notes: CaseNotes,
    troubles: Troubles,
    clock: Clock,
) -> PartialItemFailureResponse:
    """Match each record's confirmation; the answer names the records to be delivered again."""
    count("Confirmations", len(records))
    matches: Counter[Match] = Counter()

    def confirm(record: SQSRecord) -> None:
        matches[match(confirmations.from_message(record.body), outbox, notes, troubles, clock.now())] += 1

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    with processor(list(records), confirm):
        processor.process()
    count("OutboxConfirmed", matches[Match.OURS])
    count("OutboxNotDelivered", matches[Match.NOT_DELIVERED])
    count("AnsweredElsewhere", matches[Match.ANSWERED_ELSEWHERE])
    failures = Counter(str(kind.__name__) for kind, _, _ in processor.exceptions if kind)
    count_faults(kind for kind, _, _ in processor.exceptions)
    logger.info("confirmations matched", records=len(records), matches=dict(matches), failures=dict(failures))
    return processor.response()


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(event: dict[str, Any], _context: object) -> PartialItemFailureResponse:
    """One batch of confirmations."""
    return confirm_batch(event["Records"], *composition.confirmed(), SystemClock())


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.confirmed()
