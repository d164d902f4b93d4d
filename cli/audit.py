"""`desk audit`: who saw and did what, and the proof that nobody has changed what is written of it."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from cli import deployed
from cli.deployed import Deployed
from contact_desk.audit_chain import HOUR, Proof
from contact_desk.audit_sealing import prove
from contact_desk.case_desk import AuditEntry
from contact_desk.clock import SystemClock, moment_of_ulid, to_rfc3339
from contact_desk.ports import AuditTrail
from contact_desk.stores.audit_disposals import DynamoAuditDisposals
from contact_desk.stores.audit_trail import DynamoAuditTrail
from contact_desk.stores.dynamo import Table
from contact_desk.stores.seal_vault import S3SealVault
from contact_desk.stores.secrets import SecretsManagerSecret
from functions.sweep.audit_seals import sealing_key

NOT_RIGHT = 1
MOMENT = ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ", "%Y-%m-%d"]
StackName = Annotated[
    str | None, typer.Option(help="A stack of your AWS account; the desk on this machine without it.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]

app = typer.Typer(help="Read the audit, and prove that it is whole.", no_args_is_help=True)


@app.command(epilog="Example: desk audit who 01JBNXQ0M0000000000000001A")
def who(
    case_id: Annotated[str, typer.Argument(metavar="CASE", help="The case's ULID.")],
    *,
    stack_name: StackName = None,
    as_json: AsJson = False,
) -> None:
    """Everybody who saw or worked on a case, when and how: lists that showed it included."""
    desk = deployed.find(stack_name)
    trail, now = trail_of(desk), datetime.now(UTC)
    note_reading(trail, case_id, "audit", now)
    _tell(everybody(trail, case_id, now), as_json=as_json)


@app.command(epilog="Example: desk audit what sub-alex --from 2026-11-01 --to 2026-11-08")
def what(
    person: Annotated[str, typer.Argument(help="The person's subject, as their token has it.")],
    *,
    since: Annotated[
        datetime | None, typer.Option("--from", formats=MOMENT, help="UTC; a day ago without it.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", formats=MOMENT, help="UTC; now without it.")
    ] = None,
    stack_name: StackName = None,
    as_json: AsJson = False,
) -> None:
    """Everything that one person saw and did."""
    desk = deployed.find(stack_name)
    trail, now = trail_of(desk), datetime.now(UTC)
    last = until.replace(tzinfo=UTC) if until else now
    first = since.replace(tzinfo=UTC) if since else last - timedelta(days=1)
    note_reading(trail, person, "audit", now)
    _tell([entry for entry in trail.between(first, last) if entry.by == person], as_json=as_json)


@app.command(epilog="Example: desk audit verify; leaves with 1 and names the first break where there is one")
def verify(*, stack_name: StackName = None, as_json: AsJson = False) -> None:
    """Prove the chain of seals from its first hour to now, and every entry against its seal."""
    desk = deployed.find(stack_name)
    vault = S3SealVault(desk.client("s3"), desk.audit_bucket)
    secret = SecretsManagerSecret(desk.client("secretsmanager"), desk.audit_key, SystemClock())
    now, first = datetime.now(UTC), vault.first()
    hours = (now - first) // HOUR if first else 0
    with Progress(console=Console(stderr=True), disable=as_json, transient=True) as progress:
        looked = progress.add_task("hours", total=hours)
        disposals = DynamoAuditDisposals(Table(desk.client("dynamodb"), desk.table_name))
        proof = prove(
            trail_of(desk),
            vault,
            sealing_key(secret),
            now,
            lambda _hour: progress.advance(looked),
            disposals=disposals,
        )
    typer.echo(json.dumps(_fields(proof)) if as_json else told(proof))
    if not proof.whole:
        raise typer.Exit(NOT_RIGHT)


@app.command(
    "bring-back",
    epilog="Example: desk audit bring-back DAMAGED --from 2026-11-02T09:55Z --to 2026-11-02T11:05Z",
)
def bring_back(
    table: Annotated[str, typer.Argument(metavar="TABLE", help="The table that the desk used before.")],
    *,
    since: Annotated[datetime, typer.Option("--from", formats=MOMENT, help="UTC; what was restored to.")],
    until: Annotated[
        datetime | None, typer.Option("--to", formats=MOMENT, help="UTC; now without it.")
    ] = None,
    stack_name: StackName = None,
    as_json: AsJson = False,
) -> None:
    """After a restore: copy the entries of the lost time from the table that was given up, so that the seals hold."""
    desk = deployed.find(stack_name)
    first = since.replace(tzinfo=UTC)
    last = until.replace(tzinfo=UTC) if until else datetime.now(UTC)
    before = DynamoAuditTrail(Table(desk.client("dynamodb"), table))
    copied = copy_entries(before, trail_of(desk), first, last)
    typer.echo(json.dumps({"copied": copied}) if as_json else f"{copied} entries are back")


def copy_entries(before: AuditTrail, after: AuditTrail, first: datetime, last: datetime) -> int:
    """Note in one trail what another has of a time, each entry as it is; how many. A second time changes nothing."""
    copied = 0
    for entry in before.between(first, last):
        after.note(entry)
        copied += 1
    return copied


def trail_of(desk: Deployed) -> DynamoAuditTrail:
    """The audit of a deployed desk."""
    return DynamoAuditTrail(Table(desk.client("dynamodb"), desk.table_name))


def whoever_runs_this() -> str:
    """What the audit calls somebody at a terminal: their account name, marked as no subject of the desk's tokens."""
    return f"terminal:{getpass.getuser()}"


def note_reading(trail: AuditTrail, subject: str, act: str, now: datetime) -> None:
    """Write down that somebody at a terminal reads or does something, before they do."""
    trail.note(AuditEntry(subject, now, whoever_runs_this(), act, f"terminal-{to_rfc3339(now)}"))


def everybody(trail: AuditTrail, case_id: str, now: datetime) -> list[AuditEntry]:
    """Whatever was done on a case, and the lists that showed it since it was opened, oldest first."""
    done, made_at = list(trail.of(case_id)), moment_of_ulid(case_id)
    shown = [
        replace(entry, subject=case_id, shown=(case_id,))
        for entry in (trail.between(made_at, now) if made_at else ())
        if case_id in entry.shown
    ]
    return sorted([*done, *shown], key=lambda entry: entry.at)


def told(proof: Proof) -> str:
    """The proof in a sentence."""
    held = f"{proof.seals} hours with {proof.entries} entries hold"
    if (broken := proof.first_break) is None:
        return held
    on = f" ({broken.subject} at {to_rfc3339(broken.at)})" if broken.subject and broken.at else ""
    return f"{held}, then the chain breaks at {to_rfc3339(broken.hour)}: {broken.what}{on}"


def _fields(proof: Proof) -> dict[str, Any]:
    broken = proof.first_break
    moments = {"hour": to_rfc3339(broken.hour), "at": broken.at and to_rfc3339(broken.at)} if broken else {}
    return {
        "whole": proof.whole,
        "seals": proof.seals,
        "entries": proof.entries,
        "first_break": {**asdict(broken), **moments} if broken else None,
    }


def _tell(entries: Iterable[AuditEntry], *, as_json: bool) -> None:
    for entry in entries:
        if as_json:
            typer.echo(json.dumps({**asdict(entry), "at": to_rfc3339(entry.at)}))
        else:
            typer.echo(f"{to_rfc3339(entry.at)}  {entry.by}  {entry.act}  {entry.subject}")
