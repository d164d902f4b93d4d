"""The day as a table for people: one line per delivery, and the balance below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from local.day.balance import Balance
from local.day.deliveries import Outcome

GRADE_STYLES = {"emergency": "bold red", "priority": "yellow"}
OUTCOME_STYLES = {Outcome.DUPLICATE: "cyan", Outcome.IGNORED: "dim", Outcome.REFUSED: "magenta"}
NARROWEST_CONSOLE = 160
"""Characters; where the output is no terminal, a narrower table would cut the texts to nothing."""
NARROWEST_TEXT = 30
GAP = 2
"""Characters between two columns."""


@dataclass(frozen=True, slots=True)
class Row:
    """One delivery: what it was, what it came to, and what its person was sent."""

    channel: str
    title: str
    outcome: Outcome
    status: int
    grade: str
    category: str
    sent: tuple[str, ...]
    alert: str


HEADINGS = ("channel", "delivery", "came to", "grade", "category", "alert")


def day_table(rows: Sequence[Row], width: int) -> Table:
    """One line per delivery, `width` characters wide: the texts sent are cut to what the rest leaves."""
    table = Table(title="The scripted day", title_justify="left", box=None, pad_edge=False, padding=(0, 1))
    cells = [_cells(number, row) for number, row in enumerate(rows, start=1)]
    widest = [max(cell.cell_len for cell in column) for column in zip(*cells, strict=True)]
    table.add_column("", justify="right", style="dim", no_wrap=True)
    for heading, least in zip(HEADINGS, widest[1:], strict=True):
        table.add_column(heading, no_wrap=True, min_width=least)
    table.add_column("the person was sent", no_wrap=True)
    room = max(width - sum(least + GAP for least in widest), NARROWEST_TEXT)
    for row, line in zip(rows, cells, strict=True):
        table.add_row(*line, shortened(row.sent, room))
    return table


def _cells(number: int, row: Row) -> list[Text]:
    refused = row.outcome is Outcome.REFUSED
    return [
        Text(str(number)),
        Text(row.channel),
        Text(row.title),
        Text(
            f"{row.outcome.value} {row.status}" if refused else row.outcome.value,
            OUTCOME_STYLES.get(row.outcome, ""),
        ),
        Text(row.grade, GRADE_STYLES.get(row.grade, "")),
        Text(row.category),
        Text(row.alert, "bold red" if "A1" in row.alert else ""),
    ]


def shortened(texts: Sequence[str], room: int) -> Text:
    """The texts side by side in `room` characters, each cut to its share."""
    shown = Text()
    for number, text in enumerate(texts):
        piece = Text((" · " if number else "") + " ".join(text.split()))
        piece.truncate(room // len(texts), overflow="ellipsis")
        shown.append(piece)
    return shown


def balance_lines(balance: Balance) -> RenderableType:
    """The balance as two sums, and what is wrong with it where it does not add up."""
    counted = {outcome: balance.outcomes.get(outcome, 0) for outcome in Outcome}
    deliveries = (
        f"{balance.deliveries} deliveries = {counted[Outcome.CONTACTS]} with contacts"
        f" + {counted[Outcome.DUPLICATE]} duplicates + {counted[Outcome.IGNORED]} ignored"
        f" + {counted[Outcome.REFUSED]} refused"
    )
    left_over = sum(balance.missing.values()) + sum(balance.surplus.values()) + len(balance.strangers)
    contacts = (
        f"{balance.contacts} contacts + {balance.changes} edits and deletions = {balance.on_desk} on the desk,"
        f" {left_over or 'nothing'} left over"
    )
    verdict = (
        Text("✓ the day adds up", "green")
        if balance.adds_up
        else Text("✗ the day does not add up", "bold red")
    )
    return Group(
        "", Text(deliveries), Text(contacts), verdict, *(Text(f"  {fault}") for fault in balance.faults())
    )


def show(console: Console, rows: Sequence[Row], balance: Balance) -> None:
    """Print the table and the balance."""
    width = console.width
    if not console.is_terminal:
        console.width = max(width, NARROWEST_CONSOLE)
    console.print(day_table(rows, console.width), highlight=False)
    console.width = width
    console.print(balance_lines(balance), highlight=False)
