"""`desk broadcast`: one message to the public, two people behind it, from a terminal.

Exit codes: 0 done; 1 the desk refused, and says why; 2 used wrongly; 3 the desk does not answer.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.desk_alerts import DeskLostError
from cli.desk_broadcasts import DeskBroadcasts, DeskSaidNoError, Fields
from contact_desk.clock import to_rfc3339
from contact_desk.hidden_signs import spelt_out
from local.addresses import Addresses
from local.stack_file import Stack

NOT_RIGHT, USED_WRONGLY, NOT_REACHED = 1, 2, 3
AFTER = re.compile(r"\+(\d{1,4})([mh])")
# What of a broadcast a correction takes over from what it corrects, unless it is told otherwise.
TAKEN_OVER = (
    "kind", "what", "where", "do", "force_reference", "severity", "area", "language", "versions", "expires_at",
)  # fmt: skip

app = typer.Typer(
    help="Broadcasts: draft, submit, have somebody else approve, correct, cancel; stop and start all publishing.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Api = Annotated[
    str | None, typer.Option("--api", help="The desk's API; without it the desk on this machine.")
]
Token = Annotated[
    str | None,
    typer.Option(
        "--token",
        envvar="DESK_TOKEN",
        help="Your token, needed with --api. On this machine a supervisor's approves and starts, else a publisher's.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
Name = Annotated[str, typer.Argument(help="The broadcast's id or its reference.")]
File = Annotated[
    Path | None,
    typer.Option("--file", help="The fields in JSON, as the API takes them; - reads them from here."),
]
What = Annotated[str | None, typer.Option("--what", help="What has happened: `Road closed`.")]
Where = Annotated[str | None, typer.Option("--where", help="Where: `A41 at Bromborough, both ways`.")]
Do = Annotated[str | None, typer.Option("--do", help="What people should do.")]
Until = Annotated[
    str | None,
    typer.Option("--until", help="When it ends: `+2h`, `+90m`, or a time such as 2026-11-22T14:00."),
]
Starts = Annotated[
    str | None, typer.Option("--starts", help="When it starts, as --until; at once without it.")
]
Severity = Annotated[
    str | None, typer.Option("--severity", help="minor, moderate, severe, extreme or unknown.")
]
Places = Annotated[list[str] | None, typer.Option("--place", help="A place in its area; may be repeated.")]
Channels = Annotated[list[str] | None, typer.Option("--channel", help="Where to; may be repeated.")]
ForceReference = Annotated[str | None, typer.Option("--force-reference", help="The force's own reference.")]


@app.command("list")
def list_broadcasts(
    *,
    state: Annotated[str | None, typer.Option("--state", help="draft, submitted, scheduled, live …")] = None,
    api: Api = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """List the newest broadcasts with the state of each copy.

    Example: desk broadcast list --state live
    """
    with _desk(api, token) as desk:
        found = desk.listed(state)
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    for one in found:
        copies = ", ".join(f"{copy['channel']} {copy['state']}" for copy in one["copies"]) or "feed only"
        typer.echo(f"{one['reference']}  {one['state']:<10}  {one['what']}, {one['where']}  ({copies})")


@app.command()
def draft(  # noqa: PLR0913 - one for each option
    *,
    kind: Annotated[
        str | None, typer.Option("--kind", help="incident, appeal, advice, message, holding or rumour.")
    ] = None,
    what: What = None,
    where: Where = None,
    do: Do = None,
    until: Until = None,
    starts: Starts = None,
    severity: Severity = None,
    places: Places = None,
    channels: Channels = None,
    force_reference: ForceReference = None,
    file: File = None,
    api: Api = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Draft a broadcast; nothing goes out before two people agree on it.

    Example: desk broadcast draft --kind incident --what "Road closed" --where "A41 at Bromborough" --until +2h
    --channel facebook_page --channel x
    """
    form = _form(
        _read(file),
        kind=kind,
        what=what,
        where=where,
        do=do,
        severity=severity,
        force_reference=force_reference,
        expires_at=_moment(until),
        starts_at=_moment(starts),
        places=places,
        channels=channels,
    )
    with _desk(api, token) as desk:
        _tell(desk.draft(form), as_json=as_json, whole=True)


