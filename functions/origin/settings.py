"""What the origin Lambda reads from its environment: field `origin_secret_arn` is the variable `ORIGIN_SECRET_ARN`."""

from __future__ import annotations

from dataclasses import dataclass

HEADER = "x-desk-origin"
"""Where the front door puts its secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginSettings:
    """Settings of the Lambda that the API asks before the public's routes."""

    origin_secret_arn: str
