"""The AWS side of a desk, on moto: table, buckets, queues with their dead-letter queues, topic and secrets."""

from __future__ import annotations

import copy
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import boto3
import botocore.session
from moto import mock_aws
from moto.backends import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table

from contact_desk.clock import Clock
from tests.builders import APP_ID, APP_SECRET, CONSUMER_SECRET, VERIFY_TOKEN
from tests.quick_aws import quick_aws
from tests.simulation.faults import Injector
from tests.simulation.files_in_process import STAND_IN_HOST
from tests.simulation.graph_in_process import GRAPH_API_URL, X_API_URL, X_KEYS
from tests.table import create_table

REGION = "eu-west-2"
TABLE, ARCHIVE, EVIDENCE, PAGES, AUDIT = "desk", "archive", "evidence", "pages", "audit"
WORK_QUEUES = (
    "private_contacts",
    "public_contacts",
    "replays",
    "confirmations",
    "outbox_urgent",
    "outbox",
    "attachments",
)
OPERATOR_ALERTS = "operator_alerts"
HOLD, CURSORS = "hold", "cursors"
# Plays the duty inspector's telephone, with the filter that the stack gives it.
TELEPHONE, TELEPHONE_HEARS = "telephone", {"rank": ["A1"], "routes": ["sms"]}
MAX_RECEIVES = 8

SECRETS = {
    "meta": {"app_secret": APP_SECRET, "verify_token": VERIFY_TOKEN, "app_id": APP_ID},
    "x": {"consumer_secret": CONSUMER_SECRET},
}


