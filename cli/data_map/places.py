"""Where else the desk keeps something, how long, and which functions may read what: told by the template itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any

Template = Mapping[str, Any]
READS = frozenset({"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"})
TABLE = "AWS::DynamoDB::Table"
SECTIONS = {
    "AWS::S3::Bucket": "buckets",
    "AWS::SQS::Queue": "queues",
    "AWS::Logs::LogGroup": "logs",
    "AWS::SNS::Topic": "places",
    "AWS::SSM::Parameter": "places",
    "AWS::SecretsManager::Secret": "places",
    "AWS::Cognito::UserPool": "places",
}
STORING = (
    "AWS::DynamoDB::",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::Logs::",
    "AWS::SNS::Topic",
    "AWS::SSM::",
    "AWS::SecretsManager::",
    "AWS::Cognito::UserPool",
    "AWS::RDS::",
    "AWS::EFS::",
    "AWS::Kinesis",
    "AWS::OpenSearch",
    "AWS::Elasti",
    "AWS::Timestream",
)
"""What a type of resource begins with that can hold data: one of these that no section knows is a gap in the map."""
BESIDE = frozenset(
    {
        "AWS::S3::BucketPolicy",
        "AWS::SQS::QueuePolicy",
        "AWS::SNS::TopicPolicy",
        "AWS::Cognito::UserPoolClient",
        "AWS::Cognito::UserPoolDomain",
        "AWS::Cognito::UserPoolGroup",
        "AWS::SecretsManager::ResourcePolicy",
    }
)


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket, queue, log or another place; `name` is what the words call it, `kept` how long by its own rule."""

    section: str
    name: str
    kept: str


def places(template: Template) -> list[Place]:
    """Every place of the template, each once; a queue and its dead letters are one."""
    resources = template["Resources"]
    owners = _owners(resources)
    found: dict[tuple[str, str], list[str]] = {}
    for logical_id, one in resources.items():
        if section := SECTIONS.get(one["Type"]):
            name = _name(logical_id, one["Type"], owners)
            dead = "as a dead letter " if logical_id.endswith("Dlq") else ""
            found.setdefault((section, name), []).append(f"{dead}{_kept(one)}")
    return [
        Place(section, name, ", ".join(sorted(set(kept), key=len)))
        for (section, name), kept in sorted(found.items())
    ]


def backups(template: Template) -> int:
    """How many days back the table can be restored."""
    days = [
        one.get("Properties", {}).get("PointInTimeRecoverySpecification", {}).get("RecoveryPeriodInDays", 0)
        for one in template["Resources"].values()
        if one["Type"] == TABLE
    ]
    return max(days, default=0)


def unknown(template: Template) -> list[str]:
    """Resources that can hold data and that no section of the map knows."""
    return [
        f"{logical_id} ({one['Type']})"
        for logical_id, one in template["Resources"].items()
        if one["Type"].startswith(STORING) and one["Type"] not in {*SECTIONS, *BESIDE, TABLE}
    ]


def readers(template: Template, pk: str) -> list[str]:
    """The functions that may read items of such a partition key: by their roles, and never more than those."""
    return sorted(
        {
            role.removesuffix("Role")
            for role, statement in _statements(template)
            if READS.intersection(_listed(statement["Action"])) and _covers(statement, pk)
        }
    )


def _covers(statement: Mapping[str, Any], pk: str) -> bool:
    on = [_written(one) for one in _listed(statement["Resource"])]
    patterns = statement.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys")
    if patterns is None:
        return any(one == "DeskTable" for one in on)
    return any(
        fnmatchcase(pk, pattern) or fnmatchcase(pk.rstrip("…"), pattern) for pattern in _listed(patterns)
    )


def _statements(template: Template) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for one in template["Resources"].values():
        if one["Type"] == "AWS::IAM::Policy":
            for statement in one["Properties"]["PolicyDocument"]["Statement"]:
                if statement["Effect"] == "Allow":
                    for role in one["Properties"]["Roles"]:
                        yield role["Ref"], statement


def _owners(resources: Mapping[str, Any]) -> dict[str, str]:
    """The function that writes each log."""
    return {
        one["Properties"]["LoggingConfig"]["LogGroup"]["Ref"]: name
        for name, one in resources.items()
        if one["Type"] == "AWS::Lambda::Function" and "LogGroup" in one["Properties"].get("LoggingConfig", {})
    }


def _name(logical_id: str, kind: str, owners: Mapping[str, str]) -> str:
    if kind == "AWS::SQS::Queue":
        return re.sub(r"(?<=Failures)Queue$|Queue$|Dlq$", "", logical_id)
    if kind == "AWS::Logs::LogGroup":
        return owners.get(logical_id, "AccessLogs")
    return logical_id


def _kept(resource: Mapping[str, Any]) -> str:
    properties = resource.get("Properties", {})
    if days := properties.get("RetentionInDays"):
        return f"{days} days"
    if resource["Type"] == "AWS::SQS::Queue":
        return f"{timedelta(seconds=properties['MessageRetentionPeriod']).days} days"
    rules = properties.get("LifecycleConfiguration", {}).get("Rules", [])
    kept = [
        f"{rule['ExpirationInDays']} days{' below ' + rule['Prefix'] if rule.get('Prefix') else ''}"
        for rule in rules
        if "ExpirationInDays" in rule
    ]
    kept += [
        f"old versions {rule['NoncurrentVersionExpiration']['NoncurrentDays']} days"
        for rule in rules
        if "ExpirationInDays" not in rule and "NoncurrentVersionExpiration" in rule
    ]
    if locked := properties.get("ObjectLockConfiguration"):
        rule = locked["Rule"]["DefaultRetention"]
        kept.append(f"locked for {rule['Days'] // 365} years ({rule['Mode'].lower()})")
    if kept:
        return ", ".join(kept)
    return "with its case" if resource["Type"] == "AWS::S3::Bucket" else "until somebody changes it"


def _written(resource: Any) -> str:
    match resource:
        case str():
            return resource
        case {"Fn::GetAtt": [str(name), _]} | {"Ref": str(name)}:
            return name
        case {"Fn::Join": ["", [*parts]]}:
            return "".join(map(_written, parts))
    return ""


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
