"""The AWS account of a stage as `desk secrets`, `desk channel` and `desk doctor` see it: facts, and secrets put in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from contact_desk.broadcasts import PublishingSwitch
from contact_desk.errors import ContactDeskError
from contact_desk.ports import ChannelLog
from contact_desk.stores.broadcast_store import DynamoSwitch
from contact_desk.stores.channel_log import DynamoChannelLog
from contact_desk.stores.dynamo import Table

CURRENT, PREVIOUS, KEPT = "AWSCURRENT", "AWSPREVIOUS", "KEPT_AS_PREVIOUS"
PEOPLE_ASKED_FOR = 1


class AccountRefusedError(ContactDeskError):
    """AWS did not answer a question; the message is the operation and AWS's own code."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of a stack: its CloudFormation type, its physical id, and how its last change ended."""

    kind: str
    physical_id: str
    status: str = "CREATE_COMPLETE"


@dataclass(frozen=True, slots=True)
class StandingStack:
    """A stack with its outputs, its parameters and its resources by their logical ids."""

    name: str
    status: str
    outputs: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    resources: Mapping[str, Resource] = field(default_factory=dict)

    def of_type(self, kind: str) -> dict[str, str]:
        """The physical ids of all resources of a type, by logical id."""
        return {name: one.physical_id for name, one in self.resources.items() if one.kind == kind}

    def physical_id(self, logical_id: str) -> str | None:
        """The physical id of one resource."""
        found = self.resources.get(logical_id)
        return found.physical_id if found else None


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """A secret's current value as an object, None where nobody has put one in, and when it was put in."""

    current: Mapping[str, Any] | None = field(repr=False, default=None)
    changed_at: datetime | None = None
    has_previous: bool = False


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who hears of a topic: `confirmed` once they have said yes."""

    protocol: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class StandingAlarm:
    """An alarm, or a composite by its `rule`: whether it rings, what it tells, and whether its actions are on."""

    name: str
    rings: bool
    actions: tuple[str, ...]
    is_on: bool
    says: str = ""
    rule: str = ""


class Account(Protocol):
    """One account and region; every method raises AccountRefusedError where AWS does not answer."""

    def stack(self, name: str) -> StandingStack | None:
        """The stack of that name; None where there is none."""
        ...

    def secret(self, secret_id: str) -> StoredSecret:
        """A secret."""
        ...

    def put_secret(self, secret_id: str, value: Mapping[str, Any], *, corrects: bool) -> None:
        """Make the value current and the one before it previous; where it `corrects`, the previous stays as it is."""
        ...

    def subscribers(self, topic_arn: str) -> Sequence[Subscriber]:
        """Who hears of a topic."""
        ...

    def alarms(self, prefix: str) -> Sequence[StandingAlarm]:
        """Alarms and composites whose names begin so."""
        ...

    def waiting(self, queue_url: str) -> int:
        """About how many messages wait in a queue."""
        ...

    def schedule_is_on(self, name: str) -> bool:
        """Whether a schedule runs."""
        ...

    def mapping_is_on(self, mapping_id: str) -> bool:
        """Whether a queue feeds its function."""
        ...

    def parameter(self, name: str) -> str:
        """A parameter's value."""
        ...

    def has_people(self, pool_id: str, group: str) -> bool:
        """Whether anybody is in a group of a user pool."""
        ...

    def may_send_from(self, address: str) -> bool:
        """Whether SES lets the desk send from the address, to anybody."""
        ...

    def channel_log(self, table_name: str) -> ChannelLog:
        """When each channel was heard."""
        ...

    def publishing(self, table_name: str) -> PublishingSwitch:
        """The switch of all publishing."""
        ...


