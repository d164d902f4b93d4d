"""`desk watch`: the open alerts, live in a terminal. The table at the desk is the truth; this only looks at it."""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Protocol, assert_never

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.live import Live

from cli import deployed
from cli.desk_alerts import DeskAlerts, DeskLostError, DeskRefusedError, ShownAlert
from cli.keyboard import Keyboard
from cli.watch_board import Board, Event, named, rings
from contact_desk.clock import SystemClock
from local.addresses import Addresses
from local.stack_file import Stack

ASKED_EVERY_SECONDS = 2.0
DRAWN_EVERY_SECONDS = 0.5
USED_WRONGLY = 2
QUEUE_WAITS_SECONDS = 20

Api = Annotated[
    str | None, typer.Option("--api", help="The desk's API; without it the desk on this machine.")
]
Token = Annotated[
    str | None, typer.Option("--token", envvar="DESK_TOKEN", help="An operator's token, needed with --api.")
]


@dataclass(frozen=True, slots=True)
class Listed:
    """The desk answered with its list."""

    alerts: list[ShownAlert]


@dataclass(frozen=True, slots=True)
class Lost:
    """The desk did not answer, or refused."""

    because: str


@dataclass(frozen=True, slots=True)
class Told:
    """What became of an acknowledgement."""

    words: str


News = Listed | Lost | Told


class Desk(Protocol):
    """The desk as a watch needs it."""

    def open_alerts(self) -> list[ShownAlert]:
        """Every open alert, worst first."""
        ...

    def acknowledge(self, alert: ShownAlert) -> None:
        """A person has seen it, as it was shown."""
        ...


@dataclass(slots=True)
class Asking:
    """Asks the desk beside the screen, so that a desk that hangs holds up neither a key nor the clock."""

    desk: Desk
    every: float = ASKED_EVERY_SECONDS
    news: queue.Queue[News] = field(default_factory=queue.Queue)
    _orders: queue.Queue[ShownAlert | None] = field(default_factory=queue.Queue)
    _over: threading.Event = field(default_factory=threading.Event)

    def ask_now(self) -> None:
        """Ask without waiting for the next time."""
        self._orders.put(None)

    def acknowledge(self, alert: ShownAlert) -> None:
        """Say at the desk that a person has seen it."""
        self._orders.put(alert)

    def end(self) -> None:
        """Ask no more."""
        self._over.set()
        self._orders.put(None)

    def run(self) -> None:
        """Ask and say until told to end."""
        order: ShownAlert | None = None
        while not self._over.is_set():
            if order is not None:
                self.news.put(self._say(order))
            self.news.put(self._ask())
            order = None
            with suppress(queue.Empty):
                order = self._orders.get(timeout=self.every)

    def _ask(self) -> News:
        try:
            return Listed(self.desk.open_alerts())
        except (DeskLostError, DeskRefusedError) as error:
            return Lost(str(error))

    def _say(self, alert: ShownAlert) -> News:
        try:
            self.desk.acknowledge(alert)
        except (DeskLostError, DeskRefusedError) as error:
            return Told(f"NOT acknowledged, {named(alert)}: {error}. Try again.")
        return Told(f"Acknowledged: {named(alert)}.")


def watch(
    *,
    api: Api = None,
    token: Token = None,
    queue_url: Annotated[
        str | None,
        typer.Option(
            "--queue", help="A queue on the alerts' topic that is this watch's own: news come at once."
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No bell when life is at risk.")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colour; NO_COLOR does the same.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON for each event.")] = False,
) -> None:
    """Show the open alerts, worst first, until you leave; ending it loses nothing, for the desk keeps them.

    Example: desk watch --api https://desk.example.org --token "$TOKEN"
    """
    if api and not token:
        typer.echo("desk: --api needs --token (or DESK_TOKEN)", err=True)
        raise typer.Exit(USED_WRONGLY)
    if not as_json and not (sys.stdin.isatty() and sys.stdout.isatty()):
        typer.echo("desk: watch needs a terminal; elsewhere use --json", err=True)
        raise typer.Exit(USED_WRONGLY)
    if api and token:
        url, held = api, token
    else:
        stack = Stack.read(Addresses.from_environment(os.environ).stack_file)
        url, held = stack.api_url, token or stack.tokens.operator
    desk = DeskAlerts(url, held)
    with suppress(KeyboardInterrupt), _asking(desk, queue_url, on_this_machine=api is None) as asking:
        if as_json:
            tell_lines(Board(url), asking.news, lambda line: print(line, flush=True))
        else:
            _show(Board(url), asking, Console(no_color=no_color or None), quiet=quiet)


