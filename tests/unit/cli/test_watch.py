"""`desk watch`: worst first, ages ticking, acknowledged by key, and never quiet about a lost connection."""

from __future__ import annotations

import io
import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import product
from typing import Any

import httpx
import pyte
import pytest
from rich.console import Console
from typer.testing import CliRunner

from cli.desk_alerts import DeskAlerts, DeskLostError, DeskRefusedError, ShownAlert
from cli.keyboard import keys_in
from cli.main import app
from cli.watch import Asking, Listed, Lost, Told, listen, take_key, take_news, tell_lines
from cli.watch_board import Board, age, named, rings
from contact_desk.clock import SystemClock, to_rfc3339
from local.twins.held_still import NOON


def shown(number: int, rank: str = "A2", minutes: float = 0, **changed: Any) -> ShownAlert:
    fields = {
        "alert_id": f"alert-{number}",
        "rank": rank,
        "kind": "emergency" if rank == "A1" else "priority",
        "case_reference": "MP-7K3Q-9DXR-C",
        "grade": "priority",
        "opened_at": NOON - timedelta(minutes=minutes),
        "nudge": 0,
    }
    return ShownAlert(**{**fields, **changed})


def board(*alerts: ShownAlert) -> Board:
    made = Board("https://desk.example")
    made.found(alerts, NOON)
    return made


def screen(of: Board, columns: int = 80, lines: int = 24, *, color: bool = False) -> list[str]:
    """What a terminal of that size shows."""
    written = io.StringIO()
    Console(
        file=written,
        width=columns,
        height=lines,
        force_terminal=True,
        no_color=not color,
        legacy_windows=False,
    ).print(of.render(NOON, columns, lines), end="")
    terminal = pyte.Screen(columns, lines)
    pyte.Stream(terminal).feed(written.getvalue().replace("\n", "\r\n"))
    return [line.rstrip() for line in terminal.display]


class Desk:
    """A desk that answers as told."""

    def __init__(self, *alerts: ShownAlert) -> None:
        self.alerts, self.down, self.acknowledged = list(alerts), "", list[str]()

    def open_alerts(self) -> list[ShownAlert]:
        if self.down:
            raise DeskLostError(self.down)
        return list(self.alerts)

    def acknowledge(self, alert: ShownAlert) -> None:
        if self.down:
            raise DeskLostError(self.down)
        self.acknowledged.append(alert.alert_id)
        self.alerts = [one for one in self.alerts if one.alert_id != alert.alert_id]


@contextmanager
def asking(desk: Desk) -> Iterator[Asking]:
    made = Asking(desk, every=0.01)
    thread = threading.Thread(target=made.run)
    thread.start()
    try:
        yield made
    finally:
        made.end()
        thread.join(5)


@pytest.mark.parametrize("columns", [80, 200])
def test_a_terminal_shows_every_alert_whole_in_the_desks_order(columns: int) -> None:
    lines = screen(
        board(shown(1, "A1", 3, nudge=2), shown(2, minutes=75), shown(3, "A3", case_reference=None)), columns
    )

    assert lines[0].startswith("Open alerts   A1: 1   A2: 1   A3: 1")
    assert "https://desk.example" in lines[0]
    rows = [line.split() for line in lines if "A" in line and line.strip()[:1].isdigit()]
    assert [(row[0], row[1], row[2]) for row in rows] == [
        ("1", "A1", "3:00"),
        ("2", "A2", "1:15:00"),
        ("3", "A3", "0:00"),
    ]
    assert "somebody may be in danger" in lines[4]
    assert "MP-7K3Q-9DXR-C" in lines[4]
    assert all(len(line) <= columns for line in lines)
    assert ("alert-1" in "\n".join(lines)) == (columns == 200)
    assert "acknowledge" in "\n".join(lines)


def test_every_kind_is_readable_at_eighty_columns() -> None:
    kinds = (
        "needs_person",
        "send_failed",
        "quarantine",
        "channel_down",
        "channel_silent",
        "backlog",
        "new_kind",
    )

    assert "…" not in "\n".join(screen(board(*(shown(at, kind=kind) for at, kind in enumerate(kinds)))))