class AwsAccount:
    """The account behind a session; `endpoint_url` where it is an emulated one."""

    def __init__(self, session: boto3.Session, endpoint_url: str | None = None) -> None:
        self._session = session
        self._endpoint_url = endpoint_url
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """The client of a service, made once."""
        if service not in self._clients:
            make: Any = self._session.client
            self._clients[service] = make(
                service,
                endpoint_url=self._endpoint_url,
                config=Config(retries={"mode": "standard", "total_max_attempts": 3}),
            )
        return self._clients[service]

    def stack(self, name: str) -> StandingStack | None:
        """The stack of that name; None where there is none."""
        client = self.client("cloudformation")
        try:
            [found] = client.describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            if "does not exist" in error.response["Error"]["Message"]:
                return None
            raise _refused(error) from None
        except BotoCoreError as error:
            raise _refused(error) from None
        with _refusals():
            resources = {
                one["LogicalResourceId"]: Resource(
                    one["ResourceType"], one.get("PhysicalResourceId", ""), one["ResourceStatus"]
                )
                for page in client.get_paginator("list_stack_resources").paginate(StackName=name)
                for one in page["StackResourceSummaries"]
            }
        return StandingStack(
            name=found["StackName"],
            status=found["StackStatus"],
            outputs={one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", ())},
            parameters={one["ParameterKey"]: one["ParameterValue"] for one in found.get("Parameters", ())},
            resources=resources,
        )

    def stack_names(self) -> list[str]:
        """The names of all stacks that stand."""
        with _refusals():
            pages = self.client("cloudformation").get_paginator("describe_stacks").paginate()
            return [one["StackName"] for page in pages for one in page["Stacks"]]

    def secret(self, secret_id: str) -> StoredSecret:
        """A secret; one that holds no JSON object counts as one that nobody has put in."""
        client = self.client("secretsmanager")
        try:
            stored = client.get_secret_value(SecretId=secret_id, VersionStage=CURRENT)
        except client.exceptions.ResourceNotFoundException:
            return StoredSecret()
        except (ClientError, BotoCoreError) as error:
            raise _refused(error) from None
        text = stored.get("SecretString")
        with _refusals():
            versions = client.describe_secret(SecretId=secret_id).get("VersionIdsToStages", {})
        try:
            value = json.loads(text or "")
        except ValueError:
            value = None
        return StoredSecret(
            current=value if isinstance(value, dict) else None,
            changed_at=stored.get("CreatedDate") if text else None,
            has_previous=any(PREVIOUS in stages for stages in versions.values()),
        )

    def put_secret(self, secret_id: str, value: Mapping[str, Any], *, corrects: bool) -> None:
        """Make the value current and the one before it previous; where it `corrects`, the previous stays as it is."""
        client = self.client("secretsmanager")
        with _refusals():
            versions = client.describe_secret(SecretId=secret_id).get("VersionIdsToStages", {})
            at = {stage: version for version, stages in versions.items() for stage in stages}
            keeps = corrects and PREVIOUS in at
            if keeps:
                # A version without a stage may be disposed of at any time.
                client.update_secret_version_stage(
                    SecretId=secret_id, VersionStage=KEPT, MoveToVersionId=at[PREVIOUS]
                )
            was_empty = self._is_empty(secret_id)
            client.put_secret_value(SecretId=secret_id, SecretString=json.dumps(value))
            if keeps:
                client.update_secret_version_stage(
                    SecretId=secret_id,
                    VersionStage=PREVIOUS,
                    RemoveFromVersionId=at[CURRENT],
                    MoveToVersionId=at[PREVIOUS],
                )
                client.update_secret_version_stage(
                    SecretId=secret_id, VersionStage=KEPT, RemoveFromVersionId=at[PREVIOUS]
                )
            elif (was_empty or corrects) and CURRENT in at:
                # An empty value, or a mistyped first one, is nothing that anybody could go on using.
                client.update_secret_version_stage(
                    SecretId=secret_id, VersionStage=PREVIOUS, RemoveFromVersionId=at[CURRENT]
                )

    def _is_empty(self, secret_id: str) -> bool:
        """Whether the current version is there and holds nothing, as the emulated AWS makes it; AWS makes none."""
        client = self.client("secretsmanager")
        try:
            return not client.get_secret_value(SecretId=secret_id).get("SecretString")
        except client.exceptions.ResourceNotFoundException:
            return False

    def subscribers(self, topic_arn: str) -> Sequence[Subscriber]:
        """Who hears of a topic; one that is not confirmed yet has no ARN."""
        with _refusals():
            pages = (
                self.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn)
            )
            return [
                Subscriber(one["Protocol"], one["SubscriptionArn"].startswith("arn:"))
                for page in pages
                for one in page["Subscriptions"]
            ]

    def alarms(self, prefix: str) -> Sequence[StandingAlarm]:
        """Alarms and composites whose names begin so."""
        with _refusals():
            pages = (
                self.client("cloudwatch")
                .get_paginator("describe_alarms")
                .paginate(AlarmNamePrefix=prefix, AlarmTypes=["MetricAlarm", "CompositeAlarm"])
            )
            return [
                StandingAlarm(
                    name=one["AlarmName"],
                    rings=one["StateValue"] == "ALARM",
                    actions=tuple(one.get("AlarmActions", ())),
                    is_on=one.get("ActionsEnabled", True),
                    says=one.get("AlarmDescription", ""),
                    rule=one.get("AlarmRule", ""),
                )
                for page in pages
                for one in (*page.get("MetricAlarms", ()), *page.get("CompositeAlarms", ()))
            ]

    def waiting(self, queue_url: str) -> int:
        """About how many messages wait in a queue."""
        with _refusals():
            name = "ApproximateNumberOfMessages"
            answer = self.client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=[name])
            return int(answer["Attributes"][name])

    def schedule_is_on(self, name: str) -> bool:
        """Whether a schedule runs."""
        with _refusals():
            return bool(self.client("scheduler").get_schedule(Name=name)["State"] == "ENABLED")

    def mapping_is_on(self, mapping_id: str) -> bool:
        """Whether a queue feeds its function."""
        with _refusals():
            state = self.client("lambda").get_event_source_mapping(UUID=mapping_id)["State"]
            return state in {"Enabled", "Enabling", "Creating", "Updating"}

    def parameter(self, name: str) -> str:
        """A parameter's value."""
        with _refusals():
            return str(self.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])

    def has_people(self, pool_id: str, group: str) -> bool:
        """Whether anybody is in a group of a user pool."""
        with _refusals():
            answer = self.client("cognito-idp").list_users_in_group(
                UserPoolId=pool_id, GroupName=group, Limit=PEOPLE_ASKED_FOR
            )
            return bool(answer["Users"])

    def may_send_from(self, address: str) -> bool:
        """Whether SES lets the desk send from the address or its domain, to anybody."""
        client = self.client("sesv2")
        with _refusals():
            if client.get_account().get("ProductionAccessEnabled") is False:
                return False
        for identity in (address, address.partition("@")[2]):
            try:
                if client.get_email_identity(EmailIdentity=identity).get("VerifiedForSendingStatus"):
                    return True
            except client.exceptions.NotFoundException:
                continue
            except (ClientError, BotoCoreError) as error:
                raise _refused(error) from None
        return False

    def channel_log(self, table_name: str) -> ChannelLog:
        """When each channel was heard."""
        return DynamoChannelLog(Table(self.client("dynamodb"), table_name))

    def publishing(self, table_name: str) -> PublishingSwitch:
        """The switch of all publishing; raises StoreError where the table does not answer."""
        return DynamoSwitch(Table(self.client("dynamodb"), table_name)).get()


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise _refused(error) from None


def _refused(error: ClientError | BotoCoreError) -> AccountRefusedError:
    if isinstance(error, ClientError):
        return AccountRefusedError(f"AWS refused {error.operation_name}: {error.response['Error']['Code']}")
    return AccountRefusedError(f"AWS cannot be reached: {type(error).__name__}")
