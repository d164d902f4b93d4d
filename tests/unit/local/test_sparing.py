"""A burst of calls waits for the processes that run; what they cannot do in time gets one of its own."""

from __future__ import annotations

from typing import Any

import pytest

from local.emulator import sparing
from local.emulator.sparing import PATIENCE_SECONDS, PROCESSES, waiting


class Pool:
    """As MiniStack's: a worker for each call, unless there are as many as the caller allows."""

    def __init__(self, free_at: float = float("inf")) -> None:
        self.now = 0.0
        self.free_at = free_at
        self.in_use = 0

    def acquire(self, name: str, *, max_concurrency: int | None = None) -> tuple[str | None, str]:
        if self.now >= self.free_at:
            return name, "reused"
        if max_concurrency is not None and self.in_use >= max_concurrency:
            return None, "func_cap"
        self.in_use += 1
        return name, "spawn"

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def pool(monkeypatch: pytest.MonkeyPatch, **options: Any) -> Pool:
    standing = Pool(**options)
    monkeypatch.setattr(sparing, "time", standing)
    return standing


def test_calls_up_to_the_limit_start_processes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    standing = pool(monkeypatch)
    leases = [waiting(standing.acquire)("triage") for _ in range(PROCESSES)]

    assert [came_by for _, came_by in leases] == ["spawn"] * PROCESSES
    assert standing.now == 0


def test_the_next_call_takes_a_process_that_gets_free(monkeypatch: pytest.MonkeyPatch) -> None:
    standing = pool(monkeypatch, free_at=PATIENCE_SECONDS / 2)
    standing.in_use = PROCESSES

    assert waiting(standing.acquire)("triage") == ("triage", "reused")


def test_a_call_that_has_waited_long_enough_gets_a_process_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    standing = pool(monkeypatch)
    standing.in_use = PROCESSES

    assert waiting(standing.acquire)("triage") == ("triage", "spawn")
    assert standing.now >= PATIENCE_SECONDS
