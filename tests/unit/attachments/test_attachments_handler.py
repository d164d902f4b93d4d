"""A message from SQS: what goes back, and what is written down of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from contact_desk.attachments import CopyFailure, CopyState
from contact_desk.observability import metrics
from contact_desk.pointers import attachments_message
from functions.attachments import composition, handler
from tests.builders import LambdaContext, sqs_event
from tests.lambda_output import WrittenOutput, written_output
from tests.unit.attachments.test_copying import LINK, PICTURE_FILE, Answers, CopyDesk

CONTEXT: Any = LambdaContext(seconds_left=120)


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str]) -> Iterator[WrittenOutput]:
    with written_output(capsys) as output:
        yield output


def run(desk: CopyDesk, monkeypatch: pytest.MonkeyPatch, *bodies: str) -> list[str]:
    monkeypatch.setattr(composition, "copier", lambda: desk.copier)
    answer = handler.handle(sqs_event(*bodies), CONTEXT)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_a_record_is_worked_counted_and_told_without_its_link(
    monkeypatch: pytest.MonkeyPatch, output: WrittenOutput
) -> None:
    desk = CopyDesk(Answers(PICTURE_FILE))

    assert run(desk, monkeypatch, attachments_message(desk.name)) == []
    written = output()
    (line,) = written.log_lines
    assert line["states"] == {"kept": 1}
    assert desk.only.state is CopyState.KEPT
    assert [one["AttachmentsKept"] for one in written.metrics] == [[1.0]]
    assert LINK not in written.text


def test_a_refusal_is_counted_and_its_reason_told(
    monkeypatch: pytest.MonkeyPatch, output: WrittenOutput
) -> None:
    desk = CopyDesk(Answers(CopyFailure.HOST_NOT_ALLOWED))
    run(desk, monkeypatch, attachments_message(desk.name))
    metrics.flush_metrics()
    written = output()

    assert written.log_lines[0]["reasons"] == {"host_not_allowed": 1}
    assert [one["AttachmentsRefused"] for one in written.metrics] == [[1.0]]


def test_a_message_told_twice_is_done_once(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = CopyDesk(Answers(PICTURE_FILE))

    assert run(desk, monkeypatch, *[attachments_message(desk.name)] * 2) == []
    assert len(desk.source.asked) == 1


def test_what_nobody_can_read_goes_back(monkeypatch: pytest.MonkeyPatch, output: WrittenOutput) -> None:
    desk = CopyDesk(Answers(PICTURE_FILE))

    failed = run(
        desk, monkeypatch, "not json", attachments_message(desk.name), '{"v":9,"attachments_id":"a"}'
    )
    assert failed == ["message-0", "message-2"]
    assert output().log_lines[0]["failures"] == {"MalformedMessageError": 1, "NewerMessageError": 1}


def test_composition_builds_a_source_for_each_channel_that_sends_files(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {
        "TABLE_NAME": "desk",
        "EVIDENCE_BUCKET_NAME": "evidence",
        "META_MEDIA_SECRET_ARN": "arn:meta",
        "SMS_MEDIA_SECRET_ARN": "arn:sms",
        "GRAPH_API_URL": "https://graph.facebook.com/v26.0",
        "STAND_IN_HOST": "none",
    }.items():
        monkeypatch.setenv(name, value)
    composition.copier.cache_clear()
    try:
        copier = composition.copier()

        assert copier is composition.copier()
        assert set(copier.sources) == {"messenger", "facebook_page", "instagram", "whatsapp", "x", "sms"}
    finally:
        composition.copier.cache_clear()
