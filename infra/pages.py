"""The bucket of what the public sees: pages, feed, alerts, pictures. Closed itself: the front door reads from it."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.logical_ids import pin_logical_id
from infra.python_function import PythonFunction

# The desk keeps what it published; this is for the day on which somebody asks what stood on the page itself.
OLD_VERSIONS_DAYS = 90
FEED_PREFIXES = ("feed/*", "live/*")
LIVE_PAGE = "live"


class Pages(Construct):
    """The bucket `pages`: versioned, TLS only, under S3's own key, since the entity tags must be those of the bytes."""

    def __init__(self, scope: Construct, construct_id: str, *, access_logs: s3.IBucket) -> None:
        super().__init__(scope, construct_id)
        self.bucket = s3.Bucket(
            self,
            "PagesBucket",
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            versioned=True,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            server_access_logs_bucket=access_logs,
            server_access_logs_prefix="PagesBucket/",
            lifecycle_rules=[
                s3.LifecycleRule(noncurrent_version_expiration=Duration.days(OLD_VERSIONS_DAYS)),
            ],
            removal_policy=RemovalPolicy.RETAIN,
        )
        pin_logical_id(self.bucket, "PagesBucket")

    def allow_update_feed(self, function: PythonFunction) -> None:
        """Let the function see and replace the files of the feed, and no other page.

        It may list, without which S3 does not say that a file is not there; a put on condition reads what it replaces.
        """
        places = [self.bucket.arn_for_objects(place) for place in (*FEED_PREFIXES, LIVE_PAGE)]
        function.allow(["s3:GetObject", "s3:PutObject"], places)
        function.allow(["s3:ListBucket"], [self.bucket.bucket_arn])
        for prefix in FEED_PREFIXES:
            acknowledge(
                function.role,
                f"AwsSolutions-IAM5[Resource::<PagesBucket.Arn>/{prefix}]",
                "Pages and alerts are named by references that are not known before there is a broadcast.",
            )
