"""The CDK app: one stack holds the whole desk of one force."""

from infra.node import use_packaged_node

# CDK starts its node process while it is imported, so this must come before any module of this package imports it.
use_packaged_node()
