"""`desk subject`: what a person may ask for: to find, export, erase or restrict what the desk has of them."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli import deployed
from cli.audit import AsJson, StackName, note_reading, trail_of, whoever_runs_this
from cli.bundles import write_bundle
from cli.deployed import Deployed
from cli.disclose import papers_of
from cli.retention import CaseId, ForceName, NotPossibleError, force_named
from cli.unread import Unread, UnreadWords
from contact_desk.clock import SystemClock, to_rfc3339
from contact_desk.disposal import Disposer
from contact_desk.force_file import ForceFile
from contact_desk.stores import keys
from contact_desk.stores.archive import S3ArchiveReader
from contact_desk.stores.deletion_requests import DynamoDeletionRequests
from contact_desk.stores.dynamo import Table
from contact_desk.stores.record_files import S3RecordFiles
from contact_desk.stores.records import DynamoRecords
from contact_desk.stores.repairs import DynamoRepairs
from contact_desk.subject_rights import SubjectRights
from contact_desk.subjects import SubjectCase, address_name, reach_name, reference_name

NOT_RIGHT = 1

Address = Annotated[
    list[str], typer.Option("--address", help="channel:address, as messenger:24601; for one or several.")
]
Reference = Annotated[list[str], typer.Option("--reference", help="A reference that the person was given.")]
Reach = Annotated[
    list[str], typer.Option("--reach", help="An e-mail address or telephone number from a report.")
]

app = typer.Typer(help="Answer what a person asks for under data protection law.", no_args_is_help=True)


@app.command(epilog="Example: desk subject find --address messenger:24601 --reach ceri@example.org")
def find(
    *,
    address: Address = [],  # noqa: B006 - read by typer alone
    reference: Reference = [],  # noqa: B006
    reach: Reach = [],  # noqa: B006
    stack_name: StackName = None,
    force: ForceName = "merseyside",
    as_json: AsJson = False,
) -> None:
    """The cases of a person: which, under which law, and what stands against erasing them. No words are shown."""
    _rights_of, cases, desk = _found(stack_name, force_named(force), address, reference, reach)
    for one in unread_of(desk, force_named(force)).find(addresses_in(address, reach)):
        _tell_unread(one, "may be erased", as_json=as_json)
    for case in cases:
        told = {**asdict(case), "opened_at": to_rfc3339(case.opened_at)}
        shown = {name: value for name, value in told.items() if value not in (None, [], ())}
        typer.echo(
            json.dumps(told) if as_json else "  ".join(f"{name} {value}" for name, value in shown.items())
        )


@app.command(epilog="Example: desk subject export --reference MP-7K3Q-9DXR-C --to request-12")
def export(
    *,
    folder: Annotated[Path, typer.Option("--to", help="A new folder.", file_okay=False)],
    address: Address = [],  # noqa: B006
    reference: Reference = [],  # noqa: B006
    reach: Reach = [],  # noqa: B006
    stack_name: StackName = None,
    force: ForceName = "merseyside",
    as_json: AsJson = False,
) -> None:
    """Everything that the desk has of a person, to read: staff without names, what may be about others marked."""
    own = force_named(force)
    _rights, cases, desk = _found(stack_name, own, address, reference, reach)
    now = datetime.now(UTC)
    papers: dict[str, bytes] = {}
    for case in cases:
        note_reading(trail_of(desk), case.case_id, "export", now)
        made = papers_of(desk, case.case_id, own, now, for_subject=True)
        papers |= {f"{case.reference}-{case.case_id}/{name}": body for name, body in made.files().items()}
    digest = write_bundle(folder, papers)
    told = {"folder": str(folder), "cases": len(cases), "sha256sums": digest}
    typer.echo(json.dumps(told) if as_json else f"{folder}: {len(cases)} cases")


@app.command(epilog="Example: desk subject erase --address messenger:24601 --yes")
def erase(
    *,
    address: Address = [],  # noqa: B006
    reference: Reference = [],  # noqa: B006
    reach: Reach = [],  # noqa: B006
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it; without this it only says what it would do.")
    ] = False,
    stack_name: StackName = None,
    force: ForceName = "merseyside",
    as_json: AsJson = False,
) -> None:
    """Erase what may be erased, and say of the rest why it is kept. Leaves with 1 where something is kept."""
    own = force_named(force)
    rights, cases, desk = _found(stack_name, own, address, reference, reach)
    words = unread_of(desk, own)
    unread = list(words.find(addresses_in(address, reach)))
    if not yes:
        for one in unread:
            _tell_unread(one, "may be erased", as_json=as_json)
        for case in cases:
            against = case.held_because or (case.state if case.state == "open" else None)
            stands = against or ("erasable" if case.erasable else f"{case.regime} record")
            typer.echo(f"{case.reference}  {case.case_id}  {stands}")
        return
    for one in unread:
        act = "erase refused: waits" if one.waits else "erase: unread"
        note_reading(trail_of(desk), one.name, act, datetime.now(UTC))
        _tell_unread(one, "erased", as_json=as_json)
    waiting = words.erase(unread)
    done = rights.erase(cases)
    for each in done:
        reason = "erased" if each.erased else f"kept: {each.reason or each.why_not}"
        typer.echo(json.dumps(asdict(each)) if as_json else f"{each.reference}  {each.case_id}  {reason}")
    if waiting or not all(each.erased for each in done):
        raise typer.Exit(NOT_RIGHT)


@app.command(
    epilog="Example: desk subject restrict 01JBN… --to sub-alex --to sub-sian; --lift shows it to all again"
)
def restrict(
    case_id: CaseId,
    *,
    to: Annotated[list[str], typer.Option("--to", help="The subject of a person who may see it.")] = [],  # noqa: B006
    lift: Annotated[bool, typer.Option("--lift", help="Show it to everybody of the desk again.")] = False,
    stack_name: StackName = None,
    force: ForceName = "merseyside",
) -> None:
    """Let named people alone see a case, nobody where none is named: for restriction, and for cases about staff."""
    rights, _desk = _rights(stack_name, force_named(force))
    if not rights.restrict(case_id, None if lift else to):
        raise NotPossibleError("there is no such case")
    typer.echo(f"{case_id}: seen by {'all of the desk' if lift else ', '.join(to) or 'nobody'}")


@app.command(epilog="Example: desk subject requests --json")
def requests(*, stack_name: StackName = None, as_json: AsJson = False) -> None:
    """What platforms ask to delete in people's names and nobody has settled; the sweep settles what is matched."""
    for one in requests_of(deployed.find(stack_name)).waiting():
        told = {
            "code": one.code,
            "platform": one.platform,
            "asked_at": to_rfc3339(one.asked_at),
            "matched": one.matched,
            "person": one.person,
            "look_at": one.look_at and to_rfc3339(one.look_at),
        }
        shown = {name: value for name, value in told.items() if value is not None}
        typer.echo(
            json.dumps(told) if as_json else "  ".join(f"{name} {value}" for name, value in shown.items())
        )


