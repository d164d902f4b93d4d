"""The workers of a story of faults: mortal at every step, and watched while they are at a platform."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from contact_desk.outbox import OutboxItem
from functions.notify.dispatch import Dispatcher, Invocation, OutOfTimeError, Result


class Story(Protocol):
    """What befalls the workers; `at_work` is the item that one of them is sending."""

    at_work: OutboxItem | None

    def step(self) -> None:
        """One more place to die, to fall asleep, or for others to act."""
        ...


class Mortal:
    """An object before and after each of whose calls its worker may die or sleep, and others may act."""

    def __init__(self, inner: Any, schedule: Story) -> None:
        self._inner = inner
        self._schedule = schedule

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._inner, name)

        def stepped(*arguments: Any, **named: Any) -> Any:
            self._schedule.step()
            answer = call(*arguments, **named)
            self._schedule.step()
            return answer

        return stepped


@dataclass(frozen=True, slots=True, kw_only=True)
class TellingDispatcher(Dispatcher):
    """The dispatcher that ships, whose errors are no misfortune but a fault."""

    unexpected: list[str]

    def dispatch(self, outbox_id: str, invocation: Invocation) -> Result:
        try:
            return Dispatcher.dispatch(self, outbox_id, invocation)
        except OutOfTimeError:
            raise
        except Exception as error:
            self.unexpected.append(f"{type(error).__name__}: {error}")
            raise


@dataclass(slots=True)
class Watched:
    """The sender of copies, whose item at work is known."""

    inner: Any
    schedule: Story

    def prepare(self, item: OutboxItem) -> Any:
        return self.inner.prepare(item)

    def send(self, item: OutboxItem, *, within: timedelta) -> Any:
        return self._at_work(item, lambda: self.inner.send(item, within=within))

    def look_up(self, item: OutboxItem, *, within: timedelta) -> Any:
        return self._at_work(None, lambda: self.inner.look_up(item, within=within))

    def _at_work(self, item: OutboxItem | None, call: Any) -> Any:
        before, self.schedule.at_work = self.schedule.at_work, item
        try:
            return call()
        finally:
            self.schedule.at_work = before
