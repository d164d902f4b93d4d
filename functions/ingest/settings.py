"""What the Lambdas of ingest read from their environment: field `table_name` is the variable `TABLE_NAME`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhooksSettings:
    """Settings of the internet-facing webhook Lambda.

    `force_file` is relative to the code root. The secrets' ARNs lead to JSON objects: meta holds `app_secret` and
    `verify_token`, x holds `consumer_secret`.
    """

    force_file: str
    archive_bucket_name: str
    private_contacts_queue_url: str
    public_contacts_queue_url: str
    confirmations_queue_url: str
    meta_secret_arn: str
    x_secret_arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySettings:
    """Settings of the Lambda that takes archived deliveries in again; `force_file` is relative to the code root."""

    force_file: str
    archive_bucket_name: str
    private_contacts_queue_url: str
    public_contacts_queue_url: str
