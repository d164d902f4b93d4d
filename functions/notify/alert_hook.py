"""The Lambda of one web hook: takes alerts off the hook's own queue and tells the hook until it answers.

Each hook has a queue and a Lambda of its own, so that one that hangs holds up no other, and no emergency text.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from contact_desk.alerts import (
    OPERATOR_ALERTS,
    Alert,
    AlertEvent,
    AlertKind,
    AlertRank,
    account_alert_id,
    announcement,
    told_of,
)
from contact_desk.clock import to_rfc3339
from contact_desk.errors import MalformedMessageError, StoreError
from contact_desk.observability import count, logger, metrics
from contact_desk.operator_alert import OperatorAlert
from functions.notify import composition
from functions.notify.web_hook import HookAnswer

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.typing import LambdaContext

CALL_WITHIN = timedelta(seconds=8)
SPARE = timedelta(seconds=4)
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 15, 600
# So many calls without an answer, two minutes or so: then the desk is told that the hook is down.
DOWN_AFTER = 4


def tell_batch(
    records: Sequence[dict[str, Any]], desk: composition.HookDesk, time_left: Callable[[], timedelta]
) -> PartialItemFailureResponse:
    """Tell the hook each record's alert; what did not arrive is reported as failed, and rests for longer each time."""
    results: Counter[str] = Counter()
    failed: PartialItemFailureResponse = {"batchItemFailures": []}
    for record in records:
        tries = int(record["attributes"]["ApproximateReceiveCount"])
        result = "no_time" if time_left() < CALL_WITHIN + SPARE else _tell(record["body"], tries, desk)
        results[result] += 1
        if result in {HookAnswer.ARRIVED, HookAnswer.NOT_SET, "superseded", "unreadable"}:
            continue
        failed["batchItemFailures"].append({"itemIdentifier": record["messageId"]})
        desk.pause(record["receiptHandle"], pause_seconds(tries))
    count("AlertHookArrived", results[HookAnswer.ARRIVED])
    count("AlertHookFailed", len(failed["batchItemFailures"]))
    count("AlertHookNotSet", results[HookAnswer.NOT_SET])
    count("AlertHookUnreadable", results["unreadable"])
    logger.info("hook told", hook=desk.name, records=len(records), results=dict(results))
    return failed


def pause_seconds(tries: int) -> int:
    """How long a message rests after so many tries: 15 s, doubling, up to ten minutes."""
    return min(FIRST_PAUSE_SECONDS << min(max(tries - 1, 0), 10), LONGEST_PAUSE_SECONDS)


def _tell(body: str, tries: int, desk: composition.HookDesk) -> str:
    try:
        message = OperatorAlert.read(body)
    except MalformedMessageError:
        return "unreadable"
    try:
        alert = desk.alerts.get(message.alert_id)
    except StoreError:
        alert = None  # unknown whether it still is so: telling too much is the lesser harm
    else:
        if alert is None or not _still_so(alert, message):
            return "superseded"
    answer = desk.hook.tell(message, within=CALL_WITHIN)
    if answer not in {HookAnswer.ARRIVED, HookAnswer.NOT_SET} and tries >= DOWN_AFTER:
        _say_down(desk)
    return answer


def _still_so(alert: Alert, message: OperatorAlert) -> bool:
    """Whether it may still be told, and is not of an earlier opening."""
    return told_of(alert, message.event) and to_rfc3339(alert.opened_at) == message.opened_at


def _say_down(desk: composition.HookDesk) -> None:
    """Raise the alert that the hook is down: once while it stands, so that its own telling raises no other."""
    now, rank = desk.clock.now(), AlertRank.A2
    alert_id = account_alert_id(OPERATOR_ALERTS, desk.name, AlertKind.CHANNEL_DOWN)
    step = desk.ladder.next_nudge(0)
    alert = Alert(alert_id, rank, AlertKind.CHANNEL_DOWN, now, next_nudge_at=now + step if step else None)
    # One item an hour at the most: an alert that was acknowledged is not opened again at once.
    item = announcement(alert, AlertEvent.OPENED, cause=f"{alert_id}#{to_rfc3339(now)[:13]}", now=now)
    try:
        desk.alerts.raise_alert(alert, item)
    except StoreError:
        count("AlertHookDownUntold")  # the message stays in the queue, so the next try tells


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """One batch of alerts."""

    def time_left() -> timedelta:
        return timedelta(milliseconds=context.get_remaining_time_in_millis())

    return tell_batch(event["Records"], composition.alert_hook(), time_left)


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.alert_hook()