def test_more_alerts_than_lines_are_counted_and_reached_by_choosing() -> None:
    many = board(*(shown(number) for number in range(1, 41)))

    assert "and 25 more" in "\n".join(screen(many, lines=23))
    many.choose("4", NOON)
    many.choose("0", NOON)
    assert many.chosen == "alert-40"
    assert any(line.startswith(">") and " 40 " in line for line in screen(many, lines=23))
    assert len([line for line in screen(many, lines=23) if line]) <= 23


def test_without_colour_nothing_is_lost_but_the_colour() -> None:
    one = board(shown(1, "A1"), shown(2))
    one.choose("1", NOON)

    assert screen(one, color=True) == screen(one)
    assert screen(one)[4].startswith(">")


def test_a_lost_connection_is_said_for_as_long_as_it_lasts_and_the_list_stays() -> None:
    one = board(shown(1, "A1"))
    assert [event["event"] for event in one.lost("no answer", NOON - timedelta(seconds=7))] == ["lost"]
    assert one.lost("no answer", NOON) == []

    lines = screen(one)
    assert lines[1].startswith("NO CONNECTION for 0:07: no answer.")
    assert "somebody may be in danger" in "\n".join(lines)
    assert [event["event"] for event in one.found(one.alerts, NOON)] == ["found"]
    assert "NO CONNECTION" not in "\n".join(screen(one))


def test_a_desk_that_was_never_reached_is_not_a_quiet_one() -> None:
    assert "Nothing waits" not in "\n".join(screen(Board("https://desk.example")))
    assert "Nothing waits for a person." in "\n".join(screen(board()))


def test_what_happened_between_two_lists_is_told_once() -> None:
    one = Board("https://desk.example")
    first, second = shown(1, "A1"), shown(2)

    assert [(event["event"], event["alert_id"]) for event in one.found([first, second], NOON)] == [
        ("opened", "alert-1"),
        ("opened", "alert-2"),
    ]
    assert one.found([first, second], NOON) == []
    assert [(event["event"], event["nudge"]) for event in one.found([shown(1, "A1", nudge=1)], NOON)] == [
        ("nudged", 1),
        ("closed", 0),
    ]
    again = one.found([shown(1, "A1", minutes=-5)], NOON)
    assert [event["event"] for event in again] == ["opened", "closed"]


@pytest.mark.parametrize(("rank", "rung"), [("A1", True), ("A2", False), ("A3", False)])
def test_the_bell_rings_for_life_at_risk_alone(rank: str, rung: bool) -> None:
    one = Board("https://desk.example")

    assert rings(one.found([shown(1, rank)], NOON)) is rung
    assert rings(one.found([shown(1, rank)], NOON)) is False
    assert rings(one.found([shown(1, rank, nudge=1)], NOON)) is rung
    assert rings(one.found([], NOON)) is False


def test_the_choice_stays_with_its_alert_and_ends_with_it() -> None:
    one = board(shown(2))
    one.choose("down", NOON)
    one.found([shown(1, "A1"), shown(2)], NOON)
    assert one.chosen == "alert-2"

    one.found([shown(1, "A1")], NOON)
    assert one.chosen is None


def test_arrows_stop_at_both_ends_and_a_number_that_is_not_there_chooses_nothing() -> None:
    one = board(shown(1), shown(2))
    chosen = []
    for key in ("down", "down", "down", "up", "up", "9", "x"):
        one.choose(key, NOON)
        chosen.append(one.chosen)

    assert chosen == ["alert-1", "alert-2", "alert-2", "alert-1", "alert-1", None, None]


