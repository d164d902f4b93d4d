"""Play the scripted day against the desk that runs on this machine: `python -m local.day`."""

from __future__ import annotations

import argparse
import os
import sys

from rich.console import Console

from contact_desk.errors import ContactDeskError
from local.addresses import Addresses
from local.day.playing import play
from local.stack_file import Stack


def main() -> int:
    """Play and print; gives 1 where the day does not add up."""
    parser = argparse.ArgumentParser(prog="python -m local.day", description="Play the scripted day.")
    parser.add_argument("--seed", type=int, default=1, help="decides the ids of the run, with its start")
    options = parser.parse_args()
    console = Console()
    try:
        stack = Stack.read(Addresses.from_environment(os.environ).stack_file)
        result = play(stack, console, seed=options.seed)
    except ContactDeskError as error:
        Console(stderr=True).print(str(error), style="red", markup=False, highlight=False)
        return 1
    console.print(f"played in {result.seconds:.1f} s", highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
