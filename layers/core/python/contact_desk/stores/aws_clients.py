"""The AWS clients of every function: made once, in init, and never waiting longer than a platform waits for us."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient

# One retry: Messenger takes back its subscription from an endpoint that keeps it waiting for more than 5 s.
CALLS = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 2},
    tcp_keepalive=True,
)
# One call is one attempt: a second might send a second e-mail.
SENDS = CALLS.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))


def dynamodb_client() -> DynamoDBClient:
    """Amazon DynamoDB."""
    return boto3.client("dynamodb", config=CALLS)


def s3_client() -> S3Client:
    """Amazon S3."""
    return boto3.client("s3", config=CALLS)


def ses_client() -> SESV2Client:
    """Amazon SES."""
    return boto3.client("sesv2", config=SENDS)


def sns_client() -> SNSClient:
    """Amazon SNS."""
    return boto3.client("sns", config=CALLS)


def sns_lists_client() -> SNSClient:
    """Amazon SNS, for lists that people have subscribed to: one call is one attempt."""
    return boto3.client("sns", config=SENDS)


def sqs_client() -> SQSClient:
    """Amazon SQS."""
    return boto3.client("sqs", config=CALLS)


def secrets_client() -> SecretsManagerClient:
    """AWS Secrets Manager."""
    return boto3.client("secretsmanager", config=CALLS)


def ssm_client() -> SSMClient:
    """AWS Systems Manager."""
    return boto3.client("ssm", config=CALLS)
