"""Print what each function costs to start and to run: `make bench`, or `python -m bench`.

Start: a process that imports the handler and makes its clients, against bare Python and against a process that makes
one boto3 put. Warm: one more invocation in a process that runs, against one more boto3 put. Each round runs everything
once, in turn, and a ratio is taken within its round, so that a noisy machine weighs on both sides alike. AWS is the
emulator in a process of its own, whose time does not count: these are figures of the code, not of AWS.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench import reading
from bench.account import running_account
from bench.workloads import WORKLOADS

BARE = "bare Python"
PUT = "one boto3 put"
NAMES = (PUT, *WORKLOADS)
MILLION = 1_000_000


def main() -> int:
    """Measure and print; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="What each function costs.")
    parser.add_argument(
        "--rounds", type=int, default=5, help="rounds of each measurement (default: %(default)s)"
    )
    parser.add_argument("--calls", type=int, default=40, help="warm calls in a round (default: %(default)s)")
    parser.add_argument("--no-instructions", action="store_true", help="leave valgrind out, it takes minutes")
    options = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 120)
    count_instructions = shutil.which("valgrind") is not None and not options.no_instructions
    with tempfile.TemporaryDirectory() as home, running_account(Path(home)) as environment:
        with Progress(console=console, transient=True) as progress:
            rounds = progress.add_task("start and warm", total=options.rounds * (2 * len(NAMES) + 1))
            starts: list[dict[str, float]] = []
            warm: list[dict[str, float]] = []
            for _ in range(options.rounds):
                starts.append({})
                warm.append({})
                for name in (BARE, *NAMES):
                    starts[-1][name] = cpu_seconds(start_command(name), environment)
                    progress.advance(rounds)
                for name in NAMES:
                    warm[-1][name] = warm_seconds(name, options.calls, environment)
                    progress.advance(rounds)
            instructions: dict[str, int] = {}
            if count_instructions:
                counting = progress.add_task("instructions of the start", total=len(NAMES) + 1)
                for name in (BARE, *NAMES):
                    instructions[name] = instruction_count(start_command(name), environment, Path(home))
                    progress.advance(counting)
        console.print(report(starts, warm, instructions))
    console.print(reading.report())
    console.print(
        f"medians of {options.rounds} rounds; load {os.getloadavg()[0]:.1f}; Python {sys.version.split()[0]}"
        + ("" if count_instructions else "; no instruction counts (valgrind is not there, or left out)"),
        highlight=False,
    )
    return 0


def start_command(name: str) -> list[str]:
    """The command whose whole life is one cold start."""
    if name == BARE:
        return [sys.executable, "-c", "pass"]
    return [sys.executable, "-m", "bench.workloads", name, "--calls", "0"]


def cpu_seconds(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """Processor time of a whole process, user and system."""
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return usage.ru_utime + usage.ru_stime


def warm_seconds(name: str, calls: int, environment: Mapping[str, str]) -> float:
    """Processor time of one invocation, the first ones left out."""
    command = [sys.executable, "-m", "bench.workloads", name, "--calls", str(calls)]
    told = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True).stdout
    return float(told.splitlines()[-1])


def instruction_count(command: Sequence[str], environment: Mapping[str, str], home: Path) -> int:
    """Instructions of a whole process: the same number whatever else the machine does."""
    counted = home / "instructions"
    tool = ["valgrind", "--tool=cachegrind", "--cache-sim=no", f"--cachegrind-out-file={counted}"]
    steady = {**environment, "PYTHONHASHSEED": "0"}
    subprocess.run([*tool, *command], env=steady, capture_output=True, check=True)
    summary = next(line for line in counted.read_text().splitlines() if line.startswith("summary:"))
    return int(summary.split()[1])


def report(
    starts: Sequence[Mapping[str, float]],
    warm: Sequence[Mapping[str, float]],
    instructions: Mapping[str, int],
) -> Table:
    """One line for each function."""
    table = Table(title="processor time, as ratios", title_justify="left")
    for heading in ("", f"start / {BARE}", f"start / {PUT}", f"warm / {PUT}", "warm ms"):
        table.add_column(heading, justify="left" if not heading else "right")
    if instructions:
        table.add_column("start, M instr.", justify="right")
        table.add_column(f"/ {BARE}", justify="right")
        table.add_column(f"/ {PUT}", justify="right")
    for name in (BARE, *NAMES):
        cells = [
            name,
            ratio(starts, name, BARE),
            ratio(starts, name, PUT),
            ratio(warm, name, PUT) if name != BARE else "",
            f"{1000 * statistics.median(one[name] for one in warm):.2f}" if name != BARE else "",
        ]
        if instructions:
            cells += [
                f"{instructions[name] / MILLION:,.0f}",
                f"{instructions[name] / instructions[BARE]:.1f}",
                f"{instructions[name] / instructions[PUT]:.2f}",
            ]
        table.add_row(*cells)
    return table


def ratio(rounds: Sequence[Mapping[str, float]], name: str, baseline: str) -> str:
    """The median over the rounds of the ratio within each."""
    return f"{statistics.median(one[name] / one[baseline] for one in rounds):.2f}"


if __name__ == "__main__":
    sys.exit(main())
