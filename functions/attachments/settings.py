"""What the attachments Lambda reads from its environment: field `table_name` is the variable `TABLE_NAME`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentsSettings:
    """Settings of the Lambda that copies attachments.

    The secrets lead to JSON objects: `meta_media` holds `access_token` (WhatsApp's media), `sms_media` the `user` and
    `password` of the SMS provider's files. `graph_api_url` carries the API version and no closing slash.
    `stand_in_host` is `host:port` of the platforms' stand-in on a workstation, and everywhere else `none`, which is
    no host that a link could name.
    """

    table_name: str
    evidence_bucket_name: str
    meta_media_secret_arn: str
    sms_media_secret_arn: str
    graph_api_url: str
    stand_in_host: str
