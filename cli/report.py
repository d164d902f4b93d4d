"""`desk report`: the desk's numbers for a period, as a page that prints, with CSV and JSON beside it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from cli import deployed
from cli.recounting import INTAKE, only, recount_cases, recount_intake
from contact_desk.force_file import ForceFile, load_force_file
from contact_desk.numbers.counting import Figures
from contact_desk.numbers.definitions import Measure
from contact_desk.numbers.stats import day_begins
from contact_desk.stores.archive import S3ArchiveReader
from contact_desk.stores.dynamo import Table
from contact_desk.stores.hour_totals import DynamoHourTotals
from local.addresses import REPOSITORY

NOT_RIGHT = 1
DAY = ["%Y-%m-%d"]


class By(StrEnum):
    """What the period is cut into."""

    MONTH = "month"


def report(
    *,
    since: Annotated[
        datetime, typer.Option("--from", formats=DAY, help="The first day, by the force's clock.")
    ],
    until: Annotated[datetime, typer.Option("--to", formats=DAY, help="The day after the last one.")],
    by: Annotated[By, typer.Option(help="What the period is cut into.")] = By.MONTH,
    out: Annotated[Path, typer.Option(help="The folder for the files.")] = Path("reports"),
    force: Annotated[str, typer.Option(help="Whose desk it is, as in forces/.")] = "merseyside",
    recount: Annotated[
        bool, typer.Option("--recount", help="Hold the totals to the archive and to the cases; slow.")
    ] = False,
    stack_name: Annotated[
        str | None, typer.Option(help="A stack of your AWS account; the desk on this machine without it.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the figures as JSON and write no files.")
    ] = False,
) -> None:
    """Write the report of a period: HTML to read and print, CSV and JSON with the same figures.

    Example: desk report --from 2026-05-01 --to 2026-11-01 --by month --out reports
    """
    # Drawing is slow to load, and no other command needs it.
    from cli.reporting.files import as_fields, write
    from cli.reporting.periods import reported

    del by  # months are the only cut so far, and the option says so
    first, last = since.date(), until.date()
    if first >= last:
        raise typer.BadParameter("--from must lie before --to")
    own = load_force_file(REPOSITORY / "forces" / f"{force}.toml")
    zone = ZoneInfo(own.time_zone)
    desk = deployed.find(stack_name)
    table = Table(desk.client("dynamodb"), desk.table_name)
    begins, ends = day_begins(first, zone), day_begins(last, zone)
    totals = DynamoHourTotals(table).totals(begins, ends)
    found = reported(totals, first, last, zone)
    if recount:
        archive = S3ArchiveReader(desk.client("s3"), desk.archive_bucket)
        arrived, _ = recount_intake(archive, own, table, begins, ends)
        wrong = differences(found.whole.figures, arrived, recount_cases(table, begins, ends))
        for line in wrong:
            Console(stderr=True).print(line, markup=False, highlight=False)
        if wrong:
            raise typer.Exit(NOT_RIGHT)
    made_at = datetime.now(UTC)
    if as_json:
        typer.echo(json.dumps(as_fields(found, own, made_at), ensure_ascii=False))
        return
    written = write(found, own, out, made_at)
    typer.echo(summary(found.whole.significant, found.days, own, first, last))
    for path in (written.html, written.csv, written.json):
        typer.echo(str(path))


def summary(significant: int, days: int, force: ForceFile, first: date, last: date) -> str:
    """The report in a line, for whoever runs the command."""
    daily = f"{significant / days:.1f} a day"
    return f"{force.name}, {first} up to {last - timedelta(days=1)}: {significant:,} significant contacts, {daily}"


def differences(totals: Figures, archive: Figures, cases: Figures) -> list[str]:
    """Where the totals say something else than the archive or the cases; nothing where all is well.

    The archive is kept for 90 days: of what is older it can only say less.
    """
    told = []
    for source, counted, recounted in (
        ("the archive", only(totals, INTAKE), archive),
        ("the cases", only(totals, set(Measure) - INTAKE), cases),
    ):
        for figure in sorted(counted.keys() | recounted.keys()):
            if counted[figure] != recounted[figure]:
                name = " ".join(figure)
                told.append(f"{name}: totals {counted[figure]}, {source} {recounted[figure]}")
    return told
