"""What the Lambdas of notify read from their environment: field `table_name` is the variable `TABLE_NAME`."""

from __future__ import annotations

from dataclasses import dataclass

NO_LIST = "none"
NEVER_RESTORED = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifySettings:
    """Settings of both senders, the urgent one and the ordinary one; `force_file` is relative to the code root.

    The secrets lead to JSON objects: Meta's `page_tokens` maps account ids to tokens; X's has `consumer_key`,
    `consumer_secret` and `tokens`, which maps account ids to `access_token` and `access_token_secret`; that of text
    messages has `account_sid`, `key_sid` and `key_secret`. The platforms' URLs carry the API version (Twilio's does
    not) and no closing slash; `console_url` is the base of the links in operator alerts
    (`{console_url}/cases/{case_id}`), `public_url` where platforms reach the API, without a closing slash.
    `pages_url` is the public origin of the pages; `feed_status` is `Actual`, or `Test` for a trial desk, on whose pages
    nothing is real. The lists' topics are NO_LIST where the force has none. `sent_until` is when sending was stopped
    for the restore that the table comes from, in RFC 3339, and NEVER_RESTORED where it comes from none.
    """

    force_file: str
    table_name: str
    meta_publishing_secret_arn: str
    x_publishing_secret_arn: str
    sms_publishing_secret_arn: str
    operator_alerts_topic_arn: str
    outbox_urgent_queue_url: str
    graph_api_url: str
    x_api_url: str
    twilio_api_url: str
    public_url: str
    console_url: str
    pages_bucket_name: str
    pages_url: str
    feed_status: str
    sms_list_topic_arn: str
    email_list_topic_arn: str
    sent_until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshFeedSettings:
    """Settings of the Lambda that looks after the public feed, as the senders have them."""

    force_file: str
    table_name: str
    pages_bucket_name: str
    pages_url: str
    feed_status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmSettings:
    """Settings of the Lambda that matches platforms' confirmations to what was sent."""

    force_file: str
    table_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertHookSettings:
    """Settings of the Lambda of one web hook; `force_file` is relative to the code root.

    `hook` is its name in the force file. The secret leads to a JSON object with its `url` and its signing `key`.
    """

    force_file: str
    table_name: str
    hook: str
    hook_queue_url: str
    hook_secret_arn: str
