"""`desk force check`: a mistake in a force file is named by file, line and field."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.force import stale_signposts
from cli.main import app
from contact_desk.force_file import load_force_file

FORCES = Path(__file__).resolve().parents[3] / "forces"


@pytest.mark.parametrize("name", ["merseyside", "example"])
def test_the_forces_that_ship_are_right(name: str) -> None:
    answer = CliRunner().invoke(app, ["force", "check", str(FORCES / f"{name}.toml")])

    assert answer.exit_code == 0
    assert "right" in answer.stdout


def test_a_mistake_is_named_by_file_line_and_field(tmp_path: Path) -> None:
    text = (FORCES / "example.toml").read_text()
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(text.replace("lease_seconds = 600", "lease_seconds = 5"))
    line = text[: text.index("lease_seconds")].count("\n") + 1

    answer = CliRunner().invoke(app, ["force", "check", str(wrong), "--json"])

    assert answer.exit_code == 1
    [mistake] = json.loads(answer.stdout)["mistakes"]
    assert mistake.startswith(f"wrong.toml:{line}: claims.lease_seconds: ")
    assert "30" in mistake


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    answer = CliRunner().invoke(app, ["force", "check", str(tmp_path / "nowhere.toml")])

    assert answer.exit_code == 1
    assert "there is no such force file" in answer.stdout


def test_a_signpost_nobody_checked_for_half_a_year_is_stale() -> None:
    force = load_force_file(FORCES / "example.toml")

    assert stale_signposts(force, date(2026, 12, 1)) == []
    assert stale_signposts(force, date(2027, 6, 1)) == sorted(force.signposts)
