"""The audit's vault: seals under object lock, which nobody can delete before their time, and their key."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from contact_desk.audit_chain import SEALS_PREFIX
from infra.acknowledgements import acknowledge
from infra.keys import READ_ACTIONS, SEND_ACTIONS
from infra.logical_ids import pin_logical_id
from infra.python_function import PythonFunction

LOCKED_YEARS = 14
"""Seven years for an incident's record, and seven beyond its end."""


class Audit(Construct):
    """Bucket `AuditBucket`, locked in compliance mode: keyed hashes alone are in it, no word and no id.

    Not even the account's root shortens that, which is why nothing that an erasure could ask for may ever be in it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        objects_key: kms.IKey,
        secrets_key: kms.IKey,
        access_logs: s3.IBucket,
    ) -> None:
        super().__init__(scope, construct_id)
        self._objects_key, self._secrets_key = objects_key, secrets_key
        self.bucket = s3.Bucket(
            self,
            "AuditBucket",
            encryption=s3.BucketEncryption.KMS,
            encryption_key=objects_key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            versioned=True,
            object_lock_enabled=True,
            object_lock_default_retention=s3.ObjectLockRetention.compliance(
                Duration.days(365 * LOCKED_YEARS)
            ),
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            server_access_logs_bucket=access_logs,
            server_access_logs_prefix="AuditBucket/",
            removal_policy=RemovalPolicy.RETAIN,
        )
        pin_logical_id(self.bucket, "AuditBucket")
        self.key = secretsmanager.CfnSecret(
            self,
            "Key",
            description="What keys the hashes of the audit's seals: key",
            generate_secret_string=secretsmanager.CfnSecret.GenerateSecretStringProperty(
                secret_string_template="{}",  # noqa: S106 an empty object, into which the key is put
                generate_string_key="key",
                password_length=64,
                exclude_punctuation=True,
            ),
            kms_key_id=secrets_key.key_arn,
        )
        self.key.apply_removal_policy(RemovalPolicy.RETAIN)
        self.key.override_logical_id("AuditKeySecret")
        acknowledge(
            self.key,
            "AwsSolutions-SMG4",
            "One key for good: a seal that was made under another could no longer be proved.",
        )

    def allow_seal(self, function: PythonFunction) -> None:
        """Let the function make seals and read them, and neither delete one nor touch its lock."""
        function.allow(
            ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"],
            [self.bucket.arn_for_objects(f"{SEALS_PREFIX}*")],
        )
        function.allow(["s3:ListBucket", "s3:ListBucketVersions"], [self.bucket.bucket_arn])
        function.allow(SEND_ACTIONS, [self._objects_key.key_arn])
        function.allow(["secretsmanager:GetSecretValue"], [self.key.attr_id])
        function.allow(READ_ACTIONS, [self._secrets_key.key_arn])
        acknowledge(
            function.role,
            f"AwsSolutions-IAM5[Resource::<{self.bucket.node.id}.Arn>/{SEALS_PREFIX}*]",
            "A seal's name holds its hour, so seals cannot be listed one by one.",
        )
