"""What an invocation writes: its log lines and its metrics, as CloudWatch would get them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from contact_desk.observability import logger, metrics


@dataclass(frozen=True, slots=True)
class Output:
    """Everything written since the last look."""

    text: str

    @property
    def log_lines(self) -> list[dict[str, Any]]:
        """The lines of the logger."""
        return [line for line in self._lines if "_aws" not in line]

    @property
    def metrics(self) -> list[dict[str, Any]]:
        """The lines that CloudWatch turns into metrics."""
        return [line for line in self._lines if "_aws" in line]

    @property
    def _lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


class WrittenOutput:
    """Looks at what was written; calling it forgets what it has shown."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self) -> Output:
        written = self._capsys.readouterr()
        return Output(written.out + written.err)


class StandardOutput:
    """The standard output of the moment: pytest gives each phase of a test another one."""

    def write(self, text: str) -> int:
        return sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


@contextmanager
def written_output(capsys: pytest.CaptureFixture[str]) -> Iterator[WrittenOutput]:
    """Have the logger write where this test can see it: it holds on to the output that it was imported under."""
    handler: Any = logger.registered_handler
    before, handler.stream = handler.stream, StandardOutput()
    metrics.provider.clear_metrics()
    try:
        yield WrittenOutput(capsys)
    finally:
        handler.stream = before
        metrics.provider.clear_metrics()
