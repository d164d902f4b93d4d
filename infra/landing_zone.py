"""What an account that others look after asks of everything in it: tags, and a boundary to every role."""

from __future__ import annotations

from aws_cdk import Stack, Tags
from aws_cdk import aws_iam as iam

from infra.stage import Stage


def land(stack: Stack, *, stage: Stage, force: str) -> None:
    """Tag all of a stack, and bind its roles by the stage's permission boundary."""
    for name, value in {
        "contact-desk:force": force,
        "contact-desk:stage": stage.name,
        **stage.rules.tags,
    }.items():
        Tags.of(stack).add(name, value)
    boundary = stage.rules.permission_boundary
    if boundary:
        policy = (
            iam.ManagedPolicy.from_managed_policy_arn(stack, "Boundary", boundary)
            if boundary.startswith("arn:")
            else iam.ManagedPolicy.from_managed_policy_name(stack, "Boundary", boundary)
        )
        iam.PermissionsBoundary.of(stack).apply(policy)
