"""`desk`: the commands by name.

Exit codes: 0 done; 1 what was asked about is not right; 2 the command was used wrongly; 3 the desk, or a part of it,
cannot be reached.
"""

from __future__ import annotations

import sys

import typer
from botocore.exceptions import BotoCoreError, ClientError

from cli import (
    audit,
    broadcast,
    disclose,
    evaluate,
    explain,
    force,
    hold,
    replay,
    report,
    retention,
    simulate,
    subject,
    token,
    triage,
    watch,
)
from contact_desk.errors import ContactDeskError

NOT_RIGHT = 1
NOT_REACHED = 3

app = typer.Typer(
    name="desk",
    help="Contact Desk from a terminal.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(audit.app, name="audit")
app.add_typer(broadcast.app, name="broadcast")
app.add_typer(force.app, name="force")
app.add_typer(retention.app, name="retention")
app.add_typer(subject.app, name="subject")
app.add_typer(triage.app, name="triage")
app.command("disclose")(disclose.disclose)
app.command("evaluate", epilog=evaluate.EXAMPLE)(evaluate.evaluate)
app.command("explain", epilog=explain.EXAMPLE)(explain.explain)
app.command("hold")(hold.hold)
app.command("replay")(replay.replay)
app.command("report")(report.report)
app.command("simulate")(simulate.simulate)
app.command("token")(token.token)
app.command("watch")(watch.watch)


def main() -> None:
    """Run one command and leave with an exit code that means something."""
    try:
        app()
    except ContactDeskError as error:
        print(f"desk: {error}", file=sys.stderr)
        sys.exit(NOT_RIGHT)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        print(f"desk: AWS refused {error.operation_name}: {code}", file=sys.stderr)
        sys.exit(NOT_REACHED)
    except BotoCoreError as error:
        print(f"desk: AWS cannot be reached: {type(error).__name__}", file=sys.stderr)
        sys.exit(NOT_REACHED)


if __name__ == "__main__":
    main()
