"""`desk simulate`: demand as a force has it, against any desk; or months of it, written into the local desk."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cli import deployed
from contact_desk.errors import ContactDeskError
from contact_desk.force_file import ForceFile, load_force_file
from contact_desk.stores.dynamo import Table
from local.addresses import REPOSITORY
from local.demand.curve import arrivals, midnight
from local.demand.desk import SimulatedDesk
from local.demand.live import Balance, Flagged, LiveRun, read_pages
from local.demand.loading import items_of, totals_of, write_all
from local.demand.matters import Population, ways_of
from local.demand.surges import SURGES, Profile, SurgeName, demanded
from local.demand.writing import Writer
from local.stack_file import MetaSecret, Secrets, SmsSecret, XSecret

NOT_RIGHT = 1
DAY = ["%Y-%m-%d"]
SIGNIFICANT_SHARE = 1.17
"""So many matters begin for each that is a significant contact in the end."""
READ_AT = ("/live", "/feed/atom.xml", "/feed/incidents.geojson")


class LoadRefusedError(ContactDeskError):
    """Months are written in bulk into the desk on this machine only."""


def simulate(  # noqa: PLR0913 - one option each
    *,
    surge: Annotated[SurgeName | None, typer.Option(help="What comes over the steady demand.")] = None,
    profile: Annotated[
        Profile, typer.Option(help="The steady demand: A as in 2018, C the design's.")
    ] = Profile.A,
    minutes: Annotated[float, typer.Option(min=0.1, help="How long to send.")] = 10.0,
    rate: Annotated[float, typer.Option(min=0.1, help="At most so many deliveries a second.")] = 4.0,
    seed: Annotated[int, typer.Option(help="The same seed is the same demand.")] = 1,
    load_from: Annotated[
        datetime | None,
        typer.Option("--load-from", formats=DAY, help="Write months in bulk: their first day."),
    ] = None,
    load_to: Annotated[
        datetime | None, typer.Option("--load-to", formats=DAY, help="The day after their last one.")
    ] = None,
    a_day: Annotated[
        float, typer.Option(help="Significant contacts a day at the start of the months.")
    ] = 28.0,
    growth: Annotated[float, typer.Option(help="Their growth a month.")] = 0.06,
    force: Annotated[str, typer.Option(help="Whose desk it is, as in forces/.")] = "merseyside",
    stack_name: Annotated[
        str | None, typer.Option(help="A stack of your AWS account; the desk on this machine without it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Send signed deliveries as people would write them, and draw the balance: what was answered 2xx is on the desk.

    Example: desk simulate --surge S1 --minutes 10 --rate 4

    Example: desk simulate --load-from 2026-05-01 --load-to 2026-11-01
    """
    desk = deployed.find(stack_name)
    own = load_force_file(REPOSITORY / "forces" / f"{force}.toml")
    table = Table(desk.client("dynamodb"), desk.table_name)
    chance = random.Random(seed)  # noqa: S311 - a play, not a secret
    run = f"{seed}:{datetime.now(UTC).isoformat()}"
    writer = Writer(_accounts(own), _secrets(desk), desk.public_url, run)
    if load_from and load_to:
        if stack_name:
            raise LoadRefusedError(
                "months are written into the desk on this machine only: leave out --stack-name"
            )
        days = load_from.date(), load_to.date()
        told = _load(own, writer, table, chance, days, a_day=a_day, growth=growth)
        typer.echo(
            json.dumps(told)
            if as_json
            else f"{told['contacts']:,} contacts in {told['cases']:,} cases: {told['items']:,} items"
        )
        return
    over = SURGES[surge] if surge else None
    if over and over.reads:
        answers = asyncio.run(
            read_pages(
                [desk.public_url + path for path in READ_AT], rate=min(rate, over.reads), seconds=60 * minutes
            )
        )
        typer.echo(
            json.dumps(dict(answers))
            if as_json
            else f"pages read: {sum(answers.values())}, by answer: {dict(answers)}"
        )
        raise typer.Exit(0 if set(answers) == {200} else NOT_RIGHT)
    population = Population(chance, ways_of(list(own.channels)))
    first = datetime.now(UTC)
    demand = list(
        demanded(
            population,
            first,
            first + timedelta(minutes=minutes),
            ZoneInfo(own.time_zone),
            profile=profile,
            surge=over,
        )
    )
    with _progress(quiet=as_json) as tell:
        live = LiveRun(writer, table, desk.public_url, rate=rate, chance=chance, tell=tell)
        balance = live.play(demand, seconds=60 * minutes, replayed=bool(over and over.replayed))
    typer.echo(json.dumps(asdict(balance)) if as_json else told_of(balance))
    raise typer.Exit(0 if balance.adds_up else NOT_RIGHT)


