"""What `desk watch` knows and shows: the open alerts, which one is chosen, and whether the desk answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.desk_alerts import ShownAlert
from contact_desk.clock import to_rfc3339
from contact_desk.operator_alert import WORDS

STYLES = {"A1": "bold red", "A2": "yellow", "A3": "cyan"}
WIDE = 120
SAME_NUMBER_WITHIN = timedelta(seconds=1.5)
# Title, connection, header of the table, a blank line, what was done, and the keys.
LINES_AROUND = 7
HELP = "up/down or number: choose   a: acknowledge   q: leave"

Event = dict[str, Any]


@dataclass(slots=True)
class Board:
    """The state of one watch; `chosen` is an alert's id, so that no alert is acknowledged in another's place.

    One that is raised anew is chosen no more: nobody has seen that.
    """

    desk: str
    alerts: Sequence[ShownAlert] = ()
    chosen: str | None = None
    told: str = ""
    lost_since: datetime | None = None
    lost_because: str = ""
    asked_once: bool = False
    _digits: str = field(default="", repr=False)
    _typed_at: datetime | None = field(default=None, repr=False)

    def found(self, alerts: Sequence[ShownAlert], now: datetime) -> list[Event]:
        """Take the desk's list; what has happened since the last one, an event each."""
        events = []
        if self.lost_since:
            events.append({"event": "found", "at": to_rfc3339(now)})
        self.lost_since, self.lost_because, self.asked_once = None, "", True
        before = {(one.alert_id, one.opened_at): one for one in self.alerts}
        after = {(one.alert_id, one.opened_at): one for one in alerts}
        for name, one in after.items():
            if name not in before:
                events.append(_event("opened", one, now))
            elif one.nudge > before[name].nudge:
                events.append(_event("nudged", one, now))
        events += [_event("closed", one, now) for name, one in before.items() if name not in after]
        self.alerts = alerts
        if self.chosen not in {alert_id for alert_id, _ in before.keys() & after.keys()}:
            self.chosen = None
        return events

    def lost(self, because: str, now: datetime) -> list[Event]:
        """The desk does not answer; said once for as long as it lasts."""
        first = self.lost_since is None or self.lost_because != because
        self.lost_since, self.lost_because = self.lost_since or now, because
        return [{"event": "lost", "at": to_rfc3339(now), "because": because}] if first else []

    def let_go(self) -> None:
        """What was typed so far belongs to no number any more."""
        self._typed_at = None

    @property
    def chosen_alert(self) -> ShownAlert | None:
        """The alert that is chosen, as it is shown."""
        return next((one for one in self.alerts if one.alert_id == self.chosen), None)

    def choose(self, key: str, now: datetime) -> None:
        """Move the choice by an arrow, or to a number; digits that follow each other at once make one number."""
        count = len(self.alerts)
        if self._typed_at is None or now - self._typed_at > SAME_NUMBER_WITHIN:
            self._digits = ""
        self._typed_at = now
        if key.isdigit():
            number = int(self._digits + key)
            self._digits = self._digits + key if 0 < number <= count else key
            number = int(self._digits)
            self.chosen = self.alerts[number - 1].alert_id if 0 < number <= count else None
            return
        self._digits = ""
        names = [one.alert_id for one in self.alerts]
        if not names or key not in {"up", "down"}:
            return
        at = names.index(self.chosen) if self.chosen in names else (-1 if key == "down" else count)
        self.chosen = names[max(0, min(count - 1, at + (1 if key == "down" else -1)))]

    def render(self, now: datetime, width: int, height: int) -> RenderableType:
        """The whole screen, for so many columns and lines."""
        return Group(
            self._title(now, width), self._connection(now), *self._list(now, width, height), *self._foot()
        )

    def _title(self, now: datetime, width: int) -> Text:
        counts = {rank: sum(one.rank == rank for one in self.alerts) for rank in STYLES}
        title = Text.assemble(("Open alerts", "bold"), no_wrap=True, overflow="ellipsis")
        for rank, count in counts.items():
            title.append(f"   {rank}: {count}", style=STYLES[rank] if count else "dim")
        moment = f"{self.desk}   {now.astimezone():%H:%M:%S}"
        room = width - title.cell_len
        if room > len(moment) + 2:
            title.append(" " * (room - len(moment)) + moment, style="dim")
        return title

    def _connection(self, now: datetime) -> Text:
        if self.lost_since:
            since = f"NO CONNECTION for {age(now - self.lost_since)}: {self.lost_because}. "
            return Text(
                since + "The list may be old; trying again.",
                style="bold reverse",
                no_wrap=True,
                overflow="ellipsis",
            )
        return Text("" if self.asked_once else "Asking the desk ...", style="dim")

    def _list(self, now: datetime, width: int, height: int) -> list[RenderableType]:
        if not self.alerts:
            return [Text("Nothing waits for a person." if self.asked_once else "")]
        table = Table(box=box.SIMPLE_HEAD, expand=True, padding=0, show_edge=False, pad_edge=False)
        table.add_column("", width=1)
        table.add_column("no", justify="right", width=3)
        table.add_column("rank", width=4)
        table.add_column("age", justify="right", width=9)
        table.add_column("what", ratio=1, no_wrap=True, overflow="ellipsis")
        table.add_column("case", width=14, no_wrap=True)
        table.add_column("calls", justify="right", width=5)
        if width >= WIDE:
            table.add_column("grade", width=10, no_wrap=True)
            table.add_column("alert", width=44, no_wrap=True, overflow="ellipsis")
        first, last = self._window(max(1, height - LINES_AROUND))
        for number, one in enumerate(self.alerts[first:last], start=first + 1):
            chosen = one.alert_id == self.chosen
            cells = [
                ">" if chosen else "",
                str(number),
                one.rank,
                age(now - one.opened_at),
                WORDS.get(one.kind, one.kind.replace("_", " ")),
                one.case_reference or "-",
                str(one.nudge + 1),
                *([one.grade or "-", one.alert_id] if width >= WIDE else []),
            ]
            style = STYLES.get(one.rank, "")
            table.add_row(*map(Text, cells), style=f"{style} reverse" if chosen else style)
        hidden = len(self.alerts) - (last - first)
        return [table, *([Text(f"and {hidden} more: up/down shows them", style="dim")] if hidden else [])]

    def _window(self, rows: int) -> tuple[int, int]:
        """Which of the alerts fit, the chosen one among them; the worst where none is chosen."""
        rows = rows if len(self.alerts) <= rows else max(1, rows - 1)
        at = next((at for at, one in enumerate(self.alerts) if one.alert_id == self.chosen), 0)
        first = max(0, min(at - rows + 1, len(self.alerts) - rows))
        return first, min(first + rows, len(self.alerts))

    def _foot(self) -> list[RenderableType]:
        return [
            Text(self.told, style="bold", no_wrap=True, overflow="ellipsis"),
            Text(HELP, style="dim", no_wrap=True, overflow="ellipsis"),
        ]


def rings(events: Sequence[Event]) -> bool:
    """Whether the bell is to ring: life is at risk, newly or still."""
    return any(one["event"] in {"opened", "nudged"} and one["rank"] == "A1" for one in events)


def age(span: timedelta) -> str:
    """A span as people read it: `0:07`, `12:34`, `3:05:59`, `2d 04h`."""
    seconds = max(0, int(span.total_seconds()))
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d {hours:02}h"
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _event(what: str, one: ShownAlert, now: datetime) -> Event:
    return {
        "event": what,
        "at": to_rfc3339(now),
        "alert_id": one.alert_id,
        "rank": one.rank,
        "kind": one.kind,
        "case_reference": one.case_reference,
        "grade": one.grade,
        "opened_at": to_rfc3339(one.opened_at),
        "nudge": one.nudge,
    }
