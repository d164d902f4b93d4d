"""What every caller of the Graph API must tell apart in an answer: throttling, a dead token, and how long to wait.

Source: Graph API v26.0, "Error Handling" and "Rate Limiting", and Messenger Platform, "Error Codes".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

# Calls made while throttled lengthen the block; beyond a day a mistaken header would hold everything for ever.
LONGEST_WAIT = timedelta(days=1)
# Only `code` tells them apart: throttling and a dead token share `type` and HTTP status.
THROTTLED_CODES = frozenset(
    {4, 17, 32, 341, 613, 80001, 80002, 80006, 80007, 130429, 131048, 131056, 131057, 133016}
)
CREDENTIAL_CODES = frozenset({102, 104, 190})


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An answer that came whole; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def fields(self) -> Mapping[str, Any] | None:
        """The JSON object of the body, None where it holds none."""
        try:
            fields = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return fields if isinstance(fields, dict) else None


def wait_told(headers: Mapping[str, str]) -> timedelta | None:
    """How long the platform asks us to wait, by `Retry-After` or by its usage header (minutes).

    `Retry-After` is in seconds, or a time (RFC 9110, 10.2.3), which is measured from the answer's own `Date`.
    """
    if (seconds := headers.get("retry-after", "")).isdecimal():
        return min(timedelta(seconds=int(seconds[:9])), LONGEST_WAIT)
    with suppress(ValueError, TypeError, OverflowError):
        until, now = (parsedate_to_datetime(headers.get(name, "")) for name in ("retry-after", "date"))
        return min(max(until - now, timedelta(0)), LONGEST_WAIT)
    try:
        usage = json.loads(headers.get("x-business-use-case-usage", "{}"))
        minutes = max(int(use["estimated_time_to_regain_access"]) for uses in usage.values() for use in uses)
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError, RecursionError):
        return None
    return timedelta(minutes=min(minutes, LONGEST_WAIT // timedelta(minutes=1))) if minutes > 0 else None


def share_used(headers: Mapping[str, str]) -> int:
    """The largest share of a rate that is used up, in per cent, by the usage headers; 0 where they do not say."""
    uses: list[Any] = []
    for name in ("x-app-usage", "x-business-use-case-usage"):
        try:
            told = json.loads(headers.get(name, "{}"))
        except (ValueError, RecursionError):
            continue
        if isinstance(told, dict):
            uses += (
                [told] if name == "x-app-usage" else [use for each in told.values() for use in _listed(each)]
            )
    shares = [
        use.get(name)
        for use in uses
        if isinstance(use, dict)
        for name in ("call_count", "total_time", "total_cputime")
    ]
    return max((share for share in shares if isinstance(share, int)), default=0)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
