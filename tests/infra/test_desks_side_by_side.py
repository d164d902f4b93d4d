"""Several desks in one account: nothing of one desk is called what something of another is called."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.infra.assembly import Assembly

# Their names are told apart by the role, the pool or the API that they belong to.
NAMED_WITHIN = ("AWS::ApiGatewayV2::", "AWS::Cognito::UserPoolGroup", "AWS::IAM::Policy")
NAMES = {
    "AlarmName", "AliasName", "BucketName", "DashboardName", "DBName", "FunctionName", "KeyName", "LayerName",
    "LogGroupName", "Name", "QueueName", "RoleName", "SecretName", "TableName", "TopicName", "UserPoolName",
}  # fmt: skip
CONFIGS = ("CachePolicyConfig", "OriginAccessControlConfig", "ResponseHeadersPolicyConfig")


def names(assembly: Assembly) -> Iterator[tuple[str, str]]:
    """Each name that a template gives by itself, with the type of what has it."""
    for path in assembly.folder.glob("*.template.json"):
        resources: dict[str, Any] = json.loads(path.read_text())["Resources"]
        for resource in resources.values():
            if resource["Type"].startswith(NAMED_WITHIN):
                continue
            properties = resource.get("Properties", {})
            for part in (properties, *(properties.get(each, {}) for each in CONFIGS)):
                for name in NAMES & part.keys():
                    if isinstance(part[name], str):
                        yield resource["Type"], part[name]


def test_two_desks_in_one_account_share_no_name(host_desk: Assembly, example_desk: Assembly) -> None:
    ours, theirs = set(names(host_desk)), set(names(example_desk))
    assert {kind for kind, _ in ours} >= {"AWS::CloudFront::Function", "AWS::SSM::Parameter"}
    assert ours & theirs == set()
