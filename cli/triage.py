"""`desk triage`: learn from operators, run a candidate in the live desk's shadow, check it, score the second reader."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import track

from cli import deployed, learning, shadowing
from cli.candidates import by, candidate_reader, shipped_reader
from cli.labelled import read_labelled, score
from cli.promotion import refusals
from cli.second_reader_scores import read_twice
from cli.second_reader_scores import told as told_of_both
from contact_desk.case_desk import CaseQuery
from contact_desk.cases import CaseState
from contact_desk.force_file import ForceFile, load_force_file
from contact_desk.masking import masked
from contact_desk.overrides import Override
from contact_desk.references import digest_id
from contact_desk.stores.case_desk import DynamoCaseDesk
from contact_desk.stores.dynamo import Table
from contact_desk.stores.override_log import RecordedContact, overrides_between, recorded_contacts
from functions.triage.rule_set import FOLDER
from functions.triage.said import words_of
from functions.triage.second_reads.bedrock import BedrockModel, bedrock_client
from functions.triage.second_reads.reading import known_names
from local.addresses import REPOSITORY

NEVER_AGAIN = REPOSITORY / "tests" / "triage" / "never_again.jsonl"
NOT_RIGHT = 1
SHADOW_DAYS, LEARN_DAYS = 14, 31
MOMENT = ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ", "%Y-%m-%d"]

Since = Annotated[datetime | None, typer.Option("--from", formats=MOMENT, help="UTC.")]
Until = Annotated[datetime | None, typer.Option("--to", formats=MOMENT, help="UTC; now without it.")]
StackName = Annotated[
    str | None, typer.Option(help="A stack of your AWS account; the desk on this machine without it.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
ForceName = Annotated[str, typer.Option("--force", help="Whose signposts and channels count, as in forces/.")]
Candidate = Annotated[
    Path,
    typer.Option(
        "--candidate", help="A folder laid out as functions/triage is.", exists=True, file_okay=False
    ),
]
Lines = Annotated[
    Path, typer.Argument(help="Labelled lines, one JSON object each.", exists=True, dir_okay=False)
]

app = typer.Typer(help="Look after triage: learn, shadow, promote, score.", no_args_is_help=True)


@app.command(epilog="Example: desk triage learn --from 2026-11-01 --json > proposals.json")
def learn(
    *,
    since: Since = None,
    until: Until = None,
    stack_name: StackName = None,
    force: ForceName = "merseyside",
    as_json: AsJson = False,
) -> None:
    """Turn what operators overrode (a month without --from) into proposals for the bank and the rules, masked.

    Nothing is changed. Words of channels whose terms forbid it (X) are left out.
    """
    table, own = _table(stack_name), _force(force)
    first, last = _time(since, until, LEARN_DAYS)
    corrected = list(corrected_words(table, own, first, last))
    found = learning.proposals(corrected)
    typer.echo(json.dumps(asdict(found)) if as_json else learning.as_markdown(found))


@app.command(epilog="Example: desk triage shadow --candidate /tmp/candidate --from 2026-11-08 > shadow.json")
def shadow(
    *,
    candidate: Candidate,
    since: Since = None,
    until: Until = None,
    stack_name: StackName = None,
    force: ForceName = "merseyside",
) -> None:
    """Read the live desk's contacts (a fortnight's without --from) by a candidate, and compare decision by decision.

    The desk is not touched. The answer is JSON without any words of a contact; `promote --shadow` takes it.
    """
    table = _table(stack_name)
    first, last = _time(since, until, SHADOW_DAYS)
    read = by(candidate_reader(candidate, force))
    overrides: defaultdict[str, list[Override]] = defaultdict(list)
    for one in overrides_between(table, first, last):
        overrides[one.case_id].append(one)
    rows = [
        row
        for case_id in track(list(cases_between(table, first, last)), "reading", console=Console(stderr=True))
        for row in shadowing.shadowed(recorded_contacts(table, case_id), overrides[case_id], read)
    ]
    typer.echo(json.dumps(shadowing.told(rows), indent=2))


@app.command(
    epilog="Example: desk triage promote held_out.jsonl --candidate new --shadow shadow.json --check"
)
def promote(
    lines: Lines,
    *,
    candidate: Candidate,
    shadow_file: Annotated[
        Path | None, typer.Option("--shadow", help="What `desk triage shadow` answered.", exists=True)
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Only say whether it may be promoted.")] = False,
    signed_by: Annotated[str | None, typer.Option(help="The lead who answers for it.")] = None,
    force: ForceName = "merseyside",
    as_json: AsJson = False,
) -> None:
    """Check a candidate against what ships; without --check put it in that place, signed, to be committed.

    Leaves with 1 where it may not be promoted. A commit taken back is the way back.
    """
    if not check and not signed_by:
        raise typer.BadParameter("a promotion is signed: --signed-by, or --check alone")
    told = check_candidate(lines, candidate, force, shadow_file)
    if as_json:
        typer.echo(json.dumps({"may_be_promoted": not told, "refusals": told}))
    elif told:
        typer.echo("\n".join(["may not be promoted:", *(f"  {one}" for one in told)]))
    if told:
        raise typer.Exit(NOT_RIGHT)
    if check:
        if not as_json:
            typer.echo("may be promoted")
        return
    for part in ("rules", "model"):
        if (candidate / part).is_dir():
            shutil.copytree(candidate / part, FOLDER.parent / part, dirs_exist_ok=True)
    typer.echo(f"in place, signed by {signed_by}: run the tests, and commit it with that name")


@app.command(
    "second-reader", epilog="Example: desk triage second-reader held_out.jsonl --model MODEL-ID --json"
)
def second_reader(
    lines: Lines,
    *,
    model: Annotated[str, typer.Option(help="A model's or an inference profile's id on Amazon Bedrock.")],
    answer_within_seconds: Annotated[int, typer.Option(min=1, max=60)] = 2,
    force: ForceName = "merseyside",
    as_json: AsJson = False,
) -> None:
    """Score both readers on labelled lines, with your own AWS credentials. Lines are sent masked, and cost money."""
    asked = BedrockModel(bedrock_client(answer_within_seconds), model)
    shown = track(read_labelled(lines), "reading", console=Console(stderr=True), disable=as_json)
    answer = told_of_both(read_twice(shown, by(shipped_reader(force)), asked))
    typer.echo(json.dumps(answer) if as_json else json.dumps(answer, indent=2))


def check_candidate(lines: Path, candidate: Path, force: str, shadow_file: Path | None) -> list[str]:
    """Why the candidate may not be promoted; empty where it may."""
    labelled, again = read_labelled(lines), read_labelled(NEVER_AGAIN)
    ships, would = by(shipped_reader(force)), by(candidate_reader(candidate, force))
    shadow_told: dict[str, Any] = json.loads(shadow_file.read_text()) if shadow_file else {"lost": []}
    return refusals(
        score(labelled, ships),
        score(labelled, would),
        never_again=score(again, would),
        lost_in_shadow=shadowing.lost_in(shadow_told),
    )


def corrected_words(
    table: Table, force: ForceFile, first: datetime, last: datetime
) -> Iterator[learning.CorrectedWords]:
    """What people wrote, masked, in the cases whose decisions were overridden: what had come by then."""
    for override in overrides_between(table, first, last):
        for one in recorded_contacts(table, override.case_id):
            if one.admitted_at <= override.at and _may_be_learnt_from(one, force):
                yield _corrected(override, one)


def _may_be_learnt_from(one: RecordedContact, force: ForceFile) -> bool:
    channel = force.channels.get(one.contact.channel)
    return channel is None or channel.keeps_categories


def _corrected(override: Override, one: RecordedContact) -> learning.CorrectedWords:
    contact = one.contact
    person = contact.person.address if contact.person else contact.native_id
    return learning.CorrectedWords(
        override=override,
        text=" ".join(masked(words_of(contact), known_names(contact)).split()),
        sender=digest_id("sender", contact.channel, person),
        channel=contact.channel,
        surface=contact.surface.value,
        language=one.language,
        category=one.category,
        rules=one.rules,
    )


def cases_between(table: Table, first: datetime, last: datetime) -> Iterator[str]:
    """The names of the cases that were opened in the time, on the desk or closed."""
    desk = DynamoCaseDesk(table)
    for states in (frozenset({CaseState.OPEN, CaseState.ANSWERED}), frozenset({CaseState.CLOSED})):
        query: CaseQuery | None = CaseQuery(last, states=states, limit=200)
        while query:
            page = desk.cases(query)
            yield from (case.case_id for case in page.cases if first <= case.opened_at <= last)
            query = (
                CaseQuery(last, states=states, limit=200, after=page.next_place) if page.next_place else None
            )


def _table(stack_name: str | None) -> Table:
    desk = deployed.find(stack_name)
    return Table(desk.client("dynamodb"), desk.table_name)


def _force(name: str) -> ForceFile:
    return load_force_file(REPOSITORY / "forces" / f"{name}.toml")


def _time(since: datetime | None, until: datetime | None, days: int) -> tuple[datetime, datetime]:
    last = until.replace(tzinfo=UTC) if until else datetime.now(UTC)
    first = since.replace(tzinfo=UTC) if since else last - timedelta(days=days)
    if first > last:
        raise typer.BadParameter("--from must lie before --to")
    return first, last