@app.command()
def submit(
    name: Name,
    *,
    urgent: Annotated[bool, typer.Option("--urgent", help="Page the approvers on call.")] = False,
    api: Api = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Hand a draft to a second person; it lapses after 15 minutes.

    Example: desk broadcast submit MP-7K3Q-9DXR-C --urgent
    """
    with _desk(api, token) as desk:
        _tell(desk.act("submit", desk.find(name), {"urgent": urgent}), as_json=as_json)


@app.command()
def approve(
    name: Name,
    *,
    read_hash: Annotated[
        str | None,
        typer.Option("--hash", help="The hash of what you have read; without it you are shown and asked."),
    ] = None,
    api: Api = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Approve what somebody else submitted, and with that publish it.

    Example: desk broadcast approve MP-7K3Q-9DXR-C
    """
    with _desk(api, token, supervisor=True) as desk:
        seen = desk.find(name)
        if read_hash is None:
            if not (sys.stdin.isatty() and sys.stderr.isatty()):
                _wrong("without a terminal approve needs --hash, of what you have read")
            typer.echo(_whole(seen), err=True)
            typer.confirm("Publish exactly this?", abort=True, err=True)
        _tell(desk.act("approve", seen, {"hash": read_hash or seen["hash"]}), as_json=as_json)


@app.command()
def correct(  # noqa: PLR0913 - one for each option
    name: Name,
    *,
    what: What = None,
    where: Where = None,
    do: Do = None,
    until: Until = None,
    severity: Severity = None,
    places: Places = None,
    file: File = None,
    api: Api = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Draft a correction of what is public: what you do not name stays; submit and approve it like any other.

    Example: desk broadcast correct MP-7K3Q-9DXR-C --where "A41 at Bromborough, southbound only"
    """
    with _desk(api, token) as desk:
        seen = desk.find(name)
        known = {field: seen[field] for field in TAKEN_OVER}
        channels = [copy["channel"] for copy in seen["copies"]]
        pictures = [{"sha256": one["sha256"], "alt": one["alt"]} for one in seen["pictures"]]
        form = _form(
            {**known, "pictures": pictures, **_read(file)},
            what=what,
            where=where,
            do=do,
            severity=severity,
            expires_at=_moment(until),
            places=places,
            channels=None if file else channels,
        )
        _tell(desk.act("correct", seen, form), as_json=as_json, whole=True)


@app.command()
def cancel(
    name: Name,
    *,
    reason: Annotated[str | None, typer.Option("--reason", help="Why, for the desk's own record.")] = None,
    api: Api = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Take a broadcast back, on every channel; one person can, always.

    Example: desk broadcast cancel MP-7K3Q-9DXR-C --reason "The road is open."
    """
    with _desk(api, token) as desk:
        _tell(desk.cancel(desk.find(name), reason), as_json=as_json)


@app.command()
def stop(
    reason: Annotated[str, typer.Argument(help="Why.")],
    *,
    api: Api = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Stop all publishing at once; taking back goes on.

    Example: desk broadcast stop "The page has been taken over"
    """
    with _desk(api, token) as desk:
        _tell_switch(desk.turn(on=False, reason=reason), as_json=as_json)


@app.command()
def start(
    reason: Annotated[str, typer.Argument(help="Why.")],
    *,
    api: Api = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Start publishing again; for supervisors.

    Example: desk broadcast start "All accounts checked"
    """
    with _desk(api, token, supervisor=True) as desk:
        _tell_switch(desk.turn(on=True, reason=reason), as_json=as_json)


@contextmanager
def _desk(api: str | None, token: str | None, *, supervisor: bool = False) -> Iterator[DeskBroadcasts]:
    """The desk, and its refusals as exit codes."""
    if api and not token:
        _wrong("--api needs --token (or DESK_TOKEN)")
    url, held = api or "", token or ""
    if not api:
        stack = Stack.read(Addresses.from_environment(os.environ).stack_file)
        url = stack.api_url
        held = token or (stack.tokens.supervisor if supervisor else stack.tokens.publisher)
    try:
        yield DeskBroadcasts(url, held)
    except DeskSaidNoError as refused:
        typer.echo(f"desk: {refused}", err=True)
        raise typer.Exit(NOT_RIGHT) from None
    except DeskLostError as lost:
        typer.echo(f"desk: {lost}", err=True)
        raise typer.Exit(NOT_REACHED) from None


def _wrong(told: str) -> None:
    typer.echo(f"desk: {told}", err=True)
    raise typer.Exit(USED_WRONGLY)


def _read(file: Path | None) -> Fields:
    if file is None:
        return {}
    try:
        found = json.loads(sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"{file} cannot be read as JSON ({type(error).__name__})") from None
    if not isinstance(found, dict):
        raise typer.BadParameter(f"{file} must hold one JSON object")
    return found


def _form(
    known: Mapping[str, Any], *, places: list[str] | None, channels: list[str] | None, **named: str | None
) -> Fields:
    form = {**known, **{field: value for field, value in named.items() if value is not None}}
    if places is not None:
        form["area"] = {**(form.get("area") or {}), "names": places}
    if channels is not None:
        form["copies"] = {channel: {} for channel in channels}
    return form


def _moment(given: str | None, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> str | None:
    """`+2h`, or a time: without a zone it is one of this machine's."""
    if given is None:
        return None
    if after := AFTER.fullmatch(given):
        minutes = int(after[1]) * (60 if after[2] == "h" else 1)
        return to_rfc3339(now() + timedelta(minutes=minutes))
    try:
        return to_rfc3339(datetime.fromisoformat(given).astimezone(UTC))
    except ValueError:
        raise typer.BadParameter(f"{given} is neither +2h nor a time such as 2026-11-22T14:00") from None


def _tell(one: Fields, *, as_json: bool, whole: bool = False) -> None:
    if as_json:
        typer.echo(json.dumps(one, indent=2))
    else:
        typer.echo(
            _whole(one) if whole else f"{one['reference']} is {one['state']} (version {one['version']})"
        )


def _whole(one: Fields) -> str:
    """Every word that may go out and everything else that is approved with it, and what to look at twice."""
    lines = [f"{one['reference']} is {one['state']} (version {one['version']})", f"  hash {one['hash']}"]
    lines += [f"  from {one['starts_at'] or 'approval'} until {one['expires_at'] or 'cancelled'}"]
    lines += [f"  {one['kind']}, severity {one['severity']}, in {one['language']}: {one['link']}"]
    lines += [f"  submitted by {one['submitted_by']}"] if one["submitted_by"] else []
    lines += [f"  takes the place of {one['corrects']}"] if one["corrects"] else []
    lines += [_said(field, one[field]) for field in ("what", "where", "do", "force_reference") if one[field]]
    lines += [_said("area", ", ".join(one["area"]["names"]))] if one["area"]["names"] else []
    corners = one["area"]["polygon"] or []
    lines += ["  polygon: " + " ".join(f"{longitude},{latitude}" for longitude, latitude in corners)] * bool(
        corners
    )
    for version in one["versions"]:
        lines += [
            _said(f"{field} ({version['language']})", version[field])
            for field in ("what", "where", "do")
            if version[field]
        ]
    lines += [_said(f"picture {picture['sha256']}", picture["alt"]) for picture in one["pictures"]]
    for copy in one["copies"]:
        lines += [_said(copy["channel"], copy["text"])]
        lines += [_said(f"  with picture {copy['picture']}", copy["alt"] or "")] if copy["picture"] else []
        lines += [
            _said(f"  when {end}", f"{copy[end]['act']} {copy[end]['text']}".rstrip())
            for end in ("expired", "cancelled")
        ]
    lines += [f"  LOOK: {flag['field']}: “{flag['words']}”: {flag['reason']}" for flag in one["flags"]]
    return spelt_out("\n".join(lines))


def _said(name: str, words: str) -> str:
    """Words under their name: further lines stand further in, so that none can look like another of ours."""
    return f"  {name}: " + "\n        ".join(words.splitlines())


def _tell_switch(switch: Fields, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(switch, indent=2))
    else:
        typer.echo(f"publishing is {'on' if switch['on'] else 'STOPPED'}")
