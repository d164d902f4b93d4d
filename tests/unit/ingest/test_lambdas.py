"""The Lambdas of ingest as they are deployed: built from their environment, one log line each, every call counted."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from moto import mock_aws

from contact_desk.errors import MissingSettingError
from contact_desk.pointers import replay_message
from contact_desk.stores import aws_clients
from functions.ingest import composition, handler, replay
from tests.builders import (
    APP_SECRET,
    AUTH_TOKEN,
    CONSUMER_SECRET,
    PUBLIC_URL,
    VERIFY_TOKEN,
    LambdaContext,
    comment,
    echo,
    feed_delivery,
    http_event,
    message,
    messenger_delivery,
    meta_event,
    sqs_event,
)
from tests.lambda_output import WrittenOutput, written_output

CANARY = "canary-in-a-coal-mine"


@dataclass(frozen=True)
class Account:
    """An AWS account of moto's with everything that ingest's environment names."""

    calls: Counter[str] = field(default_factory=Counter)

    def client(self, service: str) -> Any:
        make_client: Any = boto3.client
        return make_client(service)

    def bodies(self, queue: str) -> list[str]:
        """Everything that waits in a queue; it is not given out again."""
        sqs = self.client("sqs")
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        found: list[str] = []
        while received := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            found += [message["Body"] for message in received]
        return found


@pytest.fixture(scope="module")
def built() -> Iterator[Account]:
    """The account, and ingest built in it once, as in a Lambda that stays warm."""
    with mock_aws(), pytest.MonkeyPatch.context() as environment:
        account = Account()
        location: Any = {"LocationConstraint": "eu-west-2"}
        account.client("s3").create_bucket(Bucket="archive", CreateBucketConfiguration=location)
        sqs, secrets = account.client("sqs"), account.client("secretsmanager")
        for name in ("private_contacts", "public_contacts", "confirmations"):
            environment.setenv(f"{name.upper()}_QUEUE_URL", sqs.create_queue(QueueName=name)["QueueUrl"])
        arns = {
            name: secrets.create_secret(Name=name, SecretString=json.dumps(secret))["ARN"]
            for name, secret in (
                ("meta", {"app_secret": APP_SECRET, "verify_token": VERIFY_TOKEN}),
                ("x", {"consumer_secret": CONSUMER_SECRET}),
                ("sms", {"auth_token": AUTH_TOKEN}),
            )
        }
        environment.setenv("WEBHOOK_SECRET_ARNS", json.dumps(arns))
        environment.setenv("PUBLIC_URL", PUBLIC_URL)
        environment.setenv("FORCE_FILE", "forces/merseyside.toml")
        environment.setenv("ARCHIVE_BUCKET_NAME", "archive")
        account.client("ssm").put_parameter(Name="hold", Value="none", Type="String")
        environment.setenv("HOLD_PARAMETER_NAME", "hold")
        for made_by in ("s3_client", "sqs_client", "secrets_client", "ssm_client"):
            environment.setattr(composition, made_by, _counting(getattr(aws_clients, made_by), account.calls))
        composition.webhooks()
        composition.replays()
        yield account
        _forget()


@pytest.fixture
def account(built: Account) -> Account:
    """The account before a test's first call."""
    built.calls.clear()
    return built


@pytest.fixture
def anew(account: Account) -> Iterator[Account]:
    """The account with ingest not built yet."""
    _forget()
    yield account
    _forget()


def _forget() -> None:
    composition.webhooks.cache_clear()
    composition.replays.cache_clear()


def _counting(make_client: Any, calls: Counter[str]) -> Any:
    def make_counting_client() -> Any:
        client = make_client()
        client.meta.events.register("before-call", lambda model, **_: calls.update([model.name]))
        return client

    return make_counting_client


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str]) -> Iterator[WrittenOutput]:
    with written_output(capsys) as output:
        yield output


def test_a_delivery_costs_one_put_and_a_tenth_of_a_call_for_each_contact(account: Account) -> None:
    handler.handle(
        meta_event(messenger_delivery(*(message(mid=f"m_{number}") for number in range(25)))), LambdaContext()
    )
    assert account.calls == {"PutObject": 1, "SendMessageBatch": 3}

    account.calls.clear()
    handler.handle(meta_event(messenger_delivery(echo())), LambdaContext())
    assert account.calls == {"PutObject": 1, "SendMessageBatch": 1}

    account.calls.clear()
    handler.handle(meta_event(messenger_delivery(message()), app_secret="another"), LambdaContext())
    assert account.calls == {"GetParameter": 1, "PutObject": 1}  # is it on hold, and the parked copy


def test_the_secrets_are_read_in_init(anew: Account) -> None:
    composition.webhooks()

    assert anew.calls == {"GetSecretValue": 6}  # three secrets, each with its previous version asked for


