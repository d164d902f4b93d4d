"""`desk retention`: what is due for disposal, what a person must decide on, legal holds, and what was disposed of."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Annotated, Any

import typer

from cli import deployed
from cli.audit import AsJson, StackName, whoever_runs_this
from contact_desk.case_desk import AuditEntry
from contact_desk.clock import to_rfc3339
from contact_desk.disposal import review_list
from contact_desk.errors import ContactDeskError
from contact_desk.force_file import ForceFile, load_force_file
from contact_desk.retention import Decision, Fate, LegalHold
from contact_desk.stores.dynamo import Table
from contact_desk.stores.records import DynamoRecords
from local.addresses import REPOSITORY

DAY = ["%Y-%m-%d"]
ForceName = Annotated[str, typer.Option("--force", help="Whose classes count, as in forces/.")]
CaseId = Annotated[str, typer.Argument(metavar="CASE", help="The case's ULID.")]
Reason = Annotated[str, typer.Option(help="Why: it stays with the record, so no words of a person.")]

app = typer.Typer(help="Hold, review and dispose of records.", no_args_is_help=True)


class NotPossibleError(ContactDeskError):
    """There is no such case, or its state does not allow it."""


@app.command(epilog="Example: desk retention review")
def review(*, stack_name: StackName = None, force: ForceName = "merseyside", as_json: AsJson = False) -> None:
    """The cases that a person must decide on before they are disposed of, by date."""
    rules, now = force_named(force).retention, datetime.now(UTC)
    found = records_of(stack_name).due(now + rules.review_ahead)
    _tell(map(asdict, review_list(found, rules, now)), as_json=as_json)


@app.command(epilog="Example: desk retention decide 01JBN… keep --until 2028-01-31 --reason 'appeal is open'")
def decide(
    case_id: CaseId,
    fate: Annotated[Fate, typer.Argument(help="keep: until another date; dispose: on its date.")],
    *,
    reason: Reason,
    until: Annotated[datetime | None, typer.Option(formats=DAY, help="For keep: until when.")] = None,
    stack_name: StackName = None,
) -> None:
    """Record what becomes of a case; the decision outlives it."""
    now, by = datetime.now(UTC), whoever_runs_this()
    if (fate is Fate.KEEP) != (until is not None):
        raise typer.BadParameter("--until goes with keep, and keep with --until")
    last = until.replace(tzinfo=UTC) if until else None
    if last and last <= now:
        raise typer.BadParameter("--until must lie ahead")
    decision = Decision(fate, reason, by, now, last)
    if not records_of(stack_name).decide(case_id, decision, audit_of(case_id, f"decide: {fate}", by, now)):
        raise NotPossibleError("there is no such closed case, or its disposal has begun")
    typer.echo(f"{case_id}: {fate}")


@app.command(epilog="Example: desk retention hold 01JBN… --reason 'civil claim 4711' --review-on 2027-05-01")
def hold(
    case_id: CaseId,
    *,
    reason: Reason,
    review_on: Annotated[datetime, typer.Option(formats=DAY, help="When somebody looks at it again.")],
    stack_name: StackName = None,
) -> None:
    """Put a case on legal hold, or change its hold: nothing of it is disposed of or erased until it is lifted."""
    now, by = datetime.now(UTC), whoever_runs_this()
    held = LegalHold(case_id, reason, by, now, review_on.date())
    if not records_of(stack_name).hold(held, audit_of(case_id, "hold", by, now)):
        raise NotPossibleError("there is no such case, or its disposal has begun")
    typer.echo(f"{case_id}: on hold, to be looked at again on {held.review_on}")


@app.command(epilog="Example: desk retention lift 01JBN…")
def lift(case_id: CaseId, *, stack_name: StackName = None) -> None:
    """Lift a legal hold; the case's own date counts again."""
    now, by = datetime.now(UTC), whoever_runs_this()
    if not records_of(stack_name).lift(case_id, audit_of(case_id, "lift hold", by, now)):
        raise NotPossibleError("there is no hold on this case")
    typer.echo(f"{case_id}: not on hold")


@app.command(epilog="Example: desk retention holds --json")
def holds(*, stack_name: StackName = None, as_json: AsJson = False) -> None:
    """Every legal hold, those first that somebody should look at again."""
    _tell(map(asdict, records_of(stack_name).holds()), as_json=as_json)


@app.command(epilog="Example: desk retention disposed --from 2026-11-01")
def disposed(
    *,
    since: Annotated[
        datetime | None, typer.Option("--from", formats=DAY, help="UTC; a month ago without it.")
    ] = None,
    stack_name: StackName = None,
    as_json: AsJson = False,
) -> None:
    """The records of what was disposed of: when, why, how much; nothing of what it said."""
    first = since.replace(tzinfo=UTC) if since else datetime.now(UTC) - timedelta(days=31)
    _tell(map(asdict, records_of(stack_name).disposed(first)), as_json=as_json)


def records_of(stack_name: str | None) -> DynamoRecords:
    """The records of a deployed desk."""
    desk = deployed.find(stack_name)
    return DynamoRecords(Table(desk.client("dynamodb"), desk.table_name))


def force_named(name: str) -> ForceFile:
    """The force file of that name; raises ForceFileError."""
    return load_force_file(REPOSITORY / "forces" / f"{name}.toml")


def audit_of(case_id: str, act: str, by: str, now: datetime) -> AuditEntry:
    """The audit's entry of something done at a terminal."""
    return AuditEntry(case_id, now, by, act, f"terminal-{to_rfc3339(now)}")


def _tell(found: Iterable[dict[str, Any]], *, as_json: bool) -> None:
    for one in found:
        told = {name: _written(value) for name, value in one.items() if value is not None}
        typer.echo(
            json.dumps(told) if as_json else "  ".join(f"{name} {value}" for name, value in told.items())
        )


def _written(value: object) -> object:
    match value:
        case datetime():
            return to_rfc3339(value)
        case date():
            return value.isoformat()
        case Enum():
            return value.value
        case dict():
            return {name: _written(inner) for name, inner in value.items()}
    return value
