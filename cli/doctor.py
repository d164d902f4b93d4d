"""`desk doctor`: everything between an account and the first contact, with what was found and what to do next."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from cli import stages
from cli.account import AccountRefusedError
from cli.examination import alarms, channels, force, platforms, reach, secrets, stack
from cli.examination.examined import Examined
from cli.examination.findings import SIGNS, Finding, State, unknown
from cli.stages import ForceOption, Stage, StageOption
from cli.webhooks.calls import Calls, call_over_http
from contact_desk.clock import Clock, SystemClock
from contact_desk.errors import ForceFileError, StoreError

NOT_RIGHT, NOT_REACHED = 1, 3
EXAMPLE = "Example: desk doctor --force merseyside --stage live"
Look = Callable[[Examined], Iterator[Finding]]
LOOKS: Mapping[str, Look] = {
    "clock": force.look_at_clock,
    "signposts": force.look_at_signposts,
    "stack": stack.look_at_stacks,
    "secrets": secrets.look_at_secrets,
    "api": reach.look_at_api,
    "sign-in": reach.look_at_sign_in,
    "pages": reach.look_at_pages,
    "e-mail": reach.look_at_email,
    "queues": stack.look_at_mappings,
    "dead letters": stack.look_at_dead_letters,
    "schedules": stack.look_at_schedules,
    "alarm routes": alarms.look_at_routes,
    "alert recipients": alarms.look_at_recipients,
    "holds": stack.look_at_holds,
    "publishing": stack.look_at_publishing,
    "channels": channels.look_at_channels,
}
"""The looks that every desk has, in the order in which a desk is built."""
OF_PLATFORMS: Mapping[str, tuple[Look, ...]] = {
    "meta": (reach.look_at_meta_handshake, platforms.look_at_meta),
    "x": (reach.look_at_crc, platforms.look_at_x),
    "sms": (platforms.look_at_twilio,),
}


def doctor(
    *,
    force: ForceOption = None,
    stage: StageOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Look at every step from an account to the first contact, and say what to do next.

    Looks only: nothing is changed or sent. What could not be looked at says so. Leaves with 1 where there is a fault,
    and with 3 where nothing could be looked at.
    """
    at = stages.find(force, stage)
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), console=Console(stderr=True), transient=True
    ) as progress:
        task = progress.add_task("force file")
        found = examine(
            at,
            call_over_http,
            SystemClock(),
            progress=lambda name: progress.update(task, description=name),
        )
    if as_json:
        typer.echo(json.dumps({"faults": _faults(found), "findings": [asdict(one) for one in found]}))
    else:
        _show(found)
    if _faults(found):
        raise typer.Exit(NOT_RIGHT)
    if all(one.state is State.UNKNOWN for one in found):
        raise typer.Exit(NOT_REACHED)


def examine(
    at: Stage, calls: Calls, clock: Clock, *, progress: Callable[[str], None] = lambda _: None
) -> list[Finding]:
    """Every finding on a stage; a look that fails is a finding itself and keeps no other from being had."""
    try:
        force_file = at.force()
    except ForceFileError as error:
        return list(force.unreadable(at, str(error)))
    try:
        standing = at.account.stack(at.stack_name)
    except AccountRefusedError as error:
        return [unknown("stack", str(error), "aws sts get-caller-identity")]
    if standing is None:
        return [stack.missing(at)]
    on = Examined(at, force_file, standing, calls, clock)
    looks = list(LOOKS.items())
    after_secrets = [
        (f"platform {name}", look) for name in force_file.platforms for look in OF_PLATFORMS.get(name, ())
    ]
    looks[-1:-1] = after_secrets
    found: list[Finding] = []
    for name, look in looks:
        progress(name)
        try:
            found += look(on)
        except (AccountRefusedError, StoreError) as error:
            found.append(unknown(name, f"could not be looked at: {error}"))
        except Exception as error:  # noqa: BLE001 a slip in one look must not keep the others from being had
            found.append(unknown(name, f"could not be looked at: {type(error).__name__}"))
    return found


def _faults(found: list[Finding]) -> int:
    return sum(one.state is State.FAULT for one in found)


def _show(found: list[Finding]) -> None:
    for one in found:
        typer.echo(f"{SIGNS[one.state]} {one.about}: {one.found}")
        if one.next_step:
            typer.echo(f"          next: {one.next_step}")
    faults, unknowns = _faults(found), sum(one.state is State.UNKNOWN for one in found)
    said = "no fault was found" if not faults else f"{faults} fault{'s' if faults > 1 else ''}"
    typer.echo(f"{said}; {unknowns} could not be told")
