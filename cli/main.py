"""`desk`: the commands by name.

Exit codes: 0 done; 1 what was asked about is not right; 2 the command was used wrongly; 3 the desk, or a part of it,
cannot be reached.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from contact_desk.errors import ContactDeskError

NOT_RIGHT = 1
NOT_REACHED = 3

COMMANDS = {
    "audit": "Read the audit, and prove that it is whole.",
    "broadcast": "Draft, submit, approve, correct and cancel broadcasts.",
    "channel": "Connect the force's channels to the desk.",
    "disclose": "Write a case as a bundle for disclosure.",
    "doctor": "Look at every step from an account to the first contact.",
    "evaluate": "How triage does on labelled messages.",
    "explain": "What triage decides on a message, and why.",
    "force": "Look after a force file.",
    "hold": "Park what a webhook cannot verify.",
    "privacy": "What a data protection officer needs, made from the code.",
    "replay": "Put archived, orphaned or quarantined deliveries back.",
    "report": "The figures of a period: HTML, CSV and JSON.",
    "retention": "Hold, review and dispose of records.",
    "secrets": "Put secrets in, and see which are there.",
    "simulate": "Demand as people would write it, sent or loaded.",
    "subject": "Answer what a person asks for under data protection.",
    "token": "A token of the desk on this machine.",
    "triage": "Look after triage: learn, shadow, promote, score.",
    "watch": "The open alerts, live, until you leave.",
}


class Commands(TyperGroup):
    """Imports a command's module when that command is asked for, since AWS, the model and plots take seconds.

    Module `cli.<name>` holds either the Typer of its subcommands, `app`, or the one function of that name, with what
    its help ends with in `EXAMPLE`.
    """

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - as typer calls it
        """The names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """The command of that name; None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"cli.{cmd_name}")
        # A group of this one command: it is built as a part of `desk`, whose style of help it then has.
        around = typer.Typer(rich_markup_mode=None, callback=_nothing)
        if hasattr(module, "app"):
            around.add_typer(module.app, name=cmd_name)
        else:
            around.command(cmd_name, epilog=getattr(module, "EXAMPLE", None))(getattr(module, cmd_name))
        return typer.main.get_group(around).commands[cmd_name]

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        """Write the names with a line each, importing none of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _nothing() -> None:
    pass


app = typer.Typer(
    cls=Commands,
    name="desk",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def desk() -> None:
    """Contact Desk from a terminal."""


def main() -> None:
    """Run one command and leave with an exit code that means something."""
    try:
        app()
    except Exception as error:
        # Told apart by name here, so that a command without AWS need not import its libraries.
        said = _said(error)
        if said is None:
            raise
        print(f"desk: {said[0]}", file=sys.stderr)
        sys.exit(said[1])


def _said(error: Exception) -> tuple[str, int] | None:
    if isinstance(error, ContactDeskError):
        return str(error), NOT_RIGHT
    from botocore.exceptions import BotoCoreError, ClientError

    if isinstance(error, ClientError):
        return f"AWS refused {error.operation_name}: {error.response['Error']['Code']}", NOT_REACHED
    if isinstance(error, BotoCoreError):
        return f"AWS cannot be reached: {type(error).__name__}", NOT_REACHED
    return None


if __name__ == "__main__":
    main()
