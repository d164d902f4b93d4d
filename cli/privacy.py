"""`desk privacy`: what a data protection officer needs: the data map, the impact assessment, the privacy notice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.data_map.page import data_map
from cli.data_map.papers import impact_assessment, privacy_notice
from cli.retention import ForceName, force_named
from contact_desk.errors import ContactDeskError
from local.addresses import REPOSITORY

TEMPLATE = "Desk.template.json"
To = Annotated[Path | None, typer.Option("--to", help="A file; printed without it.", dir_okay=False)]

app = typer.Typer(help="Papers for a data protection officer.", no_args_is_help=True)


class NotSynthesisedError(ContactDeskError):
    """The template of the force's desk could not be made."""


@app.command("map", epilog="Example: desk privacy map --force merseyside --stage live --to data-map.md")
def data_map_command(
    *,
    force: ForceName = "merseyside",
    stage: Annotated[str, typer.Option(help="The stage, as in infra/stage.py.")] = "live",
    template: Annotated[
        Path | None, typer.Option(help="A template that was made already.", exists=True, dir_okay=False)
    ] = None,
    to: To = None,
) -> None:
    """Every kind of record and place: fields, purpose, basis, how long, who may read. From code and template."""
    with tempfile.TemporaryDirectory() as folder:
        made = template or _synthesised(force, stage, Path(folder))
        page = data_map(json.loads(made.read_text()), force_named(force), stage)
    _hand_over(page, to)


@app.command(epilog="Example: desk privacy dpia --force merseyside --to dpia.md")
def dpia(*, force: ForceName = "merseyside", to: To = None) -> None:
    """The data protection impact assessment, filled as far as the code knows; brackets are the force's to fill."""
    _hand_over(impact_assessment(force_named(force)), to)


@app.command(epilog="Example: desk privacy notice --force merseyside --to privacy-notice.md")
def notice(*, force: ForceName = "merseyside", to: To = None) -> None:
    """The privacy notice for people who write to the force, from its own channels, classes and texts."""
    _hand_over(privacy_notice(force_named(force)), to)


def _synthesised(force: str, stage: str, folder: Path) -> Path:
    typer.echo("synthesising the desk, half a minute …", err=True)
    variables: dict[str, Any] = {
        "CDK_VALIDATION": "false",
        "DESK_BUNDLE": "host",
        "DESK_CDK_OUT": str(folder),
        "DESK_FORCE": force,
        "DESK_STAGE": stage,
    }
    made = subprocess.run(  # our own program, arguments of our own
        [sys.executable, "-m", "infra.app"],
        cwd=REPOSITORY,
        env={**os.environ, **variables},
        capture_output=True,
        check=False,
        text=True,
    )
    if made.returncode:
        raise NotSynthesisedError(made.stderr.strip() or made.stdout.strip())
    return folder / TEMPLATE


def _hand_over(page: str, to: Path | None) -> None:
    if to is None:
        typer.echo(page, nl=False)
        return
    to.write_text(page, encoding="utf-8")
    typer.echo(f"{to}: {page.count(chr(10))} lines")
