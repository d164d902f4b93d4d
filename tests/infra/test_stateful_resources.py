"""What holds something that a deploy must never lose: table, buckets, keys, secrets, accounts, queues."""

from __future__ import annotations

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Template

from contact_desk.stores.keys import CHANGES_INDEX, COUNTED_FACTS, DESK_INDEX, DUE_INDEX, HOURS_INDEX
from infra.alarms import Alarms
from infra.desk_table import DeskTable
from tests.infra.assembly import Assembly, listed

# CloudFormation makes a resource anew, empty, when its logical id changes. Moving code must not do that.
STATEFUL = {
    # The address that people know: a new one would leave every link that was ever posted dead.
    "AWS::CloudFront::Distribution": {"FrontDoor"},
    "AWS::Cognito::UserPool": {"UserPool"},
    "AWS::DynamoDB::Table": {"DeskTable"},
    "AWS::KMS::Key": {"TableKey", "ObjectsKey", "MessagesKey", "SecretsKey"},
    "AWS::S3::Bucket": {"ArchiveBucket", "EvidenceBucket", "AccessLogsBucket", "PagesBucket", "AuditBucket"},
    "AWS::SecretsManager::Secret": {
        "MetaSecret",
        "XSecret",
        "SmsSecret",
        "MetaPublishingSecret",
        "XPublishingSecret",
        "MetaMediaSecret",
        "SmsMediaSecret",
        "AlertHookControlRoomSecret",
        "SmsPublishingSecret",
        "ReportFormSealSecret",
        "AuditKeySecret",
    },
    "AWS::SNS::Topic": {
        "AlarmsTopic",
        "NoticesTopic",
        "OperatorAlertsTopic",
        "SmsListTopic",
        "EmailListTopic",
    },
    "AWS::SQS::Queue": {
        "PrivateContactsQueue",
        "PrivateContactsDlq",
        "PublicContactsQueue",
        "PublicContactsDlq",
        "ReplaysQueue",
        "ReplaysDlq",
        "ConfirmationsQueue",
        "ConfirmationsDlq",
        "OutboxUrgentQueue",
        "OutboxUrgentDlq",
        "OutboxQueue",
        "OutboxDlq",
        "AttachmentsQueue",
        "AttachmentsDlq",
        "OperatorAlertsQueue",
        "OperatorAlertsDlq",
        "ControlRoomAlertsQueue",
        "ControlRoomAlertsDlq",
        "SweepFailuresQueue",
        "IngestFailuresQueue",
        "NotifyFailuresQueue",
    },
}
MADE_WITH_THE_STACK = {"ReportFormSealSecret", "AuditKeySecret"}
OUTLIVE_THE_STACK = (
    "AWS::Cognito::UserPool",
    "AWS::DynamoDB::Table",
    "AWS::KMS::Key",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
)
# A name of our own would stop a second stage in one account, and any replacement.
PHYSICAL_NAMES = {
    "AlarmName",
    "AliasName",
    "BucketName",
    "ClientName",
    "DashboardName",
    "FunctionName",
    "LayerName",
    "LogGroupName",
    "PolicyName",
    "QueueName",
    "RoleName",
    "TableName",
    "TopicName",
    "UserPoolName",
}
# There `FunctionName` and `PolicyName` say which, and CDK derives an inline policy's name from its logical id.
NAMES_THAT_REFER = {
    "AWS::IAM::Policy",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Permission",
}


@pytest.mark.parametrize("kind", STATEFUL)
def test_logical_ids_are_pinned(desk: Assembly, kind: str) -> None:
    assert set(desk.of_type(kind)) == STATEFUL[kind]


@pytest.mark.parametrize("kind", OUTLIVE_THE_STACK)
def test_what_holds_records_outlives_its_stack(desk: Assembly, kind: str) -> None:
    for name in STATEFUL[kind]:
        resource = desk.resources[name]
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain"), name


def test_nothing_has_a_physical_name(desk: Assembly) -> None:
    named = {
        logical_id: names
        for logical_id, resource in {**desk.resources, **desk.watch.resources}.items()
        if resource["Type"] not in NAMES_THAT_REFER
        and (names := PHYSICAL_NAMES & resource.get("Properties", {}).keys())
    }
    assert named == {}


def test_table_is_on_demand_encrypted_restorable_and_hard_to_delete(desk: Assembly) -> None:
    table = desk.properties("DeskTable")
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["SSESpecification"]["SSEEnabled"] is True
    assert desk.references_in(table["SSESpecification"]) == {"TableKey"}
    assert table["PointInTimeRecoverySpecification"] == {
        "PointInTimeRecoveryEnabled": True,
        "RecoveryPeriodInDays": 35,
    }
    assert table["DeletionProtectionEnabled"] is True
    assert "StreamSpecification" not in table


def test_table_forgets_receipts_and_requests_by_their_expires_at(desk: Assembly) -> None:
    time_to_live = desk.properties("DeskTable")["TimeToLiveSpecification"]
    assert time_to_live == {"AttributeName": "expires_at", "Enabled": True}


