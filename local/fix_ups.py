"""What the emulator (MiniStack 1.5.33) does otherwise than CloudFormation, made good by a function each.

Those of the template come before the upload and change a copy of it; those of the stack come after the deploy and set
through the API what the template asked for. A newer emulator may need fewer: tests/contract tells.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from local.assembly import Template

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient

ACTIONS_WITH_BATCHES = frozenset({"sqs:SendMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"})
SUBSTITUTION = re.compile(r"\$\{([^!.}][^.}]*)\}")


def prepared(template: Template) -> Template:
    """A copy of the template that the emulator understands as AWS understands the original."""
    ready = copy.deepcopy(template)
    for fix in TEMPLATE_FIX_UPS:
        ready = fix(ready)
    return ready


def without_bootstrap_check(template: Template) -> Template:
    """Drop the parameter and rule by which CDK asks for a bootstrapped account: assets go to a bucket of our own."""
    for section, entry in (("Parameters", "BootstrapVersion"), ("Rules", "CheckBootstrapVersion")):
        template.get(section, {}).pop(entry, None)
        if not template.get(section, True):
            del template[section]
    return template


def secret_refs_as_arns(template: Template) -> Template:
    """Write `Ref` of a secret as its `Id` attribute: the emulator's `Ref` gives the name, AWS's the ARN.

    A policy that names the secret would else allow nothing under IAM enforcement.
    """
    secrets = {
        name
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::SecretsManager::Secret"
    }

    def substituted(text: str) -> str:
        return SUBSTITUTION.sub(
            lambda found: f"${{{found[1]}.Id}}" if found[1] in secrets else found[0], text
        )

    def named(node: Any) -> Any | None:
        match node:
            case {"Ref": str(name)} if name in secrets:
                return {"Fn::GetAtt": [name, "Id"]}
            case {"Fn::Sub": str(text)}:
                return {"Fn::Sub": substituted(text)}
            case {"Fn::Sub": [str(text), dict(values)]}:
                return {"Fn::Sub": [substituted(text), rewritten(values, named)]}
            case _:
                return None

    result: Template = rewritten(template, named)
    return result


def batch_actions_beside_single_ones(template: Template) -> Template:
    """Let (or deny) each queue action in batches too, wherever a policy names it.

    On AWS `sqs:SendMessage` covers SendMessageBatch, and there is no action of the longer name; the emulator, enforcing
    IAM, asks for one. So for DeleteMessageBatch and ChangeMessageVisibilityBatch.
    """

    def widened(actions: list[str]) -> list[str]:
        return actions + [f"{action}Batch" for action in actions if action in ACTIONS_WITH_BATCHES]

    def covered(node: Any) -> Any | None:
        match node:
            case {"Effect": _, "Action": str(action)} if action in ACTIONS_WITH_BATCHES:
                return node | {"Action": widened([action])}
            case {"Effect": _, "Action": list(actions)}:
                return node | {"Action": widened(actions)}
            case _:
                return None

    result: Template = rewritten(template, covered)
    return result


def emails_from_any_identity(template: Template) -> Template:
    """Let whoever may send e-mails send them from anything.

    On AWS `ses:SendEmail` is allowed by the identity that stands as the sender; the emulator, enforcing IAM, asks for
    it on `*`. That the template itself names the identity is held to by the tests of the roles.
    """

    def widened(node: Any) -> Any | None:
        match node:
            case {"Effect": "Allow", "Action": "ses:SendEmail"}:
                return node | {"Resource": "*"}
            case _:
                return None

    result: Template = rewritten(template, widened)
    return result


def enable_time_to_live(
    template: Template, physical_ids: Mapping[str, str], dynamodb: DynamoDBClient
) -> None:
    """Set each table's time to live: the emulator drops TimeToLiveSpecification."""
    for name, properties in resources_of(template, "AWS::DynamoDB::Table"):
        wanted = properties.get("TimeToLiveSpecification")
        if not wanted:
            continue
        table = physical_ids[name]
        now = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
        # Setting what is set already is an error, here as on AWS.
        if (now.get("TimeToLiveStatus") == "ENABLED") != wanted["Enabled"]:
            dynamodb.update_time_to_live(
                TableName=table,
                TimeToLiveSpecification={
                    "AttributeName": wanted["AttributeName"],
                    "Enabled": wanted["Enabled"],
                },
            )


def reserve_concurrency(template: Template, physical_ids: Mapping[str, str], lambda_: LambdaClient) -> None:
    """Set each function's reserved concurrency: the emulator drops ReservedConcurrentExecutions."""
    for name, properties in resources_of(template, "AWS::Lambda::Function"):
        reserved = properties.get("ReservedConcurrentExecutions")
        if reserved is not None:
            lambda_.put_function_concurrency(
                FunctionName=physical_ids[name], ReservedConcurrentExecutions=reserved
            )


def rewritten(node: Any, change: Callable[[Any], Any | None]) -> Any:
    """The node with each part for which `change` gives something else replaced by it, from the outside in."""
    changed = change(node)
    if changed is not None:
        return changed
    match node:
        case dict():
            return {key: rewritten(value, change) for key, value in node.items()}
        case list():
            return [rewritten(value, change) for value in node]
        case _:
            return node


def resources_of(template: Template, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The logical ids and properties of a template's resources of one type."""
    for name, resource in template["Resources"].items():
        if resource["Type"] == kind:
            yield name, resource.get("Properties", {})


TEMPLATE_FIX_UPS: tuple[Callable[[Template], Template], ...] = (
    without_bootstrap_check,
    secret_refs_as_arns,
    batch_actions_beside_single_ones,
    emails_from_any_identity,
)
