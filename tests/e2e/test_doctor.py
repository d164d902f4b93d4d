"""`desk channel connect` and `desk doctor` on the deployed desk: connected it has no fault; a planted one is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from functions.ingest.canary_deliveries import TEXT
from local.stack import LocalDesk
from local.stack_file import Stack
from tests.e2e.outside import Operators

# What other tests of the same desk may leave behind.
NOT_OURS = {"dead letters"}


def run(*words: str, leaves_with: int = 0) -> Any:
    done = CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False)
    assert done.exit_code == leaves_with, done.output
    return json.loads(done.stdout)


@pytest.fixture
def at_the_desk(desk: LocalDesk, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in desk.addresses.environment().items():
        monkeypatch.setenv(name, value)
    yield
    CliRunner().invoke(app, ["hold", "sms", "--release"])


@pytest.mark.usefixtures("at_the_desk")
def test_a_connected_desk_has_no_fault_its_test_contacts_are_hidden_and_a_hold_is_named(
    operators: Operators,
) -> None:
    connected = run("channel", "connect", "all")["channels"]
    for channel, steps in connected.items():
        assert [one for one in steps if one["state"] != "well"] == [], channel
        assert steps[-1]["about"] == "test contact"
    assert [case for case in operators.cases() if case["preview"] == TEXT] == []

    assert _faults() == {}
    run("hold", "sms")
    (found,) = _faults().items()
    assert found == ("holds", "desk hold sms --release; desk replay parked --send")


def _faults() -> dict[str, str]:
    """What is wrong, with the next step of each."""
    done = CliRunner().invoke(app, ["doctor", "--json"], catch_exceptions=False)
    findings = [one for one in json.loads(done.stdout)["findings"] if one["state"] == "fault"]
    assert done.exit_code == (1 if findings else 0)
    return {one["about"]: one["next_step"] for one in findings if one["about"] not in NOT_OURS}