@app.command(epilog="Example: desk subject match 2v9k… --address messenger:24601")
def match(
    code: Annotated[str, typer.Argument(metavar="CODE", help="The request's code.")],
    *,
    address: Address = [],  # noqa: B006
    nobody: Annotated[
        bool, typer.Option("--nobody", help="Nobody that the desk knows: the request is settled so.")
    ] = False,
    stack_name: StackName = None,
) -> None:
    """Say whose a platform's request is, where the platform did not: the next sweep erases what may be erased."""
    if nobody == bool(address):
        raise typer.BadParameter("say who: --address, or --nobody")
    desk, now = deployed.find(stack_name), datetime.now(UTC)
    names = names_asked(address, [], []) if address else []
    note_reading(trail_of(desk), code, "match request", now)
    if not requests_of(desk).match(code, names, now):
        raise NotPossibleError("no such request waits")
    typer.echo(f"{code}: the next sweep settles it")


def requests_of(desk: Deployed) -> DynamoDeletionRequests:
    """What platforms asked of a deployed desk."""
    return DynamoDeletionRequests(Table(desk.client("dynamodb"), desk.table_name))


def addresses_in(address: list[str], reach: list[str]) -> list[str]:
    """What stands in a message itself: addresses without their channel, e-mail addresses, telephone numbers."""
    return [*(one.partition(":")[2] for one in address), *reach]


def unread_of(desk: Deployed, force: ForceFile) -> UnreadWords:
    """What is no case, on a deployed desk."""
    table, s3 = Table(desk.client("dynamodb"), desk.table_name), desk.client("s3")
    return UnreadWords(
        repairs=DynamoRepairs(table),
        archive=S3ArchiveReader(s3, desk.archive_bucket),
        files=S3RecordFiles(s3, archive=desk.archive_bucket, evidence=desk.evidence_bucket),
        secrets=desk.webhook_secrets(),
        force=force,
        on_the_desk=lambda names: len(table.get_all(list(map(keys.contact, names)))) == len(names),
    )


def _tell_unread(one: Unread, otherwise: str, *, as_json: bool) -> None:
    stands = one.waits.value if one.waits else otherwise
    typer.echo(json.dumps({"unread": one.name, "stands": stands}) if as_json else f"{one.name}  {stands}")


def names_asked(address: list[str], reference: list[str], reach: list[str]) -> list[str]:
    """The names of whoever asks; raises typer.BadParameter where there is none, or an address lacks its channel."""
    names = [reference_name(one) for one in reference] + [reach_name(one) for one in reach]
    for one in address:
        channel, colon, rest = one.partition(":")
        if not colon or not rest:
            raise typer.BadParameter("an address is channel:address, as messenger:24601")
        names.append(address_name(channel, rest))
    if not names:
        raise typer.BadParameter("say who: --address, --reference or --reach")
    return names


def _found(
    stack_name: str | None, force: ForceFile, address: list[str], reference: list[str], reach: list[str]
) -> tuple[SubjectRights, list[SubjectCase], Deployed]:
    names = names_asked(address, reference, reach)
    rights, desk = _rights(stack_name, force)
    cases = rights.find(names)
    for case in cases:
        note_reading(trail_of(desk), case.case_id, "subject found", datetime.now(UTC))
    return rights, cases, desk


def _rights(stack_name: str | None, force: ForceFile) -> tuple[SubjectRights, Deployed]:
    desk, clock = deployed.find(stack_name), SystemClock()
    records = DynamoRecords(Table(desk.client("dynamodb"), desk.table_name))
    files = S3RecordFiles(desk.client("s3"), archive=desk.archive_bucket, evidence=desk.evidence_bucket)
    rights = SubjectRights(
        records,
        Disposer(records, files, clock),
        force.retention.classes,
        clock,
        whoever_runs_this(),
        f"terminal-{to_rfc3339(clock.now())}",
    )
    return rights, desk