class AwsInProcess:
    """Everything the stack would deploy that is not code. `client` is for the test's own hands, never watched."""

    def __init__(self, page_tokens: dict[str, str], injector: Injector) -> None:
        self._page_tokens = page_tokens
        self._session = botocore.session.get_session()
        injector.hook(self._session)
        boto3.setup_default_session(botocore_session=self._session)
        self._make_client: Callable[..., Any] = boto3.client
        self._clients: dict[tuple[str, str], Any] = {}
        self.clients_made: list[str] = []
        self.queues: dict[str, str] = {}
        self.environment: dict[str, str] = {}

    def client(self, service: str, **options: Any) -> Any:
        """What takes the place of `boto3.client`: the same client for the same options, since making one is slow."""
        self.clients_made.append(service)
        config = options.get("config")
        kind = (service, repr(sorted(config.__dict__.items())) if config else "")
        if kind not in self._clients:
            self._clients[kind] = self._make_client(service, **options)
        return self._clients[kind]

    def deploy(self) -> None:
        """Make every resource, and the environment that leads the functions to them."""
        dynamodb, s3, sqs, sns = map(self.client, ("dynamodb", "s3", "sqs", "sns"))
        create_table(dynamodb, TABLE)
        for bucket in (ARCHIVE, EVIDENCE, PAGES):
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.create_bucket(
            Bucket=AUDIT,
            CreateBucketConfiguration={"LocationConstraint": REGION},
            ObjectLockEnabledForBucket=True,
        )
        for name in (*WORK_QUEUES, OPERATOR_ALERTS, TELEPHONE):
            self._create_queue(sqs, name)
        topic_arn = sns.create_topic(Name=OPERATOR_ALERTS)["TopicArn"]
        sns.subscribe(
            TopicArn=topic_arn,
            Protocol="sqs",
            Endpoint=topic_arn.replace(":sns:", ":sqs:"),
            Attributes={"RawMessageDelivery": "true"},
        )
        sns.subscribe(
            TopicArn=topic_arn,
            Protocol="sqs",
            Endpoint=topic_arn.replace(":sns:", ":sqs:").replace(OPERATOR_ALERTS, TELEPHONE),
            Attributes={"RawMessageDelivery": "true", "FilterPolicy": json.dumps(TELEPHONE_HEARS)},
        )
        self.environment = {
            "FORCE_FILE": "forces/merseyside.toml",
            "TABLE_NAME": TABLE,
            "ARCHIVE_BUCKET_NAME": ARCHIVE,
            "EVIDENCE_BUCKET_NAME": EVIDENCE,
            "AUDIT_BUCKET_NAME": AUDIT,
            "PAGES_BUCKET_NAME": PAGES,
            "PAGES_URL": "https://desk.simulation.invalid",
            "SECOND_READS_QUEUE_URL": "none",
            "SMS_LIST_TOPIC_ARN": topic_arn,
            "EMAIL_LIST_TOPIC_ARN": topic_arn,
            "FEED_STATUS": "Test",
            "SENT_UNTIL": "none",
            "OPERATOR_ALERTS_TOPIC_ARN": topic_arn,
            "GRAPH_API_URL": GRAPH_API_URL,
            "X_API_URL": X_API_URL,
            "HOLD_PARAMETER_NAME": HOLD,
            "CURSORS_PARAMETER_NAME": CURSORS,
            "TWILIO_API_URL": "https://twilio.simulation.invalid",
            "CONSOLE_URL": "https://desk.simulation.invalid",
            "ROLES_CLAIM": "cognito:groups",
            "LIVE_URL": "https://desk.simulation.invalid/live",
            "SURVEY_URL": "https://desk.simulation.invalid/survey",
            "PUBLIC_URL": "https://desk.simulation.invalid",
            "STAND_IN_HOST": STAND_IN_HOST,
            "WORK_QUEUES": json.dumps(
                {
                    name: {"queue_url": self.queues[name], "dlq_url": self.queues[f"{name}_dlq"]}
                    for name in WORK_QUEUES
                }
            ),
            **{f"{name.upper()}_QUEUE_URL": self.queues[name] for name in WORK_QUEUES},
        }
        for parameter, text in ((HOLD, "none"), (CURSORS, "{}")):
            self.client("ssm").put_parameter(Name=parameter, Value=text, Type="String")
        webhook_secrets = {name: self._create_secret(name, value) for name, value in SECRETS.items()}
        self.environment["WEBHOOK_SECRET_ARNS"] = json.dumps(webhook_secrets)
        self.environment["META_SECRET_ARN"] = webhook_secrets["meta"]
        others: dict[str, dict[str, Any]] = {
            "meta_publishing": {"page_tokens": self._page_tokens},
            "x_publishing": X_KEYS.model_dump(),
            "meta_media": {"access_token": "media"},
            "sms_media": {"user": "user", "password": "password"},
            "sms_publishing": {},
            "form_seal": {"key": "form-seal-key"},
            "audit_key": {"key": "audit-key"},
        }
        for name, value in others.items():
            self.environment[f"{name.upper()}_SECRET_ARN"] = self._create_secret(name, value)

    def _create_secret(self, name: str, value: Mapping[str, Any]) -> str:
        created = self.client("secretsmanager").create_secret(Name=name, SecretString=json.dumps(value))
        return str(created["ARN"])

    def _create_queue(self, sqs: Any, name: str) -> None:
        dlq = sqs.create_queue(QueueName=f"{name}_dlq")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=dlq, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": MAX_RECEIVES})
        queue = sqs.create_queue(QueueName=name, Attributes={"RedrivePolicy": redrive})["QueueUrl"]
        self.queues |= {name: queue, f"{name}_dlq": dlq}

    # The test's own hands reach into moto: through the SDK each of these would cost a millisecond or two, and a run
    # needs dozens of them.

    def empty(self) -> None:
        """Take everything out of table, buckets and queues, and let catch-up begin anew."""
        self.client("ssm").put_parameter(Name=CURSORS, Value="{}", Type="String", Overwrite=True)
        self._table.items.clear()
        for bucket in self._buckets.values():
            bucket.keys.clear()
        for name in self.queues:
            self._queue(name).last_purged_at = None  # by its own clock, which starts anew with each run
            self._sqs.purge_queue(name)

    def receive(self, queue: str) -> list[Any]:
        """At most ten messages, which stay visible: whoever does not delete them gets them again at once."""
        received: list[Any] = self._sqs.receive_message(
            queue, 10, wait_seconds_timeout=0, visibility_timeout=0
        )
        return received

    def delete(self, queue: str, receipt_handles: Iterable[str]) -> None:
        """Take messages that are done off their queue."""
        for handle in receipt_handles:
            self._queue(queue).delete_message(handle)

    def waiting(self, queue: str) -> int:
        """How many messages a queue holds, those with a delay included."""
        return len(self._queue(queue)._messages)

    def items(self) -> list[dict[str, Any]]:
        """Everything in the table, as DynamoDB writes it, in the order of its keys."""
        return [
            {name: _as_written(value) for name, value in item.attrs.items()}
            for item in self._table.all_items()
        ]

    def archived(self) -> dict[str, datetime]:
        """The keys of all archived deliveries, in order, and when each was stored."""
        stored = self._buckets[ARCHIVE].keys
        return {key: stored[key].last_modified.replace(tzinfo=UTC) for key in sorted(stored)}

    def kept_files(self) -> dict[str, bytes]:
        """The files among the evidence, by their keys."""
        stored = self._buckets[EVIDENCE].keys
        return {key: stored[key].value for key in stored if key.startswith("attachments/")}

    @property
    def _table(self) -> Any:
        return get_backend("dynamodb")[ACCOUNT][REGION].tables[TABLE]

    @property
    def _buckets(self) -> Any:
        return get_backend("s3")[ACCOUNT]["aws"].buckets

    @property
    def _sqs(self) -> Any:
        return get_backend("sqs")[ACCOUNT][REGION]

    def _queue(self, name: str) -> Any:
        return self._sqs.get_queue(name)