def test_a_secret_that_cannot_be_read_in_init_is_a_503_and_not_a_crash(
    anew: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    arns = json.loads(os.environ["WEBHOOK_SECRET_ARNS"])
    monkeypatch.setenv("WEBHOOK_SECRET_ARNS", json.dumps({**arns, "meta": "gone"}))
    composition.webhooks()

    assert handler.handle(meta_event(messenger_delivery(message())), LambdaContext())["statusCode"] == 503
    crc = http_event("GET", "/webhooks/x", query={"crc_token": "abc"})
    assert handler.handle(crc, LambdaContext())["statusCode"] == 200


def test_a_delivery_reaches_archive_and_queues_and_comes_back_by_replay(account: Account) -> None:
    for queue in ("private_contacts", "public_contacts"):
        account.bodies(queue)
    entries = [*messenger_delivery(message())["entry"], *feed_delivery(comment())["entry"]]
    assert (
        handler.handle(meta_event({"object": "page", "entry": entries}), LambdaContext())["statusCode"] == 200
    )
    (private,), (public,) = account.bodies("private_contacts"), account.bodies("public_contacts")

    account.calls.clear()
    key = json.loads(private)["archive_key"]
    response = replay.handle(sqs_event(replay_message(key)), LambdaContext())

    assert response == {"batchItemFailures": []}
    assert account.calls == {"GetObject": 1, "SendMessageBatch": 2}
    for queue, before in (("private_contacts", private), ("public_contacts", public)):
        (again,) = account.bodies(queue)
        assert {**json.loads(again), "received_at": None} == {**json.loads(before), "received_at": None}


@pytest.mark.parametrize(
    ("event", "status"),
    [
        (meta_event(messenger_delivery(message(CANARY), message(mid=f"{CANARY} "), echo(CANARY))), 200),
        (
            meta_event(
                feed_delivery(comment(CANARY, author={"id": "9", "name": CANARY}), comment(verb=CANARY))
            ),
            200,
        ),
        (meta_event(CANARY.encode()), 200),
        (meta_event(messenger_delivery(message(CANARY)), app_secret="another"), 401),
        (http_event("GET", "/webhooks/x", query={"crc_token": f"{CANARY}!"}), 400),
        (http_event("GET", "/webhooks/meta", query={"hub.verify_token": CANARY}), 403),
        (http_event("GET", f"/{CANARY}"), 404),
        (http_event("PUT", "/webhooks/meta", body=CANARY.encode()), 405),
    ],
)
def test_an_invocation_writes_one_log_line_without_a_persons_words(
    account: Account, output: WrittenOutput, event: dict[str, Any], status: int
) -> None:
    assert handler.handle(event, LambdaContext())["statusCode"] == status

    written = output()
    assert CANARY not in written.text
    assert [line["status"] for line in written.log_lines] == [status]


def test_a_fault_is_logged_by_its_code(
    anew: Account, output: WrittenOutput, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHIVE_BUCKET_NAME", "gone")
    assert (
        handler.handle(meta_event(messenger_delivery(message(CANARY))), LambdaContext())["statusCode"] == 503
    )

    written = output()
    assert CANARY not in written.text
    (line,) = written.log_lines
    assert (line["fault"], line["status"]) == ("ArchiveBusyError", 503)
    assert "NoSuchBucket" in line["cause"]
    assert any("RequestFaults" in metric for metric in written.metrics)


def test_each_reason_is_a_metric_of_its_own(account: Account, output: WrittenOutput) -> None:
    handler.handle(meta_event(feed_delivery(comment(item="like"), comment(verb="hide"))), LambdaContext())

    metrics = output().metrics
    ignored = {metric["reason"]: metric["DeliveriesIgnored"] for metric in metrics if "reason" in metric}
    assert ignored == {"reaction": [1.0], "moderation": [1.0]}
    definitions = [metric["_aws"]["CloudWatchMetrics"][0] for metric in metrics if "reason" in metric]
    assert all(definition["Namespace"] == "ContactDesk" for definition in definitions)


def test_a_replay_writes_one_log_line_of_counts(account: Account, output: WrittenOutput) -> None:
    replay.handle(sqs_event(replay_message("raw/2026/11/02/12/meta/gone.1"), CANARY), LambdaContext())

    written = output()
    assert CANARY not in written.text
    (line,) = written.log_lines
    assert line["failures"] == {"MalformedMessageError": 2}


def test_a_missing_setting_stops_the_start_and_is_named(
    anew: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CONFIRMATIONS_QUEUE_URL")

    with pytest.raises(MissingSettingError, match="CONFIRMATIONS_QUEUE_URL"):
        composition.webhooks()
