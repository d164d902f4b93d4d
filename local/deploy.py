"""Deploy the synthesised desk to the emulated AWS, the way CloudFormation would, and read what came of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
import httpx
from botocore.config import Config
from botocore.exceptions import ClientError

from contact_desk.errors import ContactDeskError
from local import fix_ups
from local.addresses import REGION
from local.assembly import Asset, DeskAssembly
from local.emulator.host import ACCOUNT, SECRET_ACCESS_KEY

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import ParameterTypeDef, StackTypeDef
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sesv2 import SESV2Client

DEADLINE_SECONDS = 180.0
POLL_SECONDS = 0.2
# Where CDK's default synthesizer tells CloudFormation to look for assets.
ASSETS_BUCKET = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
TEMPLATE_KEY = "desk.template.json"
# Never finished creating: nothing can be updated in it.
STILLBORN = frozenset(
    {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED", "REVIEW_IN_PROGRESS"}
)
SETTLED_WELL = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})

Progress = Callable[[int, int], None]


class DeploymentError(ContactDeskError):
    """The emulated CloudFormation did not bring the stack up; the message names the resources and their reasons."""


@dataclass(frozen=True, slots=True)
class EmulatedAccount:
    """The emulated account as its owner: clients with its root keys, which no IAM policy limits."""

    endpoint_url: str
    access_key_id: str = ACCOUNT
    secret_access_key: str = SECRET_ACCESS_KEY
    region: str = REGION
    _session: boto3.Session = field(default_factory=boto3.Session, repr=False)

    def client(self, service: Any) -> Any:
        """A client of one service, patient with functions that start cold."""
        return self._session.client(
            service,
            endpoint_url=self.endpoint_url,
            region_name=self.region,
            aws_access_key_id=self.access_key_id,
            aws_secret_access_key=self.secret_access_key,
            config=Config(
                read_timeout=300, retries={"total_max_attempts": 2, "mode": "standard"}, proxies={}
            ),
        )


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployed stack: its outputs and the physical ids of its resources by logical id."""

    outputs: Mapping[str, str]
    physical_ids: Mapping[str, str]

    def functions_for_people(self, template: Mapping[str, Any]) -> list[str]:
        """The physical names of the functions for which somebody waits: of all but those that only a schedule calls."""
        every, schedules = (
            fix_ups.resources_of(dict(template), kind)
            for kind in ("AWS::Lambda::Function", "AWS::Scheduler::Schedule")
        )
        scheduled = {schedule["Target"]["Arn"]["Fn::GetAtt"][0] for _, schedule in schedules}
        return [self.physical_ids[name] for name, _ in every if name not in scheduled]


def deploy(
    account: EmulatedAccount, assembly: DeskAssembly, parameters: Mapping[str, str], progress: Progress
) -> Deployment:
    """Upload the assets, create or update the stack, apply the fix-ups; raises DeploymentError where it does not stand.

    `progress` is called with how many resources are done and how many there are.
    """
    s3: S3Client = account.client("s3")
    upload(s3, assembly.assets)
    template = fix_ups.prepared(assembly.template)
    # CloudFormation reads a template larger than 51,200 bytes from a bucket only.
    s3.put_object(Bucket=ASSETS_BUCKET, Key=TEMPLATE_KEY, Body=json.dumps(template).encode())
    cloudformation: CloudFormationClient = account.client("cloudformation")
    template_url = f"{account.endpoint_url}/{ASSETS_BUCKET}/{TEMPLATE_KEY}"
    bring_up(cloudformation, assembly.stack_name, template_url, parameters, progress)
    deployment = describe(cloudformation, assembly.stack_name)
    fix_ups.enable_time_to_live(template, deployment.physical_ids, account.client("dynamodb"))
    fix_ups.reserve_concurrency(template, deployment.physical_ids, account.client("lambda"))
    return deployment


def upload(s3: S3Client, assets: tuple[Asset, ...]) -> None:
    """Put the assets that are not there yet; their keys are hashes of their content."""
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=ASSETS_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    there = {
        entry["Key"]
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=ASSETS_BUCKET)
        for entry in page.get("Contents", ())
    }
    for asset in assets:
        if asset.object_key not in there:
            s3.put_object(Bucket=ASSETS_BUCKET, Key=asset.object_key, Body=asset.read())


