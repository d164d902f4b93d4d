"""What S3, SQS and Secrets Manager do on a bad day, which no stand-in of AWS can be made to do."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError
from botocore.response import StreamingBody
from botocore.stub import ANY, Stubber

from contact_desk.contacts import Surface
from contact_desk.errors import ArchiveBusyError, QueueRefusedError, SecretUnavailableError
from contact_desk.stores.archive import S3Archive, S3ArchiveReader, S3Evidence
from contact_desk.stores.queues import BATCH_BYTES, SqsContactQueue, SqsPointerQueue, batches
from contact_desk.stores.secrets import SecretsManagerSecret
from local.twins.held_still import NOON, FrozenClock
from tests.builders import contact

QUEUE = "https://sqs.eu-west-2.amazonaws.com/000000000000/a-queue"


@contextmanager
def stubbed(service: str) -> Iterator[tuple[Any, Stubber]]:
    make_client: Any = boto3.client
    client = make_client(service)
    with Stubber(client) as stubber:
        yield client, stubber
        stubber.assert_no_pending_responses()


def fail(operation: str, stubber: Stubber, code: str, status: int) -> None:
    stubber.add_client_error(operation, service_error_code=code, http_status_code=status)


def silent(service: str) -> Any:
    """A client that waits in vain for the service."""

    def hang(**_: Any) -> None:
        raise ReadTimeoutError(endpoint_url="https://example.org/")

    make_client: Any = boto3.client
    client = make_client(service)
    client.meta.events.register("before-call", hang)
    return client


# The archive

Put = Callable[[Any], None]


def archive(client: Any) -> None:
    S3Archive(client, "archive").put("raw/a", b"bytes")


def evidence(client: Any) -> None:
    S3Evidence(client, "evidence").put("raw/a", "text")


@pytest.mark.parametrize("put", [archive, evidence])
def test_an_object_that_is_there_already_is_kept(put: Put) -> None:
    with stubbed("s3") as (client, s3):
        fail("put_object", s3, "PreconditionFailed", 412)
        put(client)


@pytest.mark.parametrize("put", [archive, evidence])
def test_two_writers_at_once_are_tried_once_more(put: Put) -> None:
    with stubbed("s3") as (client, s3):
        fail("put_object", s3, "ConditionalRequestConflict", 409)
        s3.add_response(
            "put_object",
            {},
            {"Bucket": ANY, "Key": "raw/a", "Body": ANY, "ContentType": ANY, "IfNoneMatch": "*"},
        )
        put(client)


@pytest.mark.parametrize("put", [archive, evidence])
def test_two_writers_at_once_twice_over_prove_nothing(put: Put) -> None:
    with stubbed("s3") as (client, s3):
        fail("put_object", s3, "ConditionalRequestConflict", 409)
        fail("put_object", s3, "ConditionalRequestConflict", 409)
        with pytest.raises(ArchiveBusyError, match="ConditionalRequestConflict"):
            put(client)


@pytest.mark.parametrize(
    ("code", "status"), [("SlowDown", 503), ("AccessDenied", 403), ("KMS.DisabledException", 400)]
)
@pytest.mark.parametrize("put", [archive, evidence])
def test_any_other_refusal_is_final(put: Put, code: str, status: int) -> None:
    with stubbed("s3") as (client, s3):
        fail("put_object", s3, code, status)
        with pytest.raises(ArchiveBusyError, match=code):
            put(client)


@pytest.mark.parametrize("put", [archive, evidence])
def test_an_archive_that_does_not_answer_has_kept_nothing(put: Put) -> None:
    with pytest.raises(ArchiveBusyError, match="ReadTimeoutError"):
        put(silent("s3"))


def test_an_archive_that_cannot_be_read_says_so() -> None:
    with stubbed("s3") as (client, s3):
        fail("get_object", s3, "SlowDown", 503)
        with pytest.raises(ArchiveBusyError):
            S3ArchiveReader(client, "archive").get("raw/a")
        fail("list_objects_v2", s3, "AccessDenied", 403)
        with pytest.raises(ArchiveBusyError):
            list(S3ArchiveReader(client, "archive").keys("raw/"))


def test_a_body_that_breaks_off_says_so() -> None:
    with stubbed("s3") as (client, s3):
        body = StreamingBody(io.BytesIO(b"half"), content_length=8)
        s3.add_response("get_object", {"Body": body, "LastModified": NOON})
        with pytest.raises(ArchiveBusyError, match="IncompleteReadError"):
            S3ArchiveReader(client, "archive").get("raw/a")


# The queues


def entries(*positions: int) -> dict[str, Any]:
    return {
        "QueueUrl": QUEUE,
        "Entries": [{"Id": str(number), "MessageBody": f"body {number}"} for number in positions],
    }


def outcome(*, taken: tuple[int, ...] = (), refused: tuple[int, ...] = ()) -> dict[str, Any]:
    return {
        "Successful": [{"Id": str(number), "MessageId": "m", "MD5OfMessageBody": "0"} for number in taken],
        "Failed": [{"Id": str(number), "SenderFault": False, "Code": "InternalError"} for number in refused],
    }


def test_what_a_queue_refused_of_a_batch_is_sent_again_and_only_that() -> None:
    with stubbed("sqs") as (client, sqs):
        sqs.add_response("send_message_batch", outcome(taken=(0, 2), refused=(1,)), entries(0, 1, 2))
        sqs.add_response("send_message_batch", outcome(taken=(1,)), entries(1))
        SqsPointerQueue(client, QUEUE).send(["body 0", "body 1", "body 2"])


@pytest.mark.parametrize("second", [outcome(refused=(1,)), outcome()], ids=["refused", "not told"])
def test_what_a_queue_does_not_say_it_took_is_not_queued(second: dict[str, Any]) -> None:
    with stubbed("sqs") as (client, sqs):
        sqs.add_response("send_message_batch", outcome(taken=(0,), refused=(1,)), entries(0, 1))
        sqs.add_response("send_message_batch", second, entries(1))
        with pytest.raises(QueueRefusedError, match="1 of 2"):
            SqsPointerQueue(client, QUEUE).send(["body 0", "body 1"])


def test_after_a_refusal_nothing_more_is_sent() -> None:
    """The message that closes a delivery must not overtake one that was refused."""
    with stubbed("sqs") as (client, sqs):
        fail("send_message_batch", sqs, "AWS.SimpleQueueService.TooManyEntriesInBatchRequest", 400)
        with pytest.raises(QueueRefusedError, match="TooManyEntries"):
            SqsPointerQueue(client, QUEUE).send([f"body {number}" for number in range(25)])


def test_a_queue_that_does_not_answer_has_taken_nothing() -> None:
    with pytest.raises(QueueRefusedError, match="ReadTimeoutError"):
        SqsPointerQueue(silent("sqs"), QUEUE).send(["body"])


def test_a_contact_whose_surface_has_no_queue_is_refused_before_any_is_sent() -> None:
    with stubbed("sqs") as (client, _), pytest.raises(QueueRefusedError, match="public"):
        SqsContactQueue(client, {Surface.PRIVATE: QUEUE}).send([contact(channel="facebook_page")])


@pytest.mark.parametrize(
    ("sizes", "lengths"),
    [
        ([1] * 10, [10]),
        ([1] * 11, [10, 1]),
        ([BATCH_BYTES], [1]),
        ([BATCH_BYTES, 1], [1, 1]),
        ([BATCH_BYTES // 2] * 4, [2, 2]),
        ([BATCH_BYTES // 2 + 1] * 3, [1, 1, 1]),
        ([], []),
    ],
)
def test_calls_hold_ten_messages_and_a_mebibyte(sizes: list[int], lengths: list[int]) -> None:
    assert [len(batch) for batch in batches("x" * size for size in sizes)] == lengths


def test_a_message_is_measured_in_bytes() -> None:
    with pytest.raises(QueueRefusedError, match="larger"):
        list(batches(["é" * (BATCH_BYTES // 2 + 1)]))


# The secrets


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


def read(secrets: Stubber, stage: str, value: Any) -> None:
    secrets.add_response(
        "get_secret_value",
        {"SecretString": value if isinstance(value, str) else json.dumps(value)},
        {"SecretId": "meta", "VersionStage": stage},
    )


def read_both(secrets: Stubber, current: Any, previous: Any = None) -> None:
    read(secrets, "AWSCURRENT", current)
    if previous is None:
        fail("get_secret_value", secrets, "ResourceNotFoundException", 400)
    else:
        read(secrets, "AWSPREVIOUS", previous)


def test_a_secret_is_read_once_while_its_copy_is_fresh(clock: FrozenClock) -> None:
    with stubbed("secretsmanager") as (client, secrets):
        secret = SecretsManagerSecret(client, "meta", clock)
        read_both(secrets, {"key": "new"}, {"key": "old"})
        assert [secret.versions() for _ in range(2)] == [({"key": "new"}, {"key": "old"})] * 2

        clock.advance(minutes=5)
        read_both(secrets, {"key": "newest"}, {"key": "new"})
        assert secret.versions() == ({"key": "newest"}, {"key": "new"})


def test_a_copy_is_read_again_for_whoever_wants_it_younger(clock: FrozenClock) -> None:
    with stubbed("secretsmanager") as (client, secrets):
        secret = SecretsManagerSecret(client, "meta", clock)
        read_both(secrets, {"key": "old"})
        assert secret.versions() == ({"key": "old"},)
        clock.advance(seconds=29)
        assert secret.versions(max_age=timedelta(seconds=30)) == ({"key": "old"},)

        clock.advance(seconds=1)
        read_both(secrets, {"key": "new"}, {"key": "old"})
        assert secret.versions(max_age=timedelta(seconds=30)) == ({"key": "new"}, {"key": "old"})


def test_a_copy_serves_for_an_hour_while_the_secret_cannot_be_read(clock: FrozenClock) -> None:
    with stubbed("secretsmanager") as (client, secrets):
        secret = SecretsManagerSecret(client, "meta", clock)
        read_both(secrets, {"key": "old"})
        secret.versions()

        for _ in range(4):
            clock.advance(minutes=15)
            fail("get_secret_value", secrets, "InternalServiceError", 500)
            assert secret.versions() == ({"key": "old"},)
            clock.advance(seconds=0)
            assert secret.versions() == ({"key": "old"},)  # and it is not asked at each request

        clock.advance(seconds=15)
        fail("get_secret_value", secrets, "InternalServiceError", 500)
        with pytest.raises(SecretUnavailableError, match="InternalServiceError"):
            secret.versions()
        clock.advance(seconds=5)
        with pytest.raises(SecretUnavailableError):
            secret.versions()


def test_a_secret_that_was_never_read_is_asked_for_at_each_request(clock: FrozenClock) -> None:
    with stubbed("secretsmanager") as (client, secrets):
        secret = SecretsManagerSecret(client, "meta", clock)
        fail("get_secret_value", secrets, "AccessDeniedException", 400)
        with pytest.raises(SecretUnavailableError, match="AccessDenied"):
            secret.versions()

        read_both(secrets, {"key": "new"})
        assert secret.versions() == ({"key": "new"},)


@pytest.mark.parametrize("value", ["not json", "[]", "7"])
def test_a_secret_that_is_no_json_object_is_unavailable(clock: FrozenClock, value: str) -> None:
    with stubbed("secretsmanager") as (client, secrets):
        read(secrets, "AWSCURRENT", value)
        with pytest.raises(SecretUnavailableError):
            SecretsManagerSecret(client, "meta", clock).versions()


def test_a_secret_that_times_out_is_unavailable(clock: FrozenClock) -> None:
    with pytest.raises(SecretUnavailableError, match="ReadTimeoutError"):
        SecretsManagerSecret(silent("secretsmanager"), "meta", clock).versions()
