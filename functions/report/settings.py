"""What the report Lambda reads from its environment: field `force_file` is the variable `FORCE_FILE`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSettings:
    """Settings of the Lambda behind the online report form; `force_file` is relative to the code root."""

    force_file: str
    archive_bucket_name: str
    private_contacts_queue_url: str
    form_seal_secret_arn: str