@pytest.mark.parametrize("count", [0, 1, 5, 40])
@pytest.mark.parametrize("lost", [False, True])
def test_a_terminal_of_any_size_shows_alerts_and_never_more_lines_than_it_has(count: int, lost: bool) -> None:
    one = board(*(shown(number, "A1" if number % 7 == 0 else "A2", 37 * number) for number in range(count)))
    one.told = "Acknowledged alert-77, and more words than fit into a narrow terminal."
    if lost:
        one.lost("no answer (ConnectError)", NOON)
    for columns, lines in product((10, 20, 33, 40, 59, 60, 80, 119, 120, 300), (1, 2, 3, 5, 8, 9, 24, 50)):
        console = Console(file=io.StringIO(), width=columns, height=lines, legacy_windows=False)
        for one.chosen in (None, f"alert-{count - 1}") if count else (None,):
            drawn = console.render_lines(one.render(NOON, columns, lines), pad=False)
            rows = ["".join(part.text for part in row) for row in drawn]

            assert len(rows) <= lines, (columns, lines)
            assert not one.chosen or any(row.startswith(">") for row in rows), (columns, lines)
            assert not count or any("A1" in row or "A2" in row for row in rows[-lines:]), (columns, lines)
            assert not lost or lines < 3 or any("NO CON" in row for row in rows), (columns, lines)


def test_an_alert_is_acknowledged_by_key_at_the_desk() -> None:
    desk, one = Desk(shown(1, "A1"), shown(2)), board(shown(1, "A1"), shown(2))
    with asking(desk) as made:
        for key in ("2", "a"):
            assert take_key(one, key, made)
        while not isinstance(news := made.news.get(timeout=5), Told):
            pass

    assert desk.acknowledged == ["alert-2"]
    assert news.words == "Acknowledged: MP-7K3Q-9DXR-C, a case needs an answer soon."
    assert not take_key(one, "q", made)


def test_without_a_choice_nothing_is_acknowledged() -> None:
    one, made = board(shown(1)), Asking(Desk())

    take_key(one, "a", made)

    assert one.told.startswith("Choose an alert first")
    assert made._orders.empty()


def test_an_acknowledgement_that_the_desk_did_not_take_says_so() -> None:
    desk = Desk(shown(1))
    desk.down = "no answer"
    with asking(desk) as made:
        made.acknowledge(shown(1))
        while not isinstance(news := made.news.get(timeout=5), Told):
            pass

    assert news.words == f"NOT acknowledged, {named(shown(1))}: no answer. Try again."


def test_a_desk_that_comes_back_is_found_again() -> None:
    desk, one = Desk(shown(1, "A1")), Board("https://desk.example")
    desk.down = "answered 503"
    with asking(desk) as made:
        assert isinstance(made.news.get(timeout=5), Lost)
        desk.down = ""
        while not isinstance(news := made.news.get(timeout=5), Listed):
            pass
    made.news.put(news)

    assert take_news(one, made.news)
    assert [alert.alert_id for alert in one.alerts] == ["alert-1"]


def test_lines_of_json_tell_each_event_until_the_reader_is_gone() -> None:
    news: queue.Queue[Any] = queue.Queue()
    for one in (Lost("no answer"), Lost("no answer"), Listed([shown(1, "A1")]), Told("a note"), Listed([])):
        news.put(one)
    lines: list[str] = []

    def write(line: str) -> None:
        lines.append(line)
        if len(lines) == 5:
            raise BrokenPipeError

    tell_lines(Board("https://desk.example"), news, write)

    events = [json.loads(line) for line in lines]
    assert [event["event"] for event in events] == ["lost", "found", "opened", "note", "closed"]
    assert {key: events[2][key] for key in ("alert_id", "rank", "opened_at")} == {
        "alert_id": "alert-1",
        "rank": "A1",
        "opened_at": to_rfc3339(NOON),
    }


def test_news_on_a_queue_only_have_the_desk_asked_and_are_taken_off() -> None:
    class Over(BaseException):
        pass

    class Sqs:
        deleted: list[str] = []  # noqa: RUF012 - one test's

        def receive_message(self, **_: Any) -> Any:
            if self.deleted:
                raise Over
            return {"Messages": [{"ReceiptHandle": "r1", "Body": "whatever it says"}]}

        def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> None:  # noqa: N803 - AWS's
            self.deleted.append(ReceiptHandle)

    made = Asking(Desk())
    with pytest.raises(Over):
        listen(Sqs(), "https://queue", made)

    assert Sqs.deleted == ["r1"]
    assert made._orders.get_nowait() is None
    assert made.news.empty()


