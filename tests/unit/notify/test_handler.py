"""Batches: each record answers for itself, and alerts go first."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from typing import Any

import pytest

from contact_desk.errors import StoreBusyError
from contact_desk.observability import logger
from contact_desk.outbox import OutboxItem, OutboxKind, OutboxState
from contact_desk.pointers import nudge_message
from contact_desk.send_failures import SendFailure
from functions.notify import composition
from functions.notify.handler import alerts_first, handle, send_batch
from functions.notify.platform_answers import CredentialsRefused, UnknownEffect
from local.twins.in_memory_platform import Mishap
from tests.builders import LambdaContext, outbox_item, sqs_event
from tests.unit.notify.send_desk import SendDesk

REPLY, OTHER = outbox_item(), outbox_item(cause="other")
ALERT = outbox_item(OutboxKind.OPERATOR_ALERT, text="opened", urgent=True)


def batch(*items: OutboxItem | str) -> list[dict[str, Any]]:
    bodies = [item if isinstance(item, str) else nudge_message(item.outbox_id) for item in items]
    records: list[dict[str, Any]] = sqs_event(*bodies)["Records"]
    return records


def send(desk: SendDesk, *items: OutboxItem | str) -> list[str]:
    response = send_batch(batch(*items), desk.dispatcher, desk.invocation())
    return [str(failure["itemIdentifier"]) for failure in response["batchItemFailures"]]


def test_every_item_of_a_batch_is_sent_and_a_second_nudge_sends_nothing() -> None:
    desk = SendDesk((REPLY, OTHER))

    assert send(desk, REPLY, OTHER, REPLY) == []
    assert send(desk, REPLY) == []
    assert (desk.seen(REPLY), desk.seen(OTHER)) == (1, 1)


def test_what_cannot_be_read_goes_back_to_the_queue_alone() -> None:
    desk = SendDesk((REPLY,))

    assert send(desk, "{", REPLY, json.dumps({"v": 2, "outbox_id": REPLY.outbox_id})) == [
        "message-0",
        "message-2",
    ]
    assert desk.seen() == 1


def test_a_nudge_for_what_is_not_there_is_let_go() -> None:
    assert send(SendDesk((REPLY,)), nudge_message("nothing")) == []


def test_what_there_is_no_time_for_goes_back_to_the_queue_untouched() -> None:
    desk = SendDesk((REPLY, OTHER))

    def take_all_the_time() -> None:
        desk.time_left = timedelta(seconds=6)

    desk.platform.mishaps.append(Mishap(UnknownEffect(SendFailure.NO_ANSWER), meanwhile=take_all_the_time))

    assert send(desk, REPLY, OTHER) == ["message-1"]
    assert desk.records.outbox[OTHER.outbox_id] == OTHER


def test_a_busy_table_sends_only_its_own_record_back(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = SendDesk((REPLY, OTHER))
    claim = desk.outbox.claim

    def busy_once(outbox_id: str, **named: Any) -> OutboxItem | None:
        if outbox_id == REPLY.outbox_id:
            raise StoreBusyError("ThrottlingException")
        return claim(outbox_id, **named)

    monkeypatch.setattr(desk.outbox, "claim", busy_once)

    assert send(desk, REPLY, OTHER) == ["message-0"]
    assert desk.records.outbox[OTHER.outbox_id].state is OutboxState.SENT


def test_operators_are_called_before_a_platform_can_hang() -> None:
    desk = SendDesk((REPLY, OTHER, ALERT))
    called: list[int] = []
    desk.platform.mishaps.append(
        Mishap(UnknownEffect(SendFailure.NO_ANSWER), meanwhile=lambda: called.append(len(desk.topic.visible)))
    )

    send(desk, REPLY, OTHER, ALERT)

    assert called == [1]


def test_the_order_is_a_courtesy_that_a_busy_table_does_not_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = SendDesk((REPLY, ALERT))

    def busy(_: str) -> None:
        raise StoreBusyError("ThrottlingException")

    monkeypatch.setattr(desk.outbox, "get", busy)
    records = batch(REPLY, "{", ALERT)

    assert list(alerts_first(records, desk.outbox)) == records


def test_an_invocation_logs_one_line_of_ids_and_outcomes_and_no_one_s_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = SendDesk((outbox_item(text="canary in the coal mine", target="canary person"), OTHER))
    handler: Any = logger.registered_handler
    monkeypatch.setattr(handler, "stream", sys.stdout)

    send(desk, desk.items[0], "{", OTHER, OTHER)

    counted, line = capsys.readouterr().out.splitlines()
    assert '"Faults"' in counted
    logged = json.loads(line)
    assert logged["records"] == 4
    assert logged["items"] == {desk.items[0].outbox_id: "sent", OTHER.outbox_id: "sent"}
    assert logged["failures"] == {"MalformedMessageError": 1}
    assert "canary" not in line


def test_the_lambda_gives_its_dispatcher_the_time_that_it_has_left(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = SendDesk((REPLY, OTHER))
    monkeypatch.setattr(composition, "dispatcher", lambda: desk.dispatcher)
    nudge = sqs_event(nudge_message(REPLY.outbox_id))

    assert handle(nudge, a_context(11.9)) == {"batchItemFailures": [{"itemIdentifier": "message-0"}]}
    assert desk.item == REPLY
    assert handle(nudge, a_context(12.1)) == {"batchItemFailures": []}
    assert desk.seen() == 1
    assert handle(nudge, a_context(12.1)) == {"batchItemFailures": []}


def a_context(seconds_left: float) -> Any:
    return LambdaContext(seconds_left=seconds_left)


def test_operators_are_called_to_a_trouble_in_the_invocation_that_met_it() -> None:
    desk = SendDesk((REPLY,))
    desk.platform.mishaps.append(Mishap(CredentialsRefused()))

    assert send(desk, REPLY) == []

    (called,) = [item for item in desk.records.outbox.values() if item.kind is OutboxKind.OPERATOR_ALERT]
    assert called.state is OutboxState.SENT
    assert [shown.outbox_id for shown in desk.topic.visible] == [called.outbox_id]


def test_without_time_to_call_them_the_sweep_does() -> None:
    desk = SendDesk((REPLY,))

    def time_goes_by() -> None:
        desk.time_left = timedelta(seconds=1)

    desk.platform.mishaps.append(Mishap(CredentialsRefused(), meanwhile=time_goes_by))
    assert send(desk, REPLY) == []
    assert not desk.topic.visible

    desk.time_left = timedelta(seconds=30)
    desk.sweep()
    assert len(desk.topic.visible) == 1
