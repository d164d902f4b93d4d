"""A terminal of somebody who follows a page: one shell, in which what was set stays set."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType


class CommandFailedError(AssertionError):
    """A command of the page failed; the message is what the terminal showed."""


class Terminal:
    """Runs blocks of shell one after the other, and ends with the first command that fails."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._bash = subprocess.Popen(
            ["bash", "-eu", "-o", "pipefail"],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._blocks = 0

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        self._bash.communicate()

    def run(self, text: str, *, deadline_seconds: float = 1_800) -> str:
        """Type the block and wait for its end; gives what it printed. Raises CommandFailedError."""
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        self._blocks += 1
        end = f"block {self._blocks} ended"
        # Nobody answers a question here: whoever asks one reads the end of the input.
        self._bash.stdin.write(f"{{\n{text}\n}} </dev/null\necho '{end}'\n")
        self._bash.stdin.flush()
        watchdog = threading.Timer(deadline_seconds, self._end)
        watchdog.start()
        lines: list[str] = []
        try:
            for line in self._bash.stdout:
                if line.rstrip("\n") == end:
                    return "".join(lines)
                lines.append(line)
        finally:
            watchdog.cancel()
        raise CommandFailedError(f"{text}\nshowed:\n{''.join(lines)[-4000:]}")

    def _end(self) -> None:
        """End the shell and whatever it still runs."""
        with suppress(ProcessLookupError):
            os.killpg(self._bash.pid, signal.SIGKILL)