def bring_up(
    cloudformation: CloudFormationClient,
    name: str,
    template_url: str,
    parameters: Mapping[str, str],
    progress: Progress,
) -> None:
    """Create the stack, or update the one that stands, and wait until it has settled."""
    if (standing := _find(cloudformation, name)) and standing["StackStatus"] in STILLBORN:
        cloudformation.delete_stack(StackName=name)
        _settle(cloudformation, name, progress)
        standing = None
    given: list[ParameterTypeDef] = [
        {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
    ]
    act = cloudformation.update_stack if standing else cloudformation.create_stack
    try:
        act(
            StackName=name,
            TemplateURL=template_url,
            Parameters=given,
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        )
    except ClientError as error:
        if "No updates are to be performed" in error.response["Error"]["Message"]:
            progress(1, 1)
            return
        raise DeploymentError(f"{name}: {error.response['Error']['Message']}") from error
    stack = _settle(cloudformation, name, progress)
    if stack is None or stack["StackStatus"] not in SETTLED_WELL:
        raise DeploymentError(
            f"{name} ended as {stack and stack['StackStatus']}: {_reasons(cloudformation, name)}"
        )


def describe(cloudformation: CloudFormationClient, name: str) -> Deployment:
    """Read a standing stack's outputs and physical ids."""
    outputs = {
        output["OutputKey"]: output["OutputValue"]
        for output in cloudformation.describe_stacks(StackName=name)["Stacks"][0].get("Outputs", ())
    }
    physical_ids = {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
        for resource in page["StackResourceSummaries"]
    }
    return Deployment(outputs, physical_ids)


def verify_sender(account: EmulatedAccount, address: str) -> None:
    """Let the desk send e-mails from the address, as a force does by proving that it owns the domain."""
    ses: SESV2Client = account.client("sesv2")
    with suppress(ses.exceptions.AlreadyExistsException):
        ses.create_email_identity(EmailIdentity=address)


def put_secret(account: EmulatedAccount, arn: str, value: Mapping[str, Any]) -> None:
    """Make this the secret's current value, unless it is already: each change pushes out the previous one."""
    secrets = account.client("secretsmanager")
    text = json.dumps(value)
    standing = secrets.get_secret_value(SecretId=arn)
    if standing["SecretString"] == text:
        return
    secrets.put_secret_value(SecretId=arn, SecretString=text)
    if not standing["SecretString"]:
        # A secret made without a value has none on AWS, but an empty one here, which no reader understands.
        secrets.update_secret_version_stage(
            SecretId=arn, VersionStage="AWSPREVIOUS", RemoveFromVersionId=standing["VersionId"]
        )


def start_functions(account: EmulatedAccount, functions: list[str], progress: Progress) -> None:
    """Have a process of each function ready, so that nobody's first call waits for an import.

    Raises DeploymentError for a function whose init fails.
    """
    # Proxies of the shell have no business on loopback.
    with httpx.Client(trust_env=False, timeout=60) as client, ThreadPoolExecutor(max_workers=2) as pool:

        def start(function: str) -> None:
            answer = client.post(f"{account.endpoint_url}/_desk/start/{function}")
            if answer.status_code != httpx.codes.NO_CONTENT:
                raise DeploymentError(f"{function} does not start: {answer.json().get('message')}")

        for done, _ in enumerate(pool.map(start, functions), start=1):
            progress(done, len(functions))


def run_function(account: EmulatedAccount, function: str) -> None:
    """Run a scheduled function now, rather than when its schedule next comes round; raises DeploymentError."""
    answer = account.client("lambda").invoke(FunctionName=function, Payload=b"{}")
    if "FunctionError" in answer:
        raise DeploymentError(f"{function} fails: {answer['Payload'].read().decode(errors='replace')[:500]}")


def _find(cloudformation: CloudFormationClient, name: str) -> StackTypeDef | None:
    try:
        return cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return None
        raise


def _settle(cloudformation: CloudFormationClient, name: str, progress: Progress) -> StackTypeDef | None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while (stack := _find(cloudformation, name)) and stack["StackStatus"].endswith("_IN_PROGRESS"):
        if time.monotonic() > deadline:
            raise DeploymentError(f"{name} is still {stack['StackStatus']} after {DEADLINE_SECONDS:.0f} s")
        statuses = [
            resource["ResourceStatus"]
            for resource in cloudformation.describe_stack_resources(StackName=name)["StackResources"]
        ]
        progress(sum(status.endswith("_COMPLETE") for status in statuses), len(statuses))
        time.sleep(POLL_SECONDS)
    return stack


def _reasons(cloudformation: CloudFormationClient, name: str) -> str:
    reasons = [
        f"{event['LogicalResourceId']} ({event.get('ResourceType', '')}): {event.get('ResourceStatusReason', '')}"
        for event in cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        if event.get("ResourceStatus", "").endswith("FAILED")
    ]
    return "; ".join(reasons) or "no resource gives a reason"
