"""The Lambda of the report form as it is deployed: built from its environment, one log line, every call counted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from functions.report import composition, handler
from tests.builders import LambdaContext, http_event, report
from tests.lambda_output import WrittenOutput, written_output

CANARY = "canary-in-a-coal-mine"


@pytest.fixture
def queue_url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with mock_aws():
        location: Any = {"LocationConstraint": "eu-west-2"}
        boto3.client("s3").create_bucket(Bucket="archive", CreateBucketConfiguration=location)
        url = boto3.client("sqs").create_queue(QueueName="private")["QueueUrl"]
        monkeypatch.setenv("FORCE_FILE", "forces/example.toml")
        monkeypatch.setenv("ARCHIVE_BUCKET_NAME", "archive")
        monkeypatch.setenv("PRIVATE_CONTACTS_QUEUE_URL", url)
        seal = boto3.client("secretsmanager").create_secret(Name="seal", SecretString='{"key": "k"}')
        monkeypatch.setenv("FORM_SEAL_SECRET_ARN", seal["ARN"])
        composition.reports.cache_clear()
        yield url
        composition.reports.cache_clear()


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str]) -> Iterator[WrittenOutput]:
    with written_output(capsys) as output:
        yield output


def test_a_report_reaches_archive_and_queue_in_one_call_each(queue_url: str, output: WrittenOutput) -> None:
    answer = handler.handle(
        http_event("POST", "/reports", body=report(what=CANARY, name=CANARY)), LambdaContext()
    )

    assert answer["statusCode"] == 201
    (kept,) = boto3.client("s3").list_objects_v2(Bucket="archive")["Contents"]
    (queued,) = boto3.client("sqs").receive_message(QueueUrl=queue_url)["Messages"]
    contact = json.loads(queued["Body"])
    assert (contact["archive_key"], contact["text"]) == (kept["Key"], CANARY)
    written = output()
    assert CANARY not in written.text
    (line,) = written.log_lines
    assert (line["status"], line["route"], line["archive_key"]) == (201, "/reports", kept["Key"])


@pytest.mark.parametrize("body", [report(name=[CANARY], **{CANARY: 1}), CANARY.encode()])
def test_a_refused_report_is_not_in_the_log(
    queue_url: str, output: WrittenOutput, body: dict[str, Any] | bytes
) -> None:
    assert handler.handle(http_event("POST", "/reports", body=body), LambdaContext())["statusCode"] in {
        400,
        422,
    }

    assert CANARY not in output().text


def test_health_is_answered(queue_url: str) -> None:
    assert handler.handle(http_event("GET", "/health"), LambdaContext())["statusCode"] == 200
