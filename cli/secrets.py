"""`desk secrets`: put in what platforms have given out, and see what is there; a value is never shown.

A value comes from a terminal that does not show it, or from standard input: never from the command line, which every
other process of the machine can read.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from getpass import getpass
from typing import Annotated, Any

import typer

from cli import stages
from cli.account import Account, StandingStack
from cli.secret_kinds import (
    ORIGIN,
    SecretKind,
    SecretNameError,
    SecretShapeError,
    flat,
    kinds_of,
    made_up,
    secret_id,
    with_field,
)
from cli.stages import ForceOption, StageOption
from contact_desk.clock import to_rfc3339
from contact_desk.force_file import ForceFile

MOST_BYTES = 64 * 1024  # as Secrets Manager takes
NOT_RIGHT = 1
NAME_HELP = "The secret (meta), or one field of it (meta.app_secret); `desk secrets list` has the names."
JsonOption = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]

app = typer.Typer(help="Put secrets in, and see which are there.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Put secrets in, and see which are there."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a secret; `lacks` are the fields that are not there, `wrong` those of another shape."""

    name: str
    set: bool
    lacks: list[str]
    wrong: list[str]
    changed_at: str | None
    previous: bool
    needed_by: list[str]


@app.command("set", epilog="Example: desk secrets set meta.app_secret --force merseyside --stage live")
def set_(
    name: Annotated[str, typer.Argument(help=NAME_HELP)],
    rest: Annotated[list[str] | None, typer.Argument(hidden=True, metavar="")] = None,
    *,
    force: ForceOption = None,
    stage: StageOption = None,
    new: Annotated[
        bool, typer.Option("--new", help="Make the value up: for what no platform gives out.")
    ] = False,
    correct: Annotated[
        bool,
        typer.Option(
            "--correct", help="The current value was mistyped: the one before it stays the previous one."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Put a value in: asked for on a terminal that does not show it, or read from standard input.

    A whole secret is asked for field by field, where an empty answer leaves what is there, or makes up what is ours to
    make up; from standard input it is a JSON object. The value before it is kept: with webhooks and keys of our own
    both are good until the next change, so nothing on its way is lost. The desk reads secrets anew every five minutes.
    """
    if rest:
        # What stands there is not repeated: it may well be the secret.
        raise typer.BadParameter(
            "a value never stands on the command line, where every process of this machine can read it: "
            "run this without it, and if it was the value, have a new one made"
        )
    at = stages.find(force, stage)
    stack = at.stack()
    kind, path = named(name, kinds_of(at.force(), stack))
    held = secret_id(kind, stack)
    current = at.account.secret(held).current or {}
    value = _made(kind, path, current) if new else _asked(kind, path, current)
    check(kind, value)
    changed = value != dict(current)
    if changed:
        at.account.put_secret(held, value, corrects=correct)
    lacks = kind.lacks(value)
    if as_json:
        typer.echo(json.dumps({"name": kind.name, "changed": changed, "lacks": lacks}))
    else:
        typer.echo(_what_happened(kind, changed=changed, was_set=bool(current), lacks=lacks))


@app.command("list", epilog="Example: desk secrets list --force merseyside --stage live")
def list_(*, force: ForceOption = None, stage: StageOption = None, as_json: JsonOption = False) -> None:
    """Which secrets are set, when they changed, and what the force's channels lack; never a value.

    Leaves with 1 where something is lacking or of another shape.
    """
    at = stages.find(force, stage)
    found = told(at.account, at.force(), at.stack())
    if as_json:
        typer.echo(json.dumps({"secrets": [asdict(one) for one in found]}))
    else:
        for one in found:
            typer.echo(_line(one))
    if any(one.lacks or one.wrong for one in found):
        raise typer.Exit(NOT_RIGHT)


def told(account: Account, force: ForceFile, stack: StandingStack) -> list[Told]:
    """What is to be told of every secret of a stack."""
    found = []
    for kind in kinds_of(force, stack).values():
        stored = account.secret(secret_id(kind, stack))
        found.append(
            Told(
                name=kind.name,
                set=stored.current is not None,
                lacks=kind.lacks(stored.current),
                wrong=[mistake.partition(" ")[0] for mistake in kind.mistakes(stored.current or {})],
                changed_at=_moment(stored.changed_at),
                previous=stored.has_previous,
                needed_by=list(kind.needed_by),
            )
        )
    return found


def named(name: str, kinds: Mapping[str, SecretKind]) -> tuple[SecretKind, str | None]:
    """The secret of a name, and the path of one field of it; raises SecretNameError for one that is not there."""
    first, _, path = name.partition(".")
    kind = kinds.get(first)
    if kind is None:
        raise SecretNameError(f"{first} is none of {', '.join(kinds)}")
    return kind, kind.field(path).path if path else None


def check(kind: SecretKind, value: Mapping[str, Any]) -> None:
    """Raise SecretShapeError where a value does not look like what it is meant to be."""
    mistakes = kind.mistakes(value)
    if mistakes:
        raise SecretShapeError("nothing was changed: " + "; ".join(mistakes))


def _made(kind: SecretKind, path: str | None, current: Mapping[str, Any]) -> dict[str, Any]:
    ours = [one for one in kind.fields if one.made and path in {None, one.path}]
    if not ours:
        raise SecretNameError(f"{kind.name} is given out by its platform: it cannot be made up")
    value = dict(current)
    for one in ours:
        value = with_field(value, one.path, made_up(one))
    return value


def _asked(kind: SecretKind, path: str | None, current: Mapping[str, Any]) -> dict[str, Any]:
    if not sys.stdin.isatty():
        return _read(kind, path, current)
    value = dict(current)
    for one in kind.fields:
        if path in {None, one.path}:
            is_there = one.path in flat(current)
            empty = "kept if left empty" if is_there else "made up if left empty" if one.made else ""
            asked = ", ".join(filter(None, (one.shown, empty)))
            given = getpass(f"{kind.name}.{one.path} ({asked}): ").strip()
            if given or (one.made and not is_there):
                value = with_field(value, one.path, given or made_up(one))
    return value


def _read(kind: SecretKind, path: str | None, current: Mapping[str, Any]) -> dict[str, Any]:
    """What stands on standard input: the field itself, or the whole secret as a JSON object."""
    text = sys.stdin.read(MOST_BYTES + 1).strip()
    if not text or len(text) > MOST_BYTES:
        raise SecretShapeError("nothing was changed: standard input is empty, or longer than 64 KiB")
    if path is not None:
        return with_field(current, path, text)
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        fields = ", ".join(f"{kind.name}.{one.path}" for one in kind.fields)
        raise SecretShapeError(
            f"nothing was changed: {kind.name} is read as a JSON object; to put in one value, name it: {fields}"
        )
    return value


def _what_happened(kind: SecretKind, *, changed: bool, was_set: bool, lacks: list[str]) -> str:
    if not changed:
        return f"{kind.name}: it is that already; nothing was changed"
    said = f"{kind.name}: set"
    if was_set and kind.overlaps:
        said += "; the value before it is good as well until the next change"
    said += (
        "; the front door adds it after the next deploy"
        if kind.name == ORIGIN
        else "; the desk uses it within five minutes"
    )
    return f"{said}\n  it still lacks {', '.join(lacks)}" if lacks else said


def _line(one: Told) -> str:
    state = "set" if one.set else "not set"
    if one.set and one.lacks:
        state = f"lacks {', '.join(one.lacks)}"
    if one.wrong:
        state += f"; of another shape: {', '.join(one.wrong)}"
    if one.changed_at:
        state += f"; changed {one.changed_at}" + (", the one before it kept" if one.previous else "")
    return f"{one.name:<28} {state}" + (f"  ({', '.join(one.needed_by)})" if one.needed_by else "")


def _moment(at: datetime | None) -> str | None:
    return to_rfc3339(at) if at else None
