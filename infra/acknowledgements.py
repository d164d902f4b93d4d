"""Findings of cdk-nag that the desk accepts, each on its own resource and with its own reason."""

from __future__ import annotations

import aws_cdk as cdk
from constructs import IConstruct


def acknowledge(construct: IConstruct, finding: str, reason: str) -> None:
    """Accept one finding, such as `AwsSolutions-SMG4`, on the construct and its parts, for the reason given."""
    cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id=finding, reason=reason))