@contextmanager
def _asking(desk: DeskAlerts, queue_url: str | None, *, on_this_machine: bool) -> Iterator[Asking]:
    asking = Asking(desk)
    threading.Thread(target=asking.run, daemon=True).start()
    if queue_url:
        # Read here, so that a mistake in how AWS is reached shows before the screen does.
        sqs = deployed.find(None).client("sqs") if on_this_machine else deployed.own_session().client("sqs")
        threading.Thread(target=listen, args=(sqs, queue_url, asking), daemon=True).start()
    try:
        yield asking
    finally:
        asking.end()


def listen(sqs: Any, queue_url: str, asking: Asking) -> None:
    """Ask the desk whenever the queue has news; the news themselves are not believed, only the desk is."""
    while True:
        try:
            taken = sqs.receive_message(
                QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=QUEUE_WAITS_SECONDS
            ).get("Messages", [])
            if taken:
                asking.ask_now()
            for one in taken:
                sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=one["ReceiptHandle"])
        except (BotoCoreError, ClientError) as error:
            asking.news.put(
                Told(f"The queue cannot be read ({type(error).__name__}); the desk is asked all the same.")
            )
            threading.Event().wait(QUEUE_WAITS_SECONDS)


def tell_lines(board: Board, news: queue.Queue[News], write: Callable[[str], None]) -> None:
    """Write a line of JSON for each event, until whoever reads them is gone."""
    with suppress(BrokenPipeError):
        while True:
            events: list[Event]
            match news.get():
                case Listed(alerts):
                    events = board.found(alerts, SystemClock().now())
                case Lost(because):
                    events = board.lost(because, SystemClock().now())
                case Told(words):
                    events = [{"event": "note", "words": words}]
                case _ as never:
                    assert_never(never)
            for event in events:
                write(json.dumps(event, separators=(",", ":")))


def _show(board: Board, asking: Asking, console: Console, *, quiet: bool) -> None:
    with Keyboard() as keyboard, Live(console=console, screen=True, auto_refresh=False) as live:

        def draw(now: datetime) -> None:
            live.update(board.render(now, console.width, console.height), refresh=True)

        go_on = True
        while go_on and keyboard.open:
            if take_news(board, asking.news) and not quiet:
                console.bell()
            draw(SystemClock().now())
            go_on = all(take_key(board, key, asking) for key in keyboard.read(DRAWN_EVERY_SECONDS))


def take_news(board: Board, news: queue.Queue[News]) -> bool:
    """Put everything that has come onto the board; whether the bell is to ring."""
    ring = False
    with suppress(queue.Empty):
        while True:
            match news.get_nowait():
                case Listed(alerts):
                    ring |= rings(board.found(alerts, SystemClock().now()))
                case Lost(because):
                    board.lost(because, SystemClock().now())
                case Told(words):
                    board.told = words
    return ring


def take_key(board: Board, key: str, asking: Asking) -> bool:
    """Do what a key asks for; False for leaving."""
    if key == "q":
        return False
    if key == "a":
        board.let_go()
        if chosen := board.chosen_alert:
            board.told = f"Acknowledging {named(chosen)} ..."
            asking.acknowledge(chosen)
        else:
            board.told = "Choose an alert first: its number, or up and down."
    else:
        board.choose(key, SystemClock().now())
    return True
