"""What the triage Lambda reads from its environment: field `table_name` is the variable `TABLE_NAME`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TriageSettings:
    """Settings of the Lambda that decides on contacts; `force_file` is relative to the code root.

    The evidence bucket takes a contact's own event where it is too long for its table item.
    """

    force_file: str
    table_name: str
    evidence_bucket_name: str
    outbox_urgent_queue_url: str
    outbox_queue_url: str
    attachments_queue_url: str
