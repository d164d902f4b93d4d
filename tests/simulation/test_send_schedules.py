"""Ten thousand schedules of faults over notify: no reply is there twice, none is lost, every doubt is looked into."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from contact_desk.observability import logger, metrics
from contact_desk.send_failures import SendFailure
from functions.notify import dispatch, doubts, http_calls
from functions.notify.platform_answers import RetryLater, UnknownEffect
from local.twins.in_memory_outbox import InMemoryOutbox
from tests.proving import TOLD, Share
from tests.simulation import send_schedules
from tests.simulation.send_platforms import Fate
from tests.simulation.send_schedules import Outcome, play

PARTS = 5


@pytest.fixture(autouse=True)
def no_lines_for_each_invocation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of invocations would fill the log that a failure shows."""
    monkeypatch.setattr(logger, "info", lambda *_, **__: None)
    monkeypatch.setattr(metrics, "add_metric", lambda **_: None)


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_befalls_notify_a_reply_arrives_once(
    part: int, share: Share, record_property: Callable[[str, object], None]
) -> None:
    many = share(120, 2_000)
    outcomes = play(range(part * many, (part + 1) * many))

    broken = [outcome for outcome in outcomes if outcome.broken]
    items, asked = sum(one.items for one in outcomes), sum(one.asked_a_person for one in outcomes)
    record_property(TOLD, f"{many} schedules, {items} items: a person was asked about {asked / items:.1%}")
    assert not broken, "\n".join(map(str, broken[:3]))
    # A desk that asks people about everything would keep every promise, too.
    assert asked / items < 0.2


def test_the_schedules_meet_everything_that_can_befall() -> None:
    met = Counter(
        line.partition(" ")[2].rpartition(": ")[2] for outcome in play(range(200)) for line in outcome.events
    )

    assert {*Fate, "a worker dies", "a worker falls asleep", "it wakes up"} <= met.keys()


Plant = Callable[[pytest.MonkeyPatch], None]


def retry_after_timeout(patch: pytest.MonkeyPatch) -> None:
    """A call without an answer is taken for one that did nothing."""
    patch.setattr(http_calls, "UnknownEffect", RetryLater)


def retry_after_server_error(patch: pytest.MonkeyPatch) -> None:
    """A server's error is taken for a refusal."""
    record = dispatch.Dispatcher._record

    def forgetful(self: dispatch.Dispatcher, item: object, answer: object, invocation: object) -> object:
        failed = answer == UnknownEffect(SendFailure.SERVER_ERROR)
        return record(self, item, RetryLater(SendFailure.SERVER_ERROR) if failed else answer, invocation)  # type: ignore[arg-type]

    patch.setattr(dispatch.Dispatcher, "_record", forgetful)


def look_too_soon(patch: pytest.MonkeyPatch) -> None:
    """A look-up is believed before the call can have taken its effect."""
    for module in (doubts, dispatch):
        patch.setattr(module, "PLATFORM_DELAY", doubts.PLATFORM_DELAY * 0, raising=False)


def start_unrecorded(patch: pytest.MonkeyPatch) -> None:
    """A worker that dies leaves no word that it had begun."""
    patch.setattr(InMemoryOutbox, "start", lambda _self, claimed, now: replace(claimed, started_at=now))


def zombie_sends(patch: pytest.MonkeyPatch) -> None:
    """A worker that wakes up goes on where it was."""
    patch.setattr(dispatch.Dispatcher, "_give_back_if_late", lambda *_: None)


def nobody_sweeps(patch: pytest.MonkeyPatch) -> None:
    """A lost nudge is never made up for."""
    patch.setattr(send_schedules, "push_on", lambda *_: 0)
    patch.setattr(send_schedules, "MOST_MINUTES", 60)


@pytest.mark.parametrize(
    "plant",
    [
        retry_after_timeout,
        retry_after_server_error,
        look_too_soon,
        start_unrecorded,
        zombie_sends,
        nobody_sweeps,
    ],
)
def test_a_planted_fault_is_caught(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)

    assert any(broken(seeds) for seeds in (range(at, at + 20) for at in range(0, 600, 20)))


def broken(seeds: range) -> list[Outcome]:
    return [outcome for outcome in play(seeds) if outcome.broken]
