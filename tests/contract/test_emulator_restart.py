"""What the emulator holds survives a clean stop, and what a killed one leaves lying about does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from local import processes as local_processes
from local.addresses import REGION, Addresses
from local.deploy import EmulatedAccount
from local.emulator.service import NAME, emulator_service
from local.processes import LocalProcessError, Processes


@pytest.fixture
def addresses(tmp_path: Path) -> Addresses:
    return Addresses.on_free_ports(tmp_path)


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    processes = Processes(tmp_path)
    yield processes
    processes.stop(NAME)


def test_records_messages_objects_and_secrets_survive_a_restart(
    addresses: Addresses, processes: Processes
) -> None:
    service = emulator_service(addresses, enforce_iam=True, environ={})
    account = EmulatedAccount(addresses.emulator_url)
    processes.start(service)
    key = {"AttributeName": "pk", "AttributeType": "S"}
    account.client("dynamodb").create_table(
        TableName="desk",
        AttributeDefinitions=[key],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    account.client("dynamodb").put_item(TableName="desk", Item={"pk": {"S": "a case"}})
    queue_url = account.client("sqs").create_queue(QueueName="outbox")["QueueUrl"]
    account.client("sqs").send_message(QueueUrl=queue_url, MessageBody="a nudge")
    place = {"LocationConstraint": REGION}
    account.client("s3").create_bucket(Bucket="archive", CreateBucketConfiguration=place)
    account.client("s3").put_object(Bucket="archive", Key="raw/1", Body=b"\xff\x00 bytes")
    account.client("secretsmanager").create_secret(Name="meta", SecretString="{}")

    assert processes.stop(NAME)
    processes.start(service)

    item = account.client("dynamodb").get_item(TableName="desk", Key={"pk": {"S": "a case"}})
    assert item["Item"] == {"pk": {"S": "a case"}}
    [message] = account.client("sqs").receive_message(QueueUrl=queue_url)["Messages"]
    assert message["Body"] == "a nudge"
    assert account.client("s3").get_object(Bucket="archive", Key="raw/1")["Body"].read() == b"\xff\x00 bytes"
    assert account.client("secretsmanager").get_secret_value(SecretId="meta")["SecretString"] == "{}"


def test_a_killed_emulator_starts_again_without_what_it_left(
    addresses: Addresses, processes: Processes
) -> None:
    service = emulator_service(addresses, enforce_iam=True, environ={})
    host = processes.start(service)
    left = addresses.home / "emulator" / "tmp" / "left-behind"
    left.touch()
    host.kill()
    host.wait()

    again = processes.start(service)

    assert again != host
    assert not left.exists()


def test_an_answer_of_somebody_elses_server_is_not_taken_for_ours(
    addresses: Addresses, processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = emulator_service(addresses, enforce_iam=True, environ={})
    theirs = Processes(addresses.home / "theirs")
    others = replace(addresses, home=theirs.home)
    theirs.start(emulator_service(others, enforce_iam=True, environ={}))
    # As if theirs had started between our look at the port and our start.
    before = iter([False])
    answers = local_processes._answers
    monkeypatch.setattr(
        local_processes, "_answers", lambda url: next(before, None) is not False and answers(url)
    )
    try:
        with pytest.raises(LocalProcessError, match="ended at once"):
            processes.start(service)
        assert processes.find(NAME) is None
    finally:
        theirs.stop(NAME)
