"""Into an account that others look after, by settings alone: boundary, tags, keys, logs, region, and beside others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contact_desk.errors import ForceFileError
from contact_desk.force_file import parse_force_file
from contact_desk.stage_rules import Shift, StageRules
from infra.stage import Stage
from tests.infra.assembly import Assembly
from tests.infra.conftest import ROOT
from tests.infra.everything import BOUNDARY, DESTINATION, LOGS_KEY, MESSAGES_KEY, OBJECTS_KEY

EXAMPLE = (ROOT / "forces/example.toml").read_text()


def test_every_role_is_bound_by_the_permission_boundary(full_desk: Assembly) -> None:
    roles = full_desk.of_type("AWS::IAM::Role")
    assert roles
    assert {json.dumps(role.get("PermissionsBoundary")) for role in roles.values()} == {json.dumps(BOUNDARY)}


@pytest.mark.parametrize("stack", ["Desk", "Watch"])
def test_what_takes_tags_has_those_of_the_force_and_of_the_landing_zone(
    full_desk: Assembly, stack: str
) -> None:
    assembly = full_desk if stack == "Desk" else full_desk.watch
    tagged = [
        resource["Properties"]["Tags"]
        for resource in assembly.resources.values()
        if "Tags" in resource.get("Properties", {})
    ]
    assert len(tagged) > 100
    for tags in tagged:
        given = tags if isinstance(tags, dict) else {tag["Key"]: tag["Value"] for tag in tags}
        assert (
            given.items()
            >= {
                "contact-desk:force": "merseyside",
                "contact-desk:stage": "live",
                "CostCentre": "4711",
                "Classification": "OFFICIAL-SENSITIVE",
            }.items()
        )


def test_keys_that_the_force_brings_take_the_place_of_ours(full_desk: Assembly) -> None:
    assert set(full_desk.of_type("AWS::KMS::Key")) == {"TableKey", "SecretsKey"}
    queues, topics = full_desk.of_type("AWS::SQS::Queue"), full_desk.of_type("AWS::SNS::Topic")
    assert {one["KmsMasterKeyId"] for one in (*queues.values(), *topics.values())} == {MESSAGES_KEY}
    for bucket in ("ArchiveBucket", "EvidenceBucket", "AuditBucket"):
        (rule,) = full_desk.properties(bucket)["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"] == OBJECTS_KEY
    sends = [
        statement["Action"]
        for statement in full_desk.statements_of("WebhooksRole")
        if statement["Resource"] in (MESSAGES_KEY, [MESSAGES_KEY, OBJECTS_KEY], [OBJECTS_KEY, MESSAGES_KEY])
    ]
    assert ["kms:Decrypt", "kms:GenerateDataKey"] in sends


def test_every_log_group_is_under_the_forces_key_and_sent_on(full_desk: Assembly) -> None:
    groups = full_desk.of_type("AWS::Logs::LogGroup")
    assert {group["KmsKeyId"] for group in groups.values()} == {LOGS_KEY}
    filters = full_desk.of_type("AWS::Logs::SubscriptionFilter")
    assert {one["LogGroupName"]["Ref"] for one in filters.values()} == set(groups)
    assert {one["DestinationArn"] for one in filters.values()} == {DESTINATION}


def test_concurrency_can_be_left_unreserved(desk: Assembly, full_desk: Assembly) -> None:
    def reserved(assembly: Assembly) -> list[str]:
        functions = assembly.of_type("AWS::Lambda::Function")
        return [name for name, one in functions.items() if "ReservedConcurrentExecutions" in one]

    assert "Triage" in reserved(desk)
    assert reserved(full_desk) == []


def test_alarms_lead_to_the_page_that_the_force_publishes(full_desk: Assembly) -> None:
    alarm = full_desk.watch.properties("TriageErrors")
    assert "Runbook: https://wiki.example/desk/operate#contacts-wait-for-triage." in alarm["AlarmDescription"]


def test_no_vpc_is_assumed_or_made(full_desk: Assembly) -> None:
    assert [one for one in full_desk.resources.values() if one["Type"].startswith("AWS::EC2")] == []
    functions = full_desk.of_type("AWS::Lambda::Function").values()
    assert [one for one in functions if "VpcConfig" in one] == []


def test_everything_is_in_london_unless_said(desk: Assembly, example_desk: Assembly) -> None:
    for assembly in (desk, example_desk):
        artifacts = json.loads((assembly.folder / "manifest.json").read_text())["artifacts"]
        stacks = [one for one in artifacts.values() if one["type"] == "aws:cloudformation:stack"]
        assert {one["environment"] for one in stacks} == {"aws://unknown-account/eu-west-2"}
    elsewhere = StageRules.model_validate({"region": "eu-west-1"})
    assert Stage.named("live", elsewhere).rules.region == "eu-west-1"


def test_two_desks_in_one_account_share_no_name(desk: Assembly, example_desk: Assembly) -> None:
    def names(assembly: Assembly) -> set[str]:
        manifest = json.loads((assembly.folder / "manifest.json").read_text())["artifacts"]
        stacks = {
            one["properties"]["stackName"]
            for one in manifest.values()
            if one["type"] == "aws:cloudformation:stack"
        }
        parameters = {one["Name"] for one in assembly.of_type("AWS::SSM::Parameter").values()}
        spaces = {
            one["Namespace"]
            for one in assembly.watch.of_type("AWS::CloudWatch::Alarm").values()
            if one["Namespace"].startswith("ContactDesk")
        }
        return stacks | parameters | spaces

    assert len(names(example_desk)) == 5
    assert (
        len(names(desk) - {"contact-desk-merseyside-dev-console"}) == 5
    )  # it stands where the screen was built
    assert not names(desk) & names(example_desk)


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ('permission_boundary = "not a policy!"', "stages.live.permission_boundary"),
        ('keys = { table = "alias/mine" }', "stages.live.keys.table"),
        ('log_destination = { arn = "arn:aws:kinesis:eu-west-2:111122223333:stream/logs" }', "needs one"),
        ('region = "London"', "stages.live.region"),
        ("reserve = false", "stages.live.reserve"),
        ('restored_table = "desk-restored"', "needs both"),
    ],
)
def test_a_mistake_in_a_stage_is_named_with_its_line(section: str, said: str) -> None:
    with pytest.raises(ForceFileError) as refused:
        parse_force_file(f"{EXAMPLE}\n[stages.live]\n{section}\n", "example.toml")
    assert said in str(refused.value)
    assert f"example.toml:{len(EXAMPLE.splitlines()) + 3}" in str(refused.value) or said.startswith("needs")


@pytest.mark.parametrize(
    ("name", "rules", "asked", "shift"),
    [
        ("dev", {}, None, Shift.NONE),
        ("live", {}, None, Shift.GRADUAL),
        ("live", {"shift": "none"}, None, Shift.NONE),
        ("live", {"shift": "gradual"}, Shift.AT_ONCE, Shift.AT_ONCE),
    ],
)
def test_a_stage_shifts_by_its_rules_unless_a_deploy_asks_otherwise(
    name: str, rules: dict[str, Any], asked: Shift | None, shift: Shift
) -> None:
    assert Stage.named(name, StageRules.model_validate(rules), shift=asked).shift is shift