def _as_written(value: Any) -> Any:
    """A value of moto's as DynamoDB writes it (`{"S": "words"}`)."""
    match getattr(value, "value", value):
        case dict(fields):
            inner: Any = {name: _as_written(field) for name, field in fields.items()}
        case list(parts):
            inner = [_as_written(part) for part in parts]
        case plain:
            inner = plain
    return {value.type: inner} if hasattr(value, "type") else inner


class CopiesOfWhatChanges:
    """What takes the place of module `copy` in moto, which copies the whole table for each part of a transaction."""

    def __init__(self) -> None:
        self._keys: list[dict[str, Any]] = []

    def deepcopy(self, value: Any) -> Any:
        """A deep copy; of a table, one in which only what the transaction updates in place is copied."""
        if not isinstance(value, Table):
            return copy.deepcopy(value)
        kept = copy.copy(value)
        kept.items = defaultdict(dict, {name: dict(sorts) for name, sorts in value.items.items()})
        for key in self._keys:
            item = value.get_item(
                DynamoType(key[value.hash_key_attr]), DynamoType(key[str(value.range_key_attr)])
            )
            if item is not None:
                kept.items[item.hash_key][item.range_key] = copy.deepcopy(item)
        return kept

    def in_each(self, transact: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
        """The transaction, whose updates are known before anything is copied."""

        def transact_with_few_copies(backend: Any, items: Any) -> None:
            self._keys = [item["Update"]["Key"] for item in items if "Update" in item]
            transact(backend, items)

        return transact_with_few_copies


@contextmanager
def aws_in_process(page_tokens: dict[str, str], injector: Injector, clock: Clock) -> Iterator[AwsInProcess]:
    """AWS on moto, the desk deployed, whose own time is the clock's (a delay, an object's age)."""

    def utcnow() -> Any:
        return clock.now().astimezone(UTC).replace(tzinfo=None)

    copies = CopiesOfWhatChanges()
    transact = copies.in_each(DynamoDBBackend.transact_write_items)
    with mock_aws(), quick_aws():
        aws = AwsInProcess(page_tokens, injector)
        with (
            patch("boto3.client", aws.client),
            patch("moto.core.utils.utcnow", utcnow),
            patch("moto.s3.models.utcnow", utcnow),
            # Asked once for each message on a queue with each message that joins it.
            patch("moto.sqs.models.unix_time_millis", lambda: 1000 * clock.now().timestamp()),
            patch("moto.dynamodb.models.copy", copies),
            patch.object(DynamoDBBackend, "transact_write_items", transact),
        ):
            aws.deploy()
            yield aws
