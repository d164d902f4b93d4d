"""Which deployed desk a command works on: the one on this machine, or a stack of an AWS account."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any

import boto3

from contact_desk.clock import SystemClock
from contact_desk.errors import ContactDeskError
from contact_desk.ports import Secret
from contact_desk.stores.secrets import SecretsManagerSecret
from functions.ingest.webhook_secrets import addressed
from local.addresses import Addresses
from local.stack_file import Stack

SECRET_OUTPUT = re.compile(r"^(?P<secret>\w+)SecretArn$")
QUEUE_OUTPUT = re.compile(r"^(?P<queue>\w+?)(?P<end>QueueUrl|DlqUrl)$")


class NoSuchStackError(ContactDeskError):
    """The account has no stack of that name, or the stack is not a desk."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """A desk's table, archive and queues, and the session whose credentials open them.

    `queues` holds each queue's URL by its name and its dead letters' by `<name>_dlq`, `secret_ids` its
    secrets by their names, `audit_key` the secret that keys the seals in `audit_bucket`, `hold_parameter` the name of
    the parameter that says which webhooks are on hold, `public_url` where platforms reach its webhooks, without a
    closing slash.
    """

    session: boto3.Session
    endpoint_url: str | None
    table_name: str
    archive_bucket: str
    queues: dict[str, str]
    secret_ids: dict[str, str]
    hold_parameter: str
    public_url: str
    evidence_bucket: str
    audit_bucket: str
    audit_key: str

    def webhook_secrets(self) -> dict[str, Secret]:
        """The secrets that verify what comes in, by the webhook."""
        client, clock = self.client("secretsmanager"), SystemClock()
        secrets = {name: SecretsManagerSecret(client, arn, clock) for name, arn in self.secret_ids.items()}
        return addressed(secrets, self.public_url)

    def client(self, service: str) -> Any:
        """The client of one AWS service."""
        return self.session.client(service, endpoint_url=self.endpoint_url)  # type: ignore[call-overload]


def find(stack_name: str | None) -> Deployed:
    """The stack of that name, or without a name the desk on this machine.

    Raises StackFileError where none runs here and NoSuchStackError where the account has none.
    """
    return _on_this_machine() if stack_name is None else _in_the_account(stack_name)


def own_session() -> boto3.Session:
    """The session of whoever runs the command, in the region that AWS's own command line would take.

    That one reads AWS_REGION first, which boto3 does not know.
    """
    return boto3.Session(region_name=os.environ.get("AWS_REGION") or None)


def _on_this_machine() -> Deployed:
    stack = Stack.read(Addresses.from_environment(os.environ).stack_file)
    return Deployed(
        session=boto3.Session(
            aws_access_key_id=stack.credentials.access_key_id,
            aws_secret_access_key=stack.credentials.secret_access_key,
            region_name=stack.region,
        ),
        endpoint_url=stack.aws_endpoint_url,
        table_name=stack.table_name,
        archive_bucket=stack.archive_bucket,
        queues=stack.queues,
        secret_ids=stack.secret_ids,
        hold_parameter=stack.hold_parameter,
        public_url=stack.api_url,
        evidence_bucket=stack.evidence_bucket,
        audit_bucket=stack.audit_bucket,
        audit_key=stack.audit_key,
    )


def _in_the_account(stack_name: str) -> Deployed:
    session = own_session()
    cloudformation = session.client("cloudformation")
    try:
        [described] = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
    except cloudformation.exceptions.ClientError:
        raise NoSuchStackError(f"there is no stack {stack_name} that these credentials may see") from None
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}
    given = {each["ParameterKey"]: each["ParameterValue"] for each in described.get("Parameters", [])}
    if "TableName" not in outputs:
        raise NoSuchStackError(f"the stack {stack_name} is not a contact desk")
    return Deployed(
        session=session,
        endpoint_url=None,
        table_name=outputs["TableName"],
        archive_bucket=outputs["ArchiveBucketName"],
        queues={
            _snake_case(match["queue"]) + ("_dlq" if match["end"] == "DlqUrl" else ""): url
            for name, url in outputs.items()
            if (match := QUEUE_OUTPUT.match(name))
        },
        secret_ids={
            _snake_case(match["secret"]): arn
            for name, arn in outputs.items()
            if (match := SECRET_OUTPUT.match(name))
        },
        hold_parameter=outputs["HoldParameterName"],
        public_url=given.get("PublicUrl") or outputs["ApiUrl"],
        evidence_bucket=outputs["EvidenceBucketName"],
        audit_bucket=outputs["AuditBucketName"],
        audit_key=outputs["AuditKeySecretArn"],
    )


def _snake_case(pascal: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", pascal).lower()
