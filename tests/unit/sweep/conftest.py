"""The force that the sweep jobs work for."""

from __future__ import annotations

from pathlib import Path

import pytest

from contact_desk.force_file import ForceFile, load_force_file

FORCES = Path(__file__).resolve().parents[3] / "forces"


@pytest.fixture
def force() -> ForceFile:
    return load_force_file(FORCES / "example.toml")
