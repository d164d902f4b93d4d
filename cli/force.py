"""`desk force`: look after a force file."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer

from contact_desk.errors import ForceFileError
from contact_desk.force_file import ForceFile, load_force_file

STALE_AFTER = timedelta(days=180)

app = typer.Typer(help="Look after a force file.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Look after a force file."""


@app.command(epilog="Example: desk force check forces/merseyside.toml")
def check(
    file: Annotated[Path, typer.Argument(help="The force file, such as forces/merseyside.toml.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Say whether a force file is right; each mistake with its line, field and what is allowed.

    Leaves with 0 when the file is right and with 1 when it is not. A signpost nobody has checked for half a year is
    named, and is no mistake.
    """
    try:
        force = load_force_file(file)
    except ForceFileError as error:
        mistakes = str(error).splitlines()
        typer.echo(json.dumps({"right": False, "mistakes": mistakes}) if as_json else "\n".join(mistakes))
        raise typer.Exit(1) from None
    stale = stale_signposts(force, date.today())  # noqa: DTZ011 - a person's own calendar day is meant
    if as_json:
        typer.echo(
            json.dumps(
                {
                    "right": True,
                    "mistakes": [],
                    "stale_signposts": stale,
                    "privacy_notice": force.privacy_notice,
                }
            )
        )
        return
    typer.echo(f"{file.name}: right. {force.name} ({force.short_code}), {', '.join(sorted(force.channels))}.")
    if force.privacy_notice:
        typer.echo(f"  the second reader is on; your privacy page must say:\n  {force.privacy_notice}")
    for code in stale:
        typer.echo(
            f"  signpost {code} was last checked on {force.signposts[code].checked_on}: ask its owner."
        )


def stale_signposts(force: ForceFile, today: date) -> list[str]:
    """The signposts that nobody has checked for half a year, by name."""
    return sorted(
        code for code, signpost in force.signposts.items() if today - signpost.checked_on > STALE_AFTER
    )
