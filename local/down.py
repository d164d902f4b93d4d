"""Stop what `make up` started: `python -m local.down [--reset]`."""

from __future__ import annotations

import argparse
import os
import sys

from rich.console import Console

from contact_desk.errors import ContactDeskError
from local.addresses import Addresses
from local.stack import LocalDesk


def main() -> int:
    """Stop every process of the desk, the state saved; with `--reset` forget the state too. Gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m local.down", description="Stop the local desk.")
    parser.add_argument(
        "--reset", action="store_true", help="forget all state: records, objects, keys and secrets"
    )
    options = parser.parse_args()
    console = Console()
    try:
        desk = LocalDesk(addresses=Addresses.from_environment(os.environ))
        with console.status(
            "stopping the desk" if options.reset else "stopping the desk and saving its state"
        ):
            stopped = desk.take_down(saving=not options.reset)
        if options.reset:
            desk.forget()
    except ContactDeskError as error:
        Console(stderr=True).print(f"[red]{error}[/]", highlight=False)
        return 1
    console.print(f"stopped: {', '.join(stopped)}" if stopped else "nothing was running", highlight=False)
    if options.reset:
        console.print(f"{desk.addresses.home} holds no state any more", highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
