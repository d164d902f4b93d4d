"""The first reader as it ships, on this machine: no desk, no network."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from contact_desk.force_file import load_force_file
from functions.triage.first_reader import FirstReader
from functions.triage.rule_set import load_rules
from functions.triage.trained_model import load_model

FORCES = Path(__file__).resolve().parents[1] / "forces"


@cache
def local_reader(force: str = "merseyside") -> FirstReader:
    """The reader for one force, whose signposts are its own."""
    own = load_force_file(FORCES / f"{force}.toml")
    return FirstReader(load_rules(), load_model(), own.signposts.keys(), own.place_names)
