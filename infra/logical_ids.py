"""Logical ids that code can be moved around without changing: CloudFormation replaces what changes its logical id."""

from __future__ import annotations

from aws_cdk import CfnResource
from constructs import Construct


def pin_logical_id(construct: Construct, logical_id: str) -> None:
    """Fix the logical id of the one resource that the construct stands for."""
    resource = construct.node.default_child
    if not isinstance(resource, CfnResource):
        raise TypeError(f"{construct.node.path} does not stand for one resource")
    resource.override_logical_id(logical_id)
