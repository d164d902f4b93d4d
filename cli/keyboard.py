"""Keys of a terminal, one at a time and unseen, and the terminal as it was afterwards."""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
import tty
from types import FrameType, TracebackType
from typing import Any, Self

ARROWS = {b"\x1b[A": "up", b"\x1bOA": "up", b"\x1b[B": "down", b"\x1bOB": "down", b"k": "up", b"j": "down"}
ENDINGS = (signal.SIGTERM, signal.SIGHUP)


class Keyboard:
    """The keys of standard input while the block lasts.

    A hang-up or a request to end leaves the block like any other end, so that the terminal is whole afterwards.
    """

    def __init__(self) -> None:
        self._descriptor = sys.stdin.fileno()
        self._before: list[Any] = []
        self._handlers: dict[signal.Signals, Any] = {}
        self.open = True

    def __enter__(self) -> Self:
        self._before = termios.tcgetattr(self._descriptor)
        self._handlers = {number: signal.signal(number, _leave) for number in ENDINGS}
        tty.setcbreak(self._descriptor)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._before)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def read(self, seconds: float) -> list[str]:
        """What was pressed until then: `up`, `down`, or characters; it waits for the first only."""
        if not select.select([self._descriptor], [], [], seconds)[0]:
            return []
        pressed = os.read(self._descriptor, 64)
        if not pressed:
            self.open = False  # the terminal is gone
        return keys_in(pressed)


def keys_in(pressed: bytes) -> list[str]:
    """The keys of what a terminal sent at once; what is no key of ours is left out whole."""
    keys = []
    while pressed:
        for sent, name in ARROWS.items():
            if pressed.startswith(sent):
                keys.append(name)
                pressed = pressed[len(sent) :]
                break
        else:
            if pressed[:1] == b"\x1b":
                break
            keys.append(pressed[:1].decode("ascii", "replace"))
            pressed = pressed[1:]
    return keys


def _leave(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)
