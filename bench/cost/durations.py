"""How long a function works at one event, and at its start: measured by the benchmark's workloads, kept with a date.

Processor time of this machine's core, without AWS: what an invocation waits for is added from the demand file.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.__main__ import cpu_seconds, start_command, warm_seconds
from bench.account import running_account
from bench.workloads import WORKLOADS

KEPT = Path(__file__).with_name("durations.toml")
WORKLOAD_OF = {
    "Webhooks": "webhooks, 1 message",
    "Replay": "replay, 1 delivery",
    "Report": "report, 1 report",
    "Triage": "triage, 1 contact",
    "Notify": "notify, 1 alert",
    "NotifyUrgent": "notify, 1 alert",
    "Confirm": "confirm, 1 echo",
    "CopyAttachments": "attachments, none to copy",
    "Operate": "operate, list of cases",
    "OperateWatch": "operate, list of cases",
    "SweepUncopiedAttachments": "sweep, uncopied attachments",
    "SweepUnacknowledgedAlerts": "sweep, alerts",
    "SweepOrphans": "sweep, orphans",
    "SweepExpiredClaims": "sweep, expired claims",
    "SweepDeadLetters": "sweep, dead letters",
}
OTHERWISE = "sweep, uncopied attachments"
"""Stands for a function that the benchmark has no workload for; for the sweep of the outbox too, which asks as many
partitions and which the benchmark measures over what its other workloads have left unsent."""


@dataclass(frozen=True, slots=True)
class Durations:
    """Milliseconds of one core, by workload, of a warm call and of a start; `measured` says when and on what."""

    measured: str
    warm: dict[str, float]
    start: dict[str, float]

    def warm_of(self, function: str) -> float:
        """A warm invocation of a function."""
        return self.warm[WORKLOAD_OF.get(function, OTHERWISE)]

    def start_of(self, function: str) -> float:
        """A start of a function, without its first invocation."""
        return self.start[WORKLOAD_OF.get(function, OTHERWISE)]


def kept() -> Durations:
    """The last measurement."""
    read = tomllib.loads(KEPT.read_text())
    return Durations(read["measured"], read["warm_ms"], read["start_ms"])


def measure(*, rounds: int = 3, calls: int = 20) -> None:
    """Measure, and keep it in the place of the last measurement: medians of so many rounds."""
    warm: dict[str, float] = {}
    start: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as home, running_account(Path(home)) as environment:
        for name in WORKLOADS:
            spent = [warm_seconds(name, calls, environment) for _ in range(rounds)]
            begun = [cpu_seconds(start_command(name), environment) for _ in range(rounds)]
            warm[name], start[name] = (1000 * statistics.median(each) for each in (spent, begun))
    where = f"{datetime.now(UTC):%Y-%m-%d}, Python {sys.version.split()[0]}, {rounds} rounds of {calls} calls"
    lines = [
        "# Milliseconds of one core's time, by the benchmark's workload: `make cost MEASURE=1` measures anew.",
        f"measured = {json.dumps(where)}",
    ]
    for heading, figures in (("warm_ms", warm), ("start_ms", start)):
        lines += [
            "",
            f"[{heading}]",
            *(f"{json.dumps(name)} = {figure:.1f}" for name, figure in figures.items()),
        ]
    KEPT.write_text("\n".join(lines) + "\n")
