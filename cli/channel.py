"""`desk channel`: connect the force's channels to the desk."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from cli import stages
from cli.connecting import connect as connecting
from cli.examination.examined import Examined
from cli.examination.findings import SIGNS, Finding, State
from cli.stages import ForceOption, StageOption
from cli.webhooks.calls import call_over_http
from contact_desk.clock import SystemClock

NOT_RIGHT = 1

app = typer.Typer(help="Connect the force's channels to the desk.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Connect the force's channels to the desk."""


@app.command(epilog="Example: desk channel connect messenger --force merseyside --stage live")
def connect(
    channel: Annotated[
        str, typer.Argument(help="messenger, facebook_page, instagram, whatsapp, x, sms; or all.")
    ],
    *,
    force: ForceOption = None,
    stage: StageOption = None,
    business_account: Annotated[
        str | None,
        typer.Option(help="WhatsApp's business account, where its token does not name it."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Set the channel's webhook at its platform, subscribe the account, verify both, and send a test contact.

    Needs the channel's secrets (`desk secrets set`). The test contact is signed as the platform's own and goes as far
    as triage; no operator ever sees it, and it counts in no figure. May be run again at any time. Leaves with 1 where a
    step fails, and says what to do.
    """
    at = stages.find(force, stage)
    force_file = at.force()
    wanted = list(force_file.channels) if channel == "all" else [channel]
    if channel != "all" and channel not in force_file.channels:
        known = ", ".join([*force_file.channels, "all"])
        raise typer.BadParameter(f"the force file has no channel {channel}; it has {known}")
    on = Examined(at, force_file, at.stack(), call_over_http, SystemClock())
    found: dict[str, list[Finding]] = {}
    for name in wanted:
        found[name] = []
        for one in connecting(on, name, business_account):
            found[name].append(one)
            if not as_json:
                _show(name, one)
    if as_json:
        told = {name: [asdict(one) for one in steps] for name, steps in found.items()}
        typer.echo(json.dumps({"channels": told}))
    if any(one.state is State.FAULT for steps in found.values() for one in steps):
        raise typer.Exit(NOT_RIGHT)


def _show(channel: str, one: Finding) -> None:
    typer.echo(f"{SIGNS[one.state]} {channel}: {one.about}: {one.found}")
    if one.next_step:
        typer.echo(f"          next: {one.next_step}")
