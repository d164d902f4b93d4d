"""What the Lambdas of ingest read from their environment: field `table_name` is the variable `TABLE_NAME`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhooksSettings:
    """Settings of the internet-facing webhook Lambda.

    `force_file` is relative to the code root. `webhook_secret_arns` is a JSON object: for each platform that the force
    has channels on, the ARN of its secret, which is a JSON object too. `public_url` is where platforms reach the API,
    without a closing slash: some sign it.
    The parameter says which webhooks are on hold: `none`, or names such as `meta,x`.
    """

    force_file: str
    archive_bucket_name: str
    private_contacts_queue_url: str
    public_contacts_queue_url: str
    confirmations_queue_url: str
    webhook_secret_arns: str
    public_url: str
    hold_parameter_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CanarySettings:
    """Settings of the Lambda that sends the desk's own contacts; fields as in WebhooksSettings."""

    force_file: str
    table_name: str
    webhook_secret_arns: str
    public_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySettings:
    """Settings of the Lambda that takes archived deliveries in again; `force_file` is relative to the code root."""

    force_file: str
    archive_bucket_name: str
    private_contacts_queue_url: str
    public_contacts_queue_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchUpSettings:
    """Settings of the Lambda that reads what webhooks may have missed; `force_file` is relative to the code root.

    Meta's secret leads to a JSON object whose `page_tokens` maps page ids to tokens, X's to one with `consumer_key`,
    `consumer_secret` and `tokens`, which maps account ids to `access_token` and `access_token_secret`. `graph_api_url`
    and `x_api_url` carry the version.
    """

    force_file: str
    cursors_parameter_name: str
    archive_bucket_name: str
    private_contacts_queue_url: str
    public_contacts_queue_url: str
    meta_publishing_secret_arn: str
    graph_api_url: str
    x_publishing_secret_arn: str
    x_api_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelHealthSettings:
    """Settings of the Lambda that looks after subscriptions, credentials and silence; fields as in CatchUpSettings."""

    force_file: str
    table_name: str
    meta_publishing_secret_arn: str
    graph_api_url: str
    x_publishing_secret_arn: str
    x_api_url: str