def told_of(balance: Balance) -> str:
    """The balance for a person."""
    flags = (("private", balance.private), ("public", balance.public))
    lines = [
        f"wanted {balance.wanted:,}, held back by the rate {balance.held_back:,}",
        f"delivered {balance.delivered:,} in {balance.seconds:.0f} s, repeats among them {balance.repeated:,}",
        f"contacts answered 2xx {balance.contacts:,}, on the desk {balance.on_desk:,}",
        f"missing {len(balance.missing)}, refused {balance.refused.total()}",
        "the balance is exact" if balance.adds_up else "THE BALANCE IS WRONG",
        *(line for name, flagged in flags if flagged for line in _times(name, flagged)),
    ]
    return "\n".join(lines)


def _times(name: str, flagged: Flagged) -> list[str]:
    waits = (
        ("the desk", flagged.to_desk_p50, flagged.to_desk_p99, ""),
        ("emergency flag", flagged.p50, flagged.p99, f", {flagged.contacts} cases"),
    )
    return [
        f"{name}, receipt to {what}: "
        + (
            "none"
            if p50 is None or p99 is None
            else f"p50 {p50:.1f} s, p99 {p99:.1f} s{of} (on an emulator no measure of AWS)"
        )
        for what, p50, p99, of in waits
    ]


def _load(
    own: ForceFile,
    writer: Writer,
    table: Table,
    chance: random.Random,
    days: tuple[date, date],
    *,
    a_day: float,
    growth: float,
) -> dict[str, Any]:
    """Live through the days in memory, and write everything that the table would hold by then."""
    zone = ZoneInfo(own.time_zone)
    begins, ends = (midnight(day, zone) for day in days)
    population = Population(chance, ways_of(list(own.channels)))
    simulated = SimulatedDesk(own, writer, chance)
    starts = arrivals(chance, begins, ends, zone, a_day=a_day * SIGNIFICANT_SHARE, growth_a_month=growth)
    simulated.plan(population.matter(at) for at in starts)
    with _progress(quiet=False) as tell:
        simulated.run(ends, lambda at: tell("days lived", (at - begins).days, (ends - begins).days))
        totals = totals_of(simulated.records, ends)
        items = list(items_of(simulated.records, simulated.intake.items, totals))
        written = 0

        def count(more: int) -> None:
            nonlocal written
            written += more
            tell("items written", written, len(items))

        write_all(table, items, count)
    return {
        "contacts": len(simulated.records.contacts),
        "cases": len(simulated.records.cases),
        "items": len(items),
        "expected": simulated.world.expected(begins, ends, ends),
    }


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Any]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=32),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as shown:
        tasks: dict[str, Any] = {}

        def tell(name: str, done: int, of: int) -> None:
            if name not in tasks:
                tasks[name] = shown.add_task(name, total=of)
            shown.update(tasks[name], completed=done, total=of)

        yield tell


def _accounts(own: ForceFile) -> dict[str, str]:
    return {name: channel.account for name, channel in own.channels.items()}


def _secrets(desk: deployed.Deployed) -> Secrets:
    """What deliveries are signed with: the desk's own webhook secrets, which whoever runs this must be able to read."""
    read = {name: dict(secret.versions()[0]) for name, secret in desk.webhook_secrets().items()}
    meta, x, sms = (read.get(name, {}) for name in ("meta", "x", "sms"))
    return Secrets(
        meta=MetaSecret(app_secret=meta["app_secret"], verify_token=meta.get("verify_token", "")),
        x=XSecret(consumer_secret=x.get("consumer_secret", "")),
        sms=SmsSecret(auth_token=sms.get("auth_token", "")),
    )
