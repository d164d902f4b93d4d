"""What the operate Lambda reads from its environment: field `table_name` is the variable `TABLE_NAME`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OperateSettings:
    """Settings of the Lambda that serves operators; `force_file` is relative to the code root.

    `roles_claim` names the token claim that lists a caller's roles. `live_url` is where the public reads broadcasts,
    without a closing slash: the links in their copies begin with it.
    """

    force_file: str
    table_name: str
    outbox_urgent_queue_url: str
    outbox_queue_url: str
    roles_claim: str
    live_url: str
    evidence_bucket_name: str
