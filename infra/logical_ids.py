"""Logical ids that code can be moved around without changing: CloudFormation replaces what changes its logical id."""

from __future__ import annotations

from aws_cdk import CfnResource
from constructs import Construct


def pin_logical_id(construct: Construct, logical_id: str) -> None:
    """Fix the logical id of the one resource that the construct stands for."""
    resource_of(construct).override_logical_id(logical_id)


def resource_of(construct: Construct) -> CfnResource:
    """The one resource that the construct stands for; raises TypeError where it stands for none or several."""
    resource = construct.node.default_child
    if not isinstance(resource, CfnResource):
        raise TypeError(f"{construct.node.path} does not stand for one resource")
    return resource
