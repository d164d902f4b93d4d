"""What `desk watch` knows and shows: the open alerts, which one is chosen, and whether the desk answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from rich import box
from rich.console import Group, JustifyMethod, RenderableType
from rich.table import Table
from rich.text import Text

from cli.desk_alerts import ShownAlert
from contact_desk.clock import to_rfc3339
from contact_desk.operator_alert import WORDS

STYLES = {"A1": "bold red", "A2": "yellow", "A3": "cyan"}
WIDE = 120
# Below these a column of words says less than it takes; what is lower than LOW holds alerts and next to nothing else.
NARROW, SLIM, LOW = 60, 34, 9
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
        title, connection = self._title(now, width), self._connection(now)
        if height < LOW:
            above = [title, connection] if self.lost_since or not self.asked_once else [title]
            # An alert says more than how many there are.
            above = above[: height - 1 if self.alerts else height]
            below = self._foot()[:1] if self.told and height > len(above) + 1 else []
            rows = height - len(above) - len(below)
            return Group(*above, *self._list(now, width, rows, low=True), *below)
        return Group(title, connection, *self._list(now, width, height - LINES_AROUND), *self._foot())

    def _title(self, now: datetime, width: int) -> Text:
        counts = {rank: sum(one.rank == rank for one in self.alerts) for rank in STYLES}
        title = Text.assemble(("Open alerts", "bold"), no_wrap=True, overflow="ellipsis")
        for rank, count in counts.items():
            title.append(f"   {rank}: {count}", style=STYLES[rank] if count else "dim")
        room, clock = width - title.cell_len, f"{now.astimezone():%H:%M:%S}"
        for moment in (f"{self.desk}   {clock}", clock):
            if room > len(moment) + 2:
                title.append(" " * (room - len(moment)) + moment, style="dim")
                break
        return title

    def _connection(self, now: datetime) -> Text:
        if self.lost_since:
            since = f"NO CONNECTION for {age(now - self.lost_since)}: {self.lost_because}. "
            return Text(
                since + "The list may be old.",
                style="bold reverse",
                no_wrap=True,
                overflow="ellipsis",
            )
        words = "" if self.asked_once else "Asking the desk ..."
        return Text(words, style="dim", no_wrap=True, overflow="ellipsis")

    def _list(self, now: datetime, width: int, rows: int, *, low: bool = False) -> list[RenderableType]:
        """So many rows of the list, and what there is beside them."""
        if not self.alerts:
            nothing = "Nothing waits for a person." if self.asked_once and rows > 0 else ""
            return [Text(nothing, no_wrap=True, overflow="ellipsis")] if nothing or not low else []
        table = Table(
            box=None if low else box.SIMPLE_HEAD,
            show_header=not low,
            expand=True,
            padding=(0, 1, 0, 0) if low else 0,
            show_edge=False,
            pad_edge=False,
        )
        columns = self._columns(width)
        for name, wide, justify in columns:
            sized: dict[str, Any] = {"width": wide} if wide else {"ratio": 1}
            table.add_column(name, justify=justify, no_wrap=True, overflow="ellipsis", **sized)
        first, last = self._window(max(1, rows), says_more=not low)
        for number, one in enumerate(self.alerts[first:last], start=first + 1):
            chosen = one.alert_id == self.chosen
            cells = {
                "": ">" if chosen else "",
                "no": str(number),
                "rank": one.rank,
                "rk": one.rank,
                "age": age(now - one.opened_at),
                "what": _what(one),
                "case": one.case_reference or "-",
                "calls": str(one.nudge + 1),
                "grade": one.grade or "-",
                "alert": one.alert_id,
            }
            style = STYLES.get(one.rank, "")
            table.add_row(
                *(Text(cells[name]) for name, _, _ in columns), style=f"{style} reverse" if chosen else style
            )
        hidden = len(self.alerts) - (last - first)
        if not hidden or low:
            return [table]
        more = f"and {hidden} more: up/down shows them"
        return [table, Text(more, style="dim", no_wrap=True, overflow="ellipsis")]

    def _columns(self, width: int) -> list[tuple[str, int, JustifyMethod]]:
        """What a list of this width has room for: each column's name, its width (0 for what is left), its side."""
        columns: list[tuple[str, int, JustifyMethod]] = [
            ("", 1, "left"),
            ("no", 3, "right"),
            ("rank", 4, "left"),
            ("age", 9, "right"),
            ("what", 0, "left"),
            ("case", 14, "left"),
            ("calls", 5, "right"),
            ("grade", 10, "left"),
            ("alert", 44, "left"),
        ]
        if width >= WIDE:
            return columns
        if width >= NARROW:
            return columns[:7]
        if width >= SLIM:
            return [*columns[:4], ("case", 0, "left")]
        return [columns[0], ("rk", 2, "left"), ("age", 0, "left")]

    def _window(self, rows: int, *, says_more: bool) -> tuple[int, int]:
        """Which of the alerts fit, the chosen one among them; the worst where none is chosen."""
        rows = rows if len(self.alerts) <= rows or not says_more else max(1, rows - 1)
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


def named(one: ShownAlert) -> str:
    """An alert as its line shows it: `MP-7K3Q-9DXR-C, somebody may be in danger`."""
    return f"{one.case_reference or one.rank}, {_what(one)}"


def _what(one: ShownAlert) -> str:
    return WORDS.get(one.kind, one.kind.replace("_", " "))


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
