"""Counted tests: some of their rounds in `make test`, all of them in `make prove`, which resumes where it stopped.

A test that repeats itself asks the `share` fixture for its number of rounds; a property test has its examples.
`make prove` runs those tests only, notes each that passes, and leaves it out of the next run of the same code; when all
have passed, the next run starts over.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

TOLD = "told"
"""The property under which a test records a line for people (`record_property(TOLD, …)`)."""
PROVING = os.environ.get("DESK_PROVE") == "1"
CODE = ("bench", "cli", "forces", "functions", "infra", "layers", "local", "requirements", "tests")
NOT_OURS = {"__pycache__", "node_modules"}


class Share(Protocol):
    """Says how many rounds to run: the first number in `make test`, the second in `make prove`."""

    def __call__(self, in_test: int, in_proof: int) -> int: ...


@pytest.fixture(scope="session")
def share() -> Share:
    return lambda in_test, in_proof: in_proof if PROVING else in_test


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what passing tests have recorded for people, whichever worker ran them."""
    for report in terminalreporter.stats.get("passed", ()):
        for name, value in report.user_properties:
            if name == TOLD:
                terminalreporter.write_line(f"{report.nodeid}: {value}")


def pytest_configure(config: pytest.Config) -> None:
    if PROVING:
        config.pluginmanager.register(Proof(config.rootpath), "proof")


class Proof:
    """The notes of `make prove`: which tests have passed with their full counts, for this very code."""

    def __init__(self, root: Path) -> None:
        self.path = root / ".desk" / "prove.json"
        self.code = fingerprint(root)
        self.proved = self.read()

    def read(self) -> set[str]:
        if not self.path.exists():
            return set()
        notes = json.loads(self.path.read_text())
        return set(notes["proved"]) if notes["code"] == self.code else set()

    def write(self) -> None:
        self.path.parent.mkdir(exist_ok=True)
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps({"code": self.code, "proved": sorted(self.proved)}, indent=2) + "\n")
        fresh.replace(self.path)

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        counted = {item.nodeid for item in items if is_counted(item)}
        if counted <= self.proved:
            self.proved -= counted
        left = counted - self.proved
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in left])
        items[:] = [item for item in items if item.nodeid in left]

    def pytest_report_collectionfinish(self) -> str:
        return f"proving: {len(self.proved)} tests have passed already with this code ({self.path.name})"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            self.proved.add(report.nodeid)
            self.write()


def is_counted(item: pytest.Item) -> bool:
    return "share" in getattr(item, "fixturenames", ()) or item.get_closest_marker("hypothesis") is not None


def fingerprint(root: Path) -> str:
    """One digest of every file that a test's outcome may hang on."""
    digest = hashlib.sha256()
    for path in code_files(root):
        digest.update(str(path.relative_to(root)).encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def code_files(root: Path) -> Iterator[Path]:
    for folder in CODE:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and not NOT_OURS & set(path.parts):
                yield path
