"""Two watches at once each show everything, and one that is killed loses nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from local.stack_file import Stack
from tests.builders import Json
from tests.e2e.outside import Operators, Outside, until


class Watch:
    """One `desk watch --json`, and what it has told so far."""

    def __init__(self, stack: Stack, token: str, *more: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "watch", "--json", "--api", stack.api_url, *more],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "DESK_TOKEN": token},
        )
        self.events: list[Json] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.events.append(json.loads(line))

    def told(self, event: str, alert_id: str) -> list[Json]:
        """What it told of one alert."""
        return [one for one in list(self.events) if (one["event"], one.get("alert_id")) == (event, alert_id)]

    def end(self, by: signal.Signals) -> int:
        """End it, and how it left."""
        self.process.send_signal(by)
        code = self.process.wait(10)
        self._reader.join(5)
        assert self.process.stdout
        self.process.stdout.close()
        return code


@contextmanager
def watching(stack: Stack, token: str) -> Iterator[Watch]:
    watch = Watch(stack, token)
    try:
        yield watch
    finally:
        if watch.process.poll() is None:
            watch.end(signal.SIGKILL)


def test_two_watches_show_everything_and_one_killed_loses_nothing(
    stack: Stack, outside: Outside, operators: Operators
) -> None:
    with watching(stack, stack.tokens.operator) as first, watching(stack, stack.tokens.operator2) as second:
        until(lambda: first.events and second.events)  # the emergency that nobody looks at
        text = outside.new("somebody has a gun at the school gate")
        outside.deliver(outside.message(text, sender=outside.new_person()))
        case = operators.case_with(text)
        [alert] = [one for one in operators.alerts() if one["case_reference"] == case["reference"]]
        name = alert["alert_id"]

        for watch in (first, second):
            [opened] = until(lambda watch=watch: watch.told("opened", name))  # type: ignore[misc]
            assert (opened["rank"], opened["case_reference"]) == ("A1", case["reference"])
        second.end(signal.SIGKILL)
        with watching(stack, stack.tokens.operator2) as again:
            assert until(lambda: again.told("opened", name))
            assert operators.post(f"/desk/alerts/{name}/acknowledge").status_code == 200
            for watch in (first, again):
                assert until(lambda watch=watch: watch.told("closed", name))  # type: ignore[misc]
        assert text not in json.dumps(first.events)
        assert first.end(signal.SIGINT) == 0
