"""Whose account a command works in, and where."""

from __future__ import annotations

import pytest

from cli.deployed import own_session


def test_a_session_is_in_the_region_that_awss_own_command_line_would_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert own_session().region_name == "eu-west-1"
    monkeypatch.delenv("AWS_REGION")
    assert own_session().region_name == "us-east-1"
