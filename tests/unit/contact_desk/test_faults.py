"""What takes a deploy back: counted under the version that ran, unless it speaks against no code."""

from __future__ import annotations

import json

import pytest

from contact_desk.errors import QueueRefusedError, StoreBusyError
from contact_desk.observability import count_faults


def test_faults_are_counted_under_the_version_that_ran(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_VERSION", "17")

    count_faults([TypeError, StoreBusyError, QueueRefusedError, None])

    told = json.loads(capsys.readouterr().out)
    (metrics,) = told["_aws"]["CloudWatchMetrics"]
    assert (told["Faults"], told["version"]) == ([3.0], "17")
    assert {name for names in metrics["Dimensions"] for name in names} == {"service", "version"}


def test_what_only_asks_for_another_try_is_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    count_faults([StoreBusyError])
    count_faults([])

    assert capsys.readouterr().out == ""
