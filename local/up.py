"""Bring the desk up on this machine and play a day on it: `make up`, or `python -m local.up`."""

from __future__ import annotations

import argparse
import os
import sys
import time

from rich.console import Console

from contact_desk.errors import ContactDeskError
from local.addresses import Addresses
from local.day import play
from local.stack import DEFAULT_FORCE, LocalDesk
from local.stack_file import Stack
from local.terminal import TerminalSteps

INTERRUPTED = 130  # as a shell says of a program that Ctrl-C ended


def main() -> int:
    """Bring up, play, print; gives the exit code: 1 where something failed or the day does not add up."""
    parser = argparse.ArgumentParser(
        prog="python -m local.up", description="Bring the desk up on this machine and play a day on it."
    )
    parser.add_argument(
        "--force",
        default=os.environ.get("DESK_FORCE") or DEFAULT_FORCE,
        help="the file of forces/ to run, without .toml (default: DESK_FORCE, or %(default)s)",
    )
    parser.add_argument("--reset", action="store_true", help="forget the state of earlier runs first")
    parser.add_argument("--no-day", action="store_true", help="leave the scripted day out")
    options = parser.parse_args()
    console = Console()
    began = time.monotonic()
    try:
        desk = LocalDesk(addresses=Addresses.from_environment(os.environ), force_name=options.force)
        if options.reset:
            desk.take_down()
            desk.forget()
        stack = desk.bring_up(TerminalSteps(console))
        try:
            if not options.no_day:
                play(stack, console)
        finally:
            show_addresses(stack, desk, console)
    except ContactDeskError as error:
        Console(stderr=True).print(str(error), style="red", markup=False, highlight=False)
        return 1
    except KeyboardInterrupt:
        console.print("interrupted; `make down` stops what has started", highlight=False)
        return INTERRUPTED
    spent, load = time.monotonic() - began, os.getloadavg()[0]
    console.print(f"up in {spent:.0f} s (load {load:.1f}); `make down` stops it", highlight=False)
    return 0


def show_addresses(stack: Stack, desk: LocalDesk, console: Console) -> None:
    """Print where everything stands."""
    console.print()
    for what, where in (
        ("operators' screen", stack.console_url),
        ("be a member of the public", f"{stack.platforms_url}/public"),
        ("report form", stack.report_url),
        ("live page of the public", stack.live_url),
        ("public feed", stack.feed_url),
        ("API", stack.api_url),
        *(
            (f"webhook of {platform}", f"{stack.api_url}/webhooks/{platform}")
            for platform in type(stack.secrets).model_fields
        ),
        ("reports", f"{stack.api_url}/reports"),
        ("operators' API", f"{stack.api_url}/desk/cases"),
        ("what the platforms received", f"{stack.platforms_url}/received"),
        ("token issuer", desk.addresses.oidc_url),
        ("emulated AWS", stack.aws_endpoint_url),
        ("secrets, tokens, queues", str(desk.addresses.stack_file)),
    ):
        console.print(f"{what:<28} {where}", highlight=False, markup=False, soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
