"""What is kept as received: the archive of deliveries, and the evidence: events too large for the table, and files."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from contact_desk.archive_keys import ARCHIVE_DAYS, PARKED_PREFIX
from infra.acknowledgements import acknowledge
from infra.keys import READ_ACTIONS, SEND_ACTIONS
from infra.logical_ids import pin_logical_id
from infra.python_function import PythonFunction

ACCESS_LOG_DAYS = 365
RAW_PREFIX = "raw/"
ATTACHMENTS_PREFIX = "attachments/"
PARKED_DAYS = 7


class Archive(Construct):
    """The `archive` and `evidence` buckets under one key, versioned, TLS only, closed to the public, with access logs.

    Deliveries live 90 days, parked ones (nobody has verified them) a week. Evidence stays until its case's retention
    class says otherwise, so no rule deletes it here.
    """

    def __init__(self, scope: Construct, construct_id: str, *, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        self._key = key
        access_logs = s3.Bucket(
            self,
            "AccessLogs",
            # The log delivery service can write under S3's own key only.
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(ACCESS_LOG_DAYS))],
            removal_policy=RemovalPolicy.RETAIN,
        )
        pin_logical_id(access_logs, "AccessLogsBucket")
        self.access_logs = access_logs
        self.archive = self._bucket(
            "ArchiveBucket",
            access_logs,
            [
                s3.LifecycleRule(
                    prefix=RAW_PREFIX,
                    expiration=Duration.days(ARCHIVE_DAYS),
                    noncurrent_version_expiration=Duration.days(1),
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                ),
                s3.LifecycleRule(
                    prefix=PARKED_PREFIX,
                    expiration=Duration.days(PARKED_DAYS),
                    noncurrent_version_expiration=Duration.days(1),
                ),
            ],
        )
        self.evidence = self._bucket("EvidenceBucket", access_logs, [])

    def allow_keep(self, function: PythonFunction) -> None:
        """Let the function put deliveries into the archive, and nothing else: no reading, no listing."""
        self._allow_put(function, self.archive, RAW_PREFIX)

    def allow_park(self, function: PythonFunction) -> None:
        """Let the function put deliveries that nobody has verified beside the archive."""
        self._allow_put(function, self.archive, PARKED_PREFIX)

    def allow_release(self, function: PythonFunction) -> None:
        """Let the function read what is parked, and put it into the archive."""
        function.allow(["s3:GetObject"], [self.archive.arn_for_objects(f"{PARKED_PREFIX}*")])
        self._acknowledge_objects(function, self.archive, PARKED_PREFIX)
        self.allow_keep(function)

    def allow_keep_evidence(self, function: PythonFunction) -> None:
        """Let the function put evidence."""
        self._allow_put(function, self.evidence, "")

    def allow_keep_attachments(self, function: PythonFunction) -> None:
        """Let the function put copies of attachments among the evidence, and nothing else: no reading, no listing."""
        self._allow_put(function, self.evidence, ATTACHMENTS_PREFIX)

    def allow_show_attachments(self, function: PythonFunction) -> None:
        """Let the function read copies of attachments whose key it knows."""
        function.allow(["s3:GetObject"], [self.evidence.arn_for_objects(f"{ATTACHMENTS_PREFIX}*")])
        function.allow(READ_ACTIONS, [self._key.key_arn])
        self._acknowledge_objects(function, self.evidence, ATTACHMENTS_PREFIX)

    def allow_read(self, function: PythonFunction) -> None:
        """Let the function read deliveries whose key it knows."""
        function.allow(["s3:GetObject"], [self.archive.arn_for_objects(f"{RAW_PREFIX}*")])
        function.allow(READ_ACTIONS, [self._key.key_arn])
        self._acknowledge_objects(function, self.archive, RAW_PREFIX)

    def allow_list(self, function: PythonFunction) -> None:
        """Let the function list the keys of deliveries, without reading any."""
        function.allow(
            ["s3:ListBucket"],
            [self.archive.bucket_arn],
            conditions={"StringLike": {"s3:prefix": f"{RAW_PREFIX}*"}},
        )

    def allow_dispose(self, function: PythonFunction) -> None:
        """Let the function remove deliveries and evidence by their keys, with every version of them; it reads none."""
        for bucket, prefix in ((self.archive, RAW_PREFIX), (self.evidence, "")):
            function.allow(["s3:DeleteObjectVersion"], [bucket.arn_for_objects(f"{prefix}*")])
            function.allow(["s3:ListBucketVersions"], [bucket.bucket_arn])
            self._acknowledge_objects(function, bucket, prefix)

    def _bucket(self, logical_id: str, access_logs: s3.IBucket, rules: list[s3.LifecycleRule]) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            logical_id,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=self._key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            versioned=True,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            server_access_logs_bucket=access_logs,
            server_access_logs_prefix=f"{logical_id}/",
            lifecycle_rules=rules,
            removal_policy=RemovalPolicy.RETAIN,
        )
        pin_logical_id(bucket, logical_id)
        return bucket

    def _allow_put(self, function: PythonFunction, bucket: s3.Bucket, prefix: str) -> None:
        function.allow(["s3:PutObject"], [bucket.arn_for_objects(f"{prefix}*")])
        function.allow(SEND_ACTIONS, [self._key.key_arn])
        self._acknowledge_objects(function, bucket, prefix)

    def _acknowledge_objects(self, function: PythonFunction, bucket: s3.Bucket, prefix: str) -> None:
        acknowledge(
            function.role,
            f"AwsSolutions-IAM5[Resource::<{bucket.node.id}.Arn>/{prefix}*]",
            f"Object names under {prefix or 'this bucket'} hold dates and hashes, so they cannot be listed one by one.",
        )
