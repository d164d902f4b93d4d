"""`make fuzz`: a million bodies to the readers, a hundred thousand to the whole webhook Lambda, half of those forged.

    python -m tests.fuzz [--reader 1000000] [--handler 100000] [--guided 100000] [--seed N] [--workers 2]

Hypothesis makes the bodies (`tests/any_bodies.py`) in rounds, each from a seed of its own, so that one seed gives the
same bodies on any number of processes. What fails is shown with its body: make that body an `@example` of
tests/unit/ingest/test_any_body.py in the change that mends it. Where atheris is installed, it goes on from the corpus
guided by coverage (`tests/fuzz_guided.py`).
"""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib.util import find_spec
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from rich.console import Console
from rich.progress import Progress

from tests import conftest  # noqa: F401 - its environment is what the functions start with
from tests.any_bodies import (
    Bender,
    Body,
    any_seed,
    assert_read,
    assert_refused,
    assert_taken_in,
    other_bodies,
)

ROUND = 5_000
NO_PAYLOADS = 1 / 10  # of all cases: any JSON, any bytes; making those takes far longer than reading them
AT_ONCE = 25  # bent payloads to one example: making an example costs more than bending and reading one
READER, SIGNED, FORGED = "reader", "handler, signed", "handler, forged"


class Round(NamedTuple):
    """So many cases of a kind from a seed."""

    kind: str
    seed: int
    cases: int


class Outcome(NamedTuple):
    """How many cases of a round were tried, and what failed, if anything did."""

    round: Round
    cases: int
    failure: str | None


def play(one: Round) -> Outcome:
    """Try one round's cases; the first that fails ends it."""
    tried = 0

    def holds(body: Body, seed: bytes) -> None:
        nonlocal tried
        tried += 1
        try:
            if one.kind == READER:
                assert_read(body)
            elif one.kind == SIGNED:
                assert_taken_in(body)
            else:
                assert_refused(body, seed)
        except Exception as error:
            error.add_note(f"of {body!r}, {seed!r}")
            raise

    @given(any_seed)
    def bent_ones_hold(seed: bytes) -> None:
        bender = Bender(seed)
        for _ in range(AT_ONCE):
            holds(bender.body(), seed)

    @given(other_bodies, any_seed)
    def others_hold(body: Body, seed: bytes) -> None:
        holds(body, seed)

    others = round(NO_PAYLOADS * one.cases)
    try:
        for number, (test, examples) in enumerate(
            ((bent_ones_hold, -(-(one.cases - others) // AT_ONCE)), (others_hold, others))
        ):
            settled = settings(
                max_examples=max(examples, 1),
                deadline=None,
                database=None,
                derandomize=False,
                phases=(Phase.generate, Phase.shrink),
                suppress_health_check=list(HealthCheck),
            )
            seeded(2 * one.seed + number)(settled(test))()
    except Exception:  # noqa: BLE001 whatever a body brings about is what this looks for
        return Outcome(one, tried, traceback.format_exc())
    return Outcome(one, tried, None)


def rounds(reader: int, handler: int, seed: int) -> Iterator[Round]:
    """The rounds of a run, each with its own seed."""
    number = 0
    for kind, cases in ((SIGNED, handler - handler // 2), (FORGED, handler // 2), (READER, reader)):
        for begun in range(0, cases, ROUND):
            yield Round(kind, seed + number, min(ROUND, cases - begun))
            number += 1


def guided(cases: int, seed: int) -> str | None:
    """Have atheris try so many cases; the end of what it says where one fails, None where none does."""
    command = [sys.executable, "-m", "tests.fuzz_guided", str(cases), str(seed)]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, errors="replace")
    return ended.stdout[-4_000:] + ended.stderr[-4_000:] if ended.returncode else None


def quieten() -> None:
    """Send the log lines and metrics of a process nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main() -> int:
    """Run all rounds, show how far they are, and print what was counted."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzz the webhooks.")
    parser.add_argument("--reader", type=int, default=1_000_000, help="cases for the readers alone")
    parser.add_argument(
        "--handler", type=int, default=100_000, help="cases for the whole Lambda, half forged"
    )
    parser.add_argument("--guided", type=int, default=100_000, help="more cases for the readers, by atheris")
    parser.add_argument("--seed", type=int, default=secrets.randbits(48), help="to repeat a run")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes")
    asked = parser.parse_args()

    console, began, tried = Console(), time.monotonic(), Counter[str]()
    failures: list[Outcome] = []
    planned = list(rounds(asked.reader, asked.handler, asked.seed))
    console.print(f"seed {asked.seed}: {asked.reader:,} reader and {asked.handler:,} handler cases")
    with (
        Progress(console=console) as progress,
        ProcessPoolExecutor(asked.workers, initializer=quieten) as pool,
    ):
        task = progress.add_task("cases", total=sum(one.cases for one in planned))
        for done in as_completed([pool.submit(play, one) for one in planned]):
            outcome = done.result()
            tried[outcome.round.kind] += outcome.cases
            failures += [outcome] if outcome.failure else []
            progress.update(task, advance=outcome.round.cases)
            if not console.is_terminal:
                console.print(f"{tried.total():,} cases", highlight=False)
    if not find_spec("atheris"):
        console.print("coverage-guided cases: none, atheris is not installed here")
    elif asked.guided:
        failure = guided(asked.guided, asked.seed)
        failures += (
            [Outcome(Round(READER, asked.seed, asked.guided), asked.guided, failure)] if failure else []
        )
        console.print(f"{asked.guided:,} coverage-guided reader cases")
    for failed in failures[:5]:
        console.print(f"seed {failed.round.seed}, {failed.round.kind}:", style="bold red")
        console.print(failed.failure, markup=False, highlight=False)
    wrong = Counter(failed.round.kind for failed in failures)
    console.print(
        f"{tried[READER]:,} reader cases, {tried[SIGNED] + tried[FORGED]:,} handler cases "
        f"({tried[FORGED]:,} forged) in {time.monotonic() - began:.0f} s: "
        f"{wrong[READER] + wrong[SIGNED]} unhandled errors, {wrong[FORGED]} accepted forgeries"
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