def test_table_keys_and_indexes_are_those_of_the_key_module(desk: Assembly) -> None:
    table = desk.properties("DeskTable")
    assert _schema(table["KeySchema"]) == ("pk", "sk")
    indexes = {
        index["IndexName"]: (_schema(index["KeySchema"]), index["Projection"]["ProjectionType"])
        for index in table["GlobalSecondaryIndexes"]
    }
    assert indexes == {
        DESK_INDEX: (("desk_pk", "desk_sk"), "ALL"),
        DUE_INDEX: (("due_pk", "due_sk"), "KEYS_ONLY"),
        HOURS_INDEX: (("hour", "pk"), "INCLUDE"),
        CHANGES_INDEX: (("changed", "hour"), "KEYS_ONLY"),
    }
    assert {attribute["AttributeType"] for attribute in table["AttributeDefinitions"]} == {"S"}


def test_what_is_counted_is_shown_without_a_word_of_anybodys(desk: Assembly) -> None:
    indexes = {index["IndexName"]: index for index in desk.properties("DeskTable")["GlobalSecondaryIndexes"]}
    shown = indexes[HOURS_INDEX]["Projection"]["NonKeyAttributes"]
    assert tuple(shown) == COUNTED_FACTS
    words = {"text", "raw", "person", "person_name", "preview", "reasons", "target", "by", "holder", "report"}
    assert not words & set(shown)


@pytest.mark.parametrize("name", sorted(STATEFUL["AWS::S3::Bucket"]))
def test_buckets_are_closed_to_the_public_and_take_tls_only(desk: Assembly, name: str) -> None:
    assert set(desk.properties(name)["PublicAccessBlockConfiguration"].values()) == {True}
    denied = [
        statement
        for policy in desk.of_type("AWS::S3::BucketPolicy").values()
        if desk.references_in(policy["Bucket"]) == {name}
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny"
    ]
    assert {"Bool": {"aws:SecureTransport": "false"}} in [statement["Condition"] for statement in denied]
    assert all(statement["Principal"] == {"AWS": "*"} for statement in denied)


def test_seals_of_the_audit_are_locked_for_fourteen_years_and_never_expire(desk: Assembly) -> None:
    bucket = desk.properties("AuditBucket")
    assert bucket["ObjectLockEnabled"] is True
    assert bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"] == {
        "Mode": "COMPLIANCE",
        "Days": 14 * 365,
    }
    assert "LifecycleConfiguration" not in bucket


@pytest.mark.parametrize("name", ["ArchiveBucket", "EvidenceBucket", "AuditBucket"])
def test_archive_and_evidence_are_versioned_and_under_their_key(desk: Assembly, name: str) -> None:
    bucket = desk.properties(name)
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    (encryption,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert desk.references_in(encryption["ServerSideEncryptionByDefault"]) == {"ObjectsKey"}
    assert desk.references_in(bucket["LoggingConfiguration"]) == {"AccessLogsBucket"}


def test_archive_lives_ninety_days_what_is_parked_a_week_and_evidence_as_long_as_its_case(
    desk: Assembly,
) -> None:
    rules = desk.properties("ArchiveBucket")["LifecycleConfiguration"]["Rules"]
    assert {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules} == {"raw/": 90, "parked/": 7}
    for rule in rules:
        assert rule["Status"] == "Enabled"
        # Expiry of a version only hides it; this is what removes it.
        assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}
    assert "LifecycleConfiguration" not in desk.properties("EvidenceBucket")


def test_keys_rotate_and_only_the_account_and_two_services_may_use_them(desk: Assembly) -> None:
    services: dict[str, set[str]] = {}
    for name, key in desk.of_type("AWS::KMS::Key").items():
        assert key["EnableKeyRotation"] is True, name
        for statement in key["KeyPolicy"]["Statement"]:
            assert statement["Principal"].keys() <= {"AWS", "Service"}
            assert "*" not in listed(statement["Principal"].get("AWS", []))
            for service in listed(statement["Principal"].get("Service", [])):
                services.setdefault(name, set()).add(service)
                assert set(statement["Action"]) == {"kms:Decrypt", "kms:GenerateDataKey*"}
    assert services == {"MessagesKey": {"sns.amazonaws.com", "cloudwatch.amazonaws.com"}}


def test_secrets_are_made_without_a_value_so_that_no_deploy_can_overwrite_one(desk: Assembly) -> None:
    for name, secret in desk.of_type("AWS::SecretsManager::Secret").items():
        assert "SecretString" not in secret
        assert ("GenerateSecretString" in secret) == (name in MADE_WITH_THE_STACK)
        assert desk.references_in(secret["KmsKeyId"]) == {"SecretsKey"}


@pytest.mark.parametrize("name", sorted(MADE_WITH_THE_STACK))
def test_keys_of_our_own_are_made_with_the_stack_and_known_to_nobody(desk: Assembly, name: str) -> None:
    made = desk.properties(name)["GenerateSecretString"]
    assert (made["SecretStringTemplate"], made["GenerateStringKey"]) == ("{}", "key")
    assert made["PasswordLength"] >= 32


def test_a_restored_table_takes_the_place_of_the_stacks_own_by_a_setting() -> None:
    stack = cdk.Stack(cdk.App(analytics_reporting=False), "Restored")
    key = kms.Key(stack, "Key")
    table = DeskTable(
        stack, "DeskTable", key=key, alarms=Alarms(stack, "Alarms", key=key), restored="desk-restored"
    )
    assert stack.resolve(table.table.table_name) == "desk-restored"
    assert "table/desk-restored" in str(stack.resolve(table.table.table_arn))
    Template.from_stack(stack).resource_count_is("AWS::DynamoDB::Table", 0)


def _schema(schema: list[dict[str, str]]) -> tuple[str, ...]:
    return tuple(key["AttributeName"] for key in schema)
