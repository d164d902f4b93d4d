"""Log groups with the house defaults: how long they stay, under which key, and where they are sent on to."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.stage import Stage


def log_group(scope: Construct, construct_id: str, *, stage: Stage) -> logs.LogGroup:
    """A log group as the stage wants them."""
    key, destination = stage.rules.keys.logs, stage.rules.log_destination
    group = logs.LogGroup(
        scope,
        construct_id,
        retention=stage.log_retention,
        removal_policy=RemovalPolicy.DESTROY,
        encryption_key=kms.Key.from_key_arn(scope, f"{construct_id}Key", key) if key else None,
    )
    if destination:
        logs.CfnSubscriptionFilter(
            group,
            "SentOn",
            log_group_name=group.log_group_name,
            destination_arn=destination.arn,
            role_arn=destination.role,
            filter_pattern="",
        )
    return group
