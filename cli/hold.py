"""`desk hold`: park what a webhook cannot verify, and answer it 200, until the right secret is in place.

The setting is one parameter that the webhooks read at most 15 seconds late: no deploy, and no secret is touched.
"""

from __future__ import annotations

import json
from typing import Annotated

import typer

from cli import deployed
from contact_desk.stores.holds import NONE, held
from functions.ingest.registry import PLATFORMS


def hold(
    webhook: Annotated[
        str | None, typer.Argument(help="The webhook: meta, x. All are shown without it.")
    ] = None,
    *,
    release: Annotated[bool, typer.Option("--release", help="Take it off hold again.")] = False,
    stack_name: Annotated[
        str | None, typer.Option(help="A stack of your AWS account; the desk on this machine without it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Put a webhook on hold, or take it off; deliveries with a right signature go their usual way all the while.

    Example: desk hold meta; then, with the right secret in place: desk hold meta --release, desk replay parked --send
    """
    if webhook is not None and webhook not in PLATFORMS:
        raise typer.BadParameter(f"{webhook} is none of {', '.join(sorted(PLATFORMS))}")
    desk = deployed.find(stack_name)
    ssm = desk.client("ssm")
    on_hold = held(ssm.get_parameter(Name=desk.hold_parameter)["Parameter"]["Value"])
    if webhook is not None:
        on_hold = on_hold - {webhook} if release else on_hold | {webhook}
        ssm.put_parameter(
            Name=desk.hold_parameter, Value=",".join(sorted(on_hold)) or NONE, Type="String", Overwrite=True
        )
    listed = sorted(on_hold)
    typer.echo(json.dumps({"on_hold": listed}) if as_json else f"on hold: {', '.join(listed) or NONE}")
