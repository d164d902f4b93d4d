"""The account as `desk secrets`, `desk channel` and `desk doctor` see it, over moto and over the emulator."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from unittest.mock import ANY

import pytest

from cli.account import AccountRefusedError, AwsAccount, StoredSecret, Subscriber
from contact_desk.stores.secrets import SecretsManagerSecret
from local.twins.held_still import FrozenClock
from tests.contract.conftest import Backend

TEMPLATE = {
    "Parameters": {"PublicUrl": {"Type": "String", "Default": "https://desk.example"}},
    "Resources": {
        "MetaSecret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Description": "Meta"}},
        "AlarmsTopic": {"Type": "AWS::SNS::Topic", "Properties": {}},
        "DeadQueue": {"Type": "AWS::SQS::Queue", "Properties": {}},
    },
    "Outputs": {"DeadDlqUrl": {"Value": {"Ref": "DeadQueue"}}},
}


class _Session:
    """Gives the backend's clients."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def client(self, service: str, **_: Any) -> Any:
        return self._backend.client(service)


@dataclass
class Standing:
    """An account with a secret, a topic and a queue."""

    backend: Backend

    def __post_init__(self) -> None:
        session: Any = _Session(self.backend)
        self.account = AwsAccount(session)
        name = self.backend.table_name
        self.secret = self.backend.client("secretsmanager").create_secret(Name=name)["ARN"]
        self.topic = self.backend.client("sns").create_topic(Name=name)["TopicArn"]
        self.queue = self.backend.client("sqs").create_queue(QueueName=name)["QueueUrl"]

    def versions(self) -> list[Any]:
        """What a reader of the desk has of the secret."""
        secret = SecretsManagerSecret(self.backend.client("secretsmanager"), self.secret, FrozenClock())
        return [version["app_secret"] for version in secret.versions()]


@pytest.fixture
def standing(table_backend: Backend) -> Standing:
    return Standing(table_backend)


def test_a_stack_is_told_with_its_outputs_parameters_and_resources(racing_backend: Backend) -> None:
    name = f"contact-desk-{racing_backend.table_name}"
    cloudformation = racing_backend.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(TEMPLATE))
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 100}
    )
    account = Standing(racing_backend).account
    stack = account.stack(name)
    assert stack is not None
    assert (stack.name, stack.status) == (name, "CREATE_COMPLETE")
    assert stack.parameters == {"PublicUrl": "https://desk.example"}
    assert set(stack.of_type("AWS::SQS::Queue")) == {"DeadQueue"}
    assert stack.outputs["DeadDlqUrl"] == stack.physical_id("DeadQueue")
    assert name in account.stack_names()
    assert account.stack("contact-desk-nowhere-live") is None
    # Made without a value: on AWS it has none, here an empty one, which counts as none.
    held = stack.physical_id("MetaSecret") or ""
    assert account.secret(held).current is None
    account.put_secret(held, {"app_secret": "first"}, corrects=False)
    assert account.secret(held) == StoredSecret({"app_secret": "first"}, ANY, has_previous=False)


def test_a_secret_is_put_in_and_the_value_before_it_is_good_as_well(standing: Standing) -> None:
    account, held = standing.account, standing.secret
    assert account.secret(held).current is None
    for value in ("first", "second"):
        account.put_secret(held, {"app_secret": value}, corrects=False)
        if value == "first":
            assert not account.secret(held).has_previous
    stored = account.secret(held)
    assert (stored.current, stored.has_previous) == ({"app_secret": "second"}, True)
    assert stored.changed_at is not None
    assert standing.versions() == ["second", "first"]


def test_a_correction_keeps_the_value_that_was_good_before_the_mistyped_one(standing: Standing) -> None:
    account, held = standing.account, standing.secret
    for value, corrects in (("good", False), ("mistyped", False), ("new", True)):
        account.put_secret(held, {"app_secret": value}, corrects=corrects)
    assert standing.versions() == ["new", "good"]


def test_a_first_value_that_was_mistyped_is_no_previous_one(standing: Standing) -> None:
    account, held = standing.account, standing.secret
    account.put_secret(held, {"app_secret": "mistyped"}, corrects=False)
    account.put_secret(held, {"app_secret": "good"}, corrects=True)
    assert standing.versions() == ["good"]


def test_a_secret_of_another_form_counts_as_one_that_nobody_put_in(standing: Standing) -> None:
    held = standing.secret
    standing.backend.client("secretsmanager").put_secret_value(SecretId=held, SecretString="no object")
    stored = standing.account.secret(held)
    assert stored.current is None
    assert "no object" not in repr(stored)
    assert StoredSecret().changed_at is None


def test_subscribers_queues_and_parameters_are_told(standing: Standing) -> None:
    topic, queue = standing.topic, standing.queue
    assert standing.account.subscribers(topic) == []
    arn = f"arn:aws:sqs:eu-west-2:000000000000:{queue.rpartition('/')[2]}"
    standing.backend.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    assert standing.account.subscribers(topic) == [Subscriber("sqs", confirmed=True)]
    assert standing.account.waiting(queue) == 0
    standing.backend.client("sqs").send_message(QueueUrl=queue, MessageBody="dead")
    assert standing.account.waiting(queue) == 1
    name = f"hold-{standing.backend.table_name}"
    standing.backend.client("ssm").put_parameter(Name=name, Value="meta", Type="String")
    assert standing.account.parameter(name) == "meta"


def test_what_aws_refuses_is_told_by_operation_and_code(standing: Standing) -> None:
    with pytest.raises(AccountRefusedError, match="AWS refused GetParameter: ParameterNotFound"):
        standing.account.parameter("there-is-no-such-parameter")
