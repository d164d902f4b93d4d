"""What the first reader costs: a message read, as a ratio to a plain loop of `re.search` over the same patterns.

Also what it takes to load, against bare Python, and the size of what ships.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache, partial
from re import Pattern
from typing import Any

import yaml
from rich.table import Table

from cli.local_reader import local_reader
from contact_desk.contacts import Surface
from functions.triage.first_reader import Utterance
from functions.triage.patterns import compile_patterns
from functions.triage.rule_set import FOLDER as RULES
from functions.triage.trained_model import FOLDER as MODEL
from functions.triage.wording import in_one_spelling

LENGTHS = (140, 600)
SAID = (
    "hiya its about the flat above ours, number 14 on Rose Lane, there has been shouting on and off since about nine "
    "and now it has gone quiet which is worse. their little one was crying on the landing in her pyjamas and the door "
    "is open a bit. I do not like to make a fuss because they are nice people when he is not drinking, she does my "
    "mums shopping. I knocked and nobody came. there is a smell of burning as well, it might only be the toast. could "
    "someone tell me if this is a thing for you or the council, I am on nights tomorrow and cannot sit up with it all "
    "evening, and the baby upstairs has only just gone down as well so I would rather nobody rang the bell. thanks"
)
CALLS = 30
LOAD = (
    "from functions.triage.rule_set import load_rules; from functions.triage.trained_model import load_model; "
    "from functions.triage.language import identifier; import functions.triage.first_reader; "
    "load_rules(); load_model(); identifier()"
)


@cache
def every_pattern() -> list[Pattern[str]]:
    """Each pattern of the rules by itself."""
    files = {path.stem: yaml.safe_load(path.read_text()) for path in sorted(RULES.glob("*.yaml"))}
    entries: list[dict[str, Any]] = [entry for file in files.values() for entry in file.get("rules", [])]
    written = [one for entry in entries for one in (*entry.get("any_of", []), *entry.get("unless", []))]
    compiled = [compile_patterns([one], files["words"]).expression for one in written]
    return [expression for expression in compiled if expression]


def milliseconds(work: Callable[[], object], calls: int = CALLS) -> float:
    """Processor time of one call, the median of many."""
    work()
    times = []
    for _ in range(calls):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return 1000 * statistics.median(times)


def plain_loop(spelt: str) -> int:
    """What a reader without any thought would do."""
    return sum(pattern.search(spelt) is not None for pattern in every_pattern())


def seconds_to_run(program: str) -> float:
    """How long a process of its own takes."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True)
    return time.perf_counter() - began


def report() -> Table:
    """One line for each length, one for the load, one for the size."""
    reader = local_reader()
    table = Table("first reader", "ms", "/ plain loop", title="the first reader", title_justify="left")
    for length in LENGTHS:
        text = SAID[:length]
        utterance = Utterance(text, "messenger", Surface.PRIVATE)
        spelt = in_one_spelling(text)
        reading, loop = (
            milliseconds(partial(reader.read, utterance)),
            milliseconds(partial(plain_loop, spelt)),
        )
        table.add_row(f"{length} characters", f"{reading:.1f}", f"{reading / loop:.2f}")
    bare, loaded = seconds_to_run("pass"), seconds_to_run(LOAD)
    table.add_row("load", f"{1000 * (loaded - bare):.0f}", f"{loaded / bare:.0f} x bare Python")
    size = sum(path.stat().st_size for path in MODEL.iterdir()) / 1e6
    table.add_row("model, MB", f"{size:.1f}", "")
    return table


if __name__ == "__main__":
    from rich.console import Console

    Console().print(report())
