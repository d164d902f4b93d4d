"""What the data-deletion Lambda reads from its environment: field `table_name` is the variable `TABLE_NAME`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DataDeletionSettings:
    """Settings of the Lambda that takes in requests for deletion; `force_file` is relative to the code root.

    The secret is that of Meta's webhook, a JSON object with `app_secret` and, so that Meta can be asked whose id it
    sends, `app_id`. `graph_api_url` carries the version; `pages_url` is where people find pages, without a closing
    slash.
    """

    force_file: str
    table_name: str
    meta_secret_arn: str
    graph_api_url: str
    pages_url: str
