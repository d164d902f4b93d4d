"""What an account holds, as its owner would list it service by service, and as CloudFormation says whose it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from local.deploy import EmulatedAccount

# Each service's own list: the call, the path of the lists in its answer, and the id that CloudFormation knows (here a
# secret's is its name).
LISTED = {
    "AWS::ApiGatewayV2::Api": ("apigatewayv2", "get_apis", "Items", "ApiId"),
    "AWS::CloudFront::Distribution": ("cloudfront", "list_distributions", "DistributionList.Items", "Id"),
    "AWS::Cognito::UserPool": ("cognito-idp", "list_user_pools", "UserPools", "Id"),
    "AWS::DynamoDB::Table": ("dynamodb", "list_tables", "TableNames", None),
    "AWS::IAM::Role": ("iam", "list_roles", "Roles", "RoleName"),
    "AWS::KMS::Key": ("kms", "list_keys", "Keys", "KeyId"),
    "AWS::Lambda::Function": ("lambda", "list_functions", "Functions", "FunctionName"),
    "AWS::Logs::LogGroup": ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    "AWS::S3::Bucket": ("s3", "list_buckets", "Buckets", "Name"),
    "AWS::Scheduler::Schedule": ("scheduler", "list_schedules", "Schedules", "Name"),
    "AWS::SecretsManager::Secret": ("secretsmanager", "list_secrets", "SecretList", "Name"),
    "AWS::SNS::Topic": ("sns", "list_topics", "Topics", "TopicArn"),
    "AWS::SQS::Queue": ("sqs", "list_queues", "QueueUrls", None),
    "AWS::SSM::Parameter": ("ssm", "describe_parameters", "Parameters", "Name"),
}
# Cognito lists nothing unless it is told how many at once.
ASKED_WITH = {"list_user_pools": {"MaxResults": 60}}
Things = dict[str, frozenset[str]]
"""Ids by type."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack that stands: its outputs, its parameters, its things by type, and those that are to outlive it."""

    outputs: dict[str, str]
    parameters: dict[str, str]
    things: Things
    retained: Things


def inventory(account: EmulatedAccount) -> Things:
    """Everything of the listed types that the account holds now."""
    return {
        kind: frozenset(_listed(account.client(service), call, path, key))
        for kind, (service, call, path, key) in LISTED.items()
    }


def stack_of(account: EmulatedAccount, name: str) -> Stack:
    """The stack of that name; raises botocore's ClientError where there is none."""
    cloudformation = account.client("cloudformation")
    (told,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    body = cloudformation.get_template(StackName=name)["TemplateBody"]
    template: dict[str, Any] = json.loads(body) if isinstance(body, str) else body
    things: dict[str, set[str]] = {kind: set() for kind in LISTED}
    retained: dict[str, set[str]] = {kind: set() for kind in LISTED}
    for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=name):
        for resource in page["StackResourceSummaries"]:
            kind = resource["ResourceType"]
            if kind not in LISTED:
                continue
            things[kind].add(resource["PhysicalResourceId"])
            if template["Resources"][resource["LogicalResourceId"]].get("DeletionPolicy") == "Retain":
                retained[kind].add(resource["PhysicalResourceId"])
    return Stack(
        outputs={each["OutputKey"]: each["OutputValue"] for each in told.get("Outputs", ())},
        parameters={each["ParameterKey"]: each["ParameterValue"] for each in told.get("Parameters", ())},
        things={kind: frozenset(ids) for kind, ids in things.items()},
        retained={kind: frozenset(ids) for kind, ids in retained.items()},
    )


def log_groups_since(account: EmulatedAccount, began: float) -> frozenset[str]:
    """The log groups that were made from that moment on (seconds of the epoch).

    Here a function that still runs when its log group goes makes it anew. On AWS it needed a right for that, which no
    function of the desk's has.
    """
    pages = account.client("logs").get_paginator("describe_log_groups").paginate()
    groups = [group for page in pages for group in page["logGroups"]]
    return frozenset(group["logGroupName"] for group in groups if group["creationTime"] >= began * 1_000)


def common(some: Things, others: Things) -> Things:
    """What is in both."""
    return {kind: some[kind] & others[kind] for kind in LISTED}


def _listed(client: Any, call: str, path: str, key: str | None) -> Iterator[str]:
    asked: dict[str, Any] = ASKED_WITH.get(call, {})
    at_once = not client.can_paginate(call)
    pages = [getattr(client, call)(**asked)] if at_once else client.get_paginator(call).paginate(**asked)
    for page in pages:
        found: Any = page
        for name in path.split("."):
            found = found.get(name) or []
        for each in found:
            yield each[key] if key else each
