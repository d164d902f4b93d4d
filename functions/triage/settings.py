"""What the triage Lambda reads from its environment: field `table_name` is the variable `TABLE_NAME`."""

from __future__ import annotations

from dataclasses import dataclass

NO_QUEUE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class TriageSettings:
    """Settings of the Lambda that decides on contacts; `force_file` is relative to the code root.

    The evidence bucket takes a contact's own event where it is too long for its table item; the queue of second reads
    is `none` where the force file has no second reader.
    """

    force_file: str
    table_name: str
    evidence_bucket_name: str
    outbox_urgent_queue_url: str
    outbox_queue_url: str
    attachments_queue_url: str
    second_reads_queue_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondReaderSettings:
    """Settings of the Lambda that reads again; `model_id` is a model's or an inference profile's on Amazon Bedrock."""

    force_file: str
    table_name: str
    model_id: str
    outbox_urgent_queue_url: str
    outbox_queue_url: str