@pytest.mark.parametrize(
    ("pressed", "keys"),
    [
        (b"a", ["a"]),
        (b"12", ["1", "2"]),
        (b"\x1b[A\x1b[B", ["up", "down"]),
        (b"\x1bOAj", ["up", "down"]),
        (b"\x1b[15~", []),
        (b"", []),
    ],
)
def test_keys_are_read_as_terminals_send_them(pressed: bytes, keys: list[str]) -> None:
    assert keys_in(pressed) == keys


@pytest.mark.parametrize(
    ("seconds", "told"), [(-3, "0:00"), (7, "0:07"), (754, "12:34"), (11159, "3:05:59"), (187200, "2d 04h")]
)
def test_ages_are_told_as_people_read_them(seconds: int, told: str) -> None:
    assert age(timedelta(seconds=seconds)) == told


LISTED = {
    "alert_id": "C1.emergency",
    "rank": "A1",
    "kind": "emergency",
    "case_id": "C1",
    "case_reference": None,
    "grade": None,
    "opened_at": to_rfc3339(NOON),
    "nudge": 0,
}


def api(status: int = 200, body: Any = None) -> tuple[DeskAlerts, list[httpx.Request]]:
    asked: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(status, json={"alerts": [LISTED]} if body is None else body)

    return DeskAlerts("https://desk.example/", "a-token", httpx.MockTransport(respond)), asked


def test_the_list_is_the_apis_worst_first() -> None:
    later = {**LISTED, "alert_id": "C2", "rank": "A3"}
    desk, asked = api(body={"alerts": [later, LISTED]})

    assert [one.rank for one in desk.open_alerts()] == ["A1", "A3"]
    assert (asked[0].url.path, asked[0].headers["authorization"]) == ("/desk/alerts", "Bearer a-token")


def test_acknowledging_carries_a_key_of_its_own() -> None:
    desk, asked = api()
    seen = ShownAlert.of(LISTED)
    desk.acknowledge(seen)
    desk.acknowledge(seen)

    assert [one.url.path for one in asked] == ["/desk/alerts/C1.emergency/acknowledge"] * 2
    assert len({one.headers["idempotency-key"] for one in asked}) == 2
    assert {one.content for one in asked} == {b'{"opened_at":"%s"}' % str(LISTED["opened_at"]).encode()}


def test_what_was_raised_anew_is_not_acknowledged_and_that_is_said() -> None:
    desk, _ = api(status=412)

    with pytest.raises(DeskRefusedError, match="raised anew"):
        desk.acknowledge(ShownAlert.of(LISTED))


def test_what_is_raised_anew_is_chosen_no_more() -> None:
    one = board(shown(1, "A1"), shown(2))
    one.choose("1", NOON)
    one.found([shown(1, "A1", minutes=-1), shown(2)], NOON)

    assert one.chosen is None


def test_two_digits_are_one_number_only_where_they_follow_each_other_at_once() -> None:
    one, made = board(*(shown(number) for number in range(1, 20))), Asking(Desk())
    for key in "12":
        one.choose(key, NOON)
    assert one.chosen == "alert-12"
    one.choose("1", NOON + timedelta(seconds=9))
    one.choose("3", NOON + timedelta(seconds=12))
    assert one.chosen == "alert-3"
    one.choose("1", SystemClock().now())
    take_key(one, "a", made)
    take_key(one, "2", made)
    assert one.chosen == "alert-2"


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, {}, DeskRefusedError),
        (403, {}, DeskRefusedError),
        (503, {}, DeskLostError),
        (200, {"cases": []}, DeskLostError),
        (200, [], DeskLostError),
        (200, {"alerts": [{"alert_id": 1}]}, DeskLostError),
    ],
)
def test_what_is_no_list_is_told_apart(status: int, body: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        api(status, body)[0].open_alerts()


def test_a_desk_that_is_not_there_is_lost() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(DeskLostError):
        DeskAlerts("https://desk.example", "t", httpx.MockTransport(refuse)).open_alerts()


@pytest.mark.parametrize(
    ("arguments", "told"), [(["--api", "https://desk.example"], "--token"), ([], "needs a terminal")]
)
def test_used_wrongly_it_says_how(arguments: list[str], told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DESK_TOKEN", raising=False)

    answer = CliRunner().invoke(app, ["watch", *arguments])

    assert answer.exit_code == 2
    assert told in answer.output
