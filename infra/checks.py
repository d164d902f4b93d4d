"""The rule packs that the template must pass; they take a while, so a quick synthesis leaves them out."""

from __future__ import annotations

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks, ServerlessChecks


def add_rule_packs(app: cdk.App) -> None:
    """Have synthesis fail on any finding of cdk-nag's AwsSolutions and Serverless packs that is not acknowledged."""
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))
