"""Writes this version down for the next one: `python -m tests.simulation.record`. A release does that last."""

from __future__ import annotations

# First of all: the environment that functions are imported in.
import tests.conftest  # noqa: F401

# isort: split
from tests.simulation.previous_version import record

if __name__ == "__main__":
    record()
