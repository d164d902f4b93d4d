"""Ten thousand schedules of faults over publishing: never two copies on a channel, and none left unaccounted for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from contact_desk.copy_gate import Verdict
from contact_desk.copy_orders import CopyOrder
from contact_desk.observability import logger, metrics
from contact_desk.outbox import OutboxItem
from contact_desk.ports import OutboxStore
from functions.notify import dispatch, http_calls
from functions.notify.platform_answers import RetryLater
from functions.notify.senders.copies import copy_sender, sending, standing
from local.twins.in_memory_outbox import InMemoryOutbox
from tests.proving import PROVING, Share
from tests.simulation.copy_schedules import play
from tests.simulation.send_platforms import Fate

PARTS = 10
VARIED = (7, 12, 14)


@pytest.fixture(autouse=True)
def no_lines_for_each_invocation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of invocations would fill the log that a failure shows."""
    monkeypatch.setattr(logger, "info", lambda *_, **__: None)
    monkeypatch.setattr(metrics, "add_metric", lambda **_: None)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_befalls_publishing_there_is_at_most_one_copy_on_a_channel(
    part: int, share: Share, capsys: pytest.CaptureFixture[str]
) -> None:
    many = share(5, 1_000)
    outcomes = play(range(part * many, (part + 1) * many))

    broken = [outcome for outcome in outcomes if outcome.broken]
    copies, asked = sum(one.copies for one in outcomes), sum(one.asked_a_person for one in outcomes)
    with capsys.disabled():
        if PROVING:
            print(f"\n{many} schedules, {copies} copies: a person was asked about {asked / copies:.1%}")  # noqa: T201
    assert not broken, "\n".join(map(str, broken[:3]))
    # A desk that asks people about everything would keep every promise, too; a few schedules say nothing of that.
    assert asked / copies < (0.12 if PROVING else 1.0)


def test_the_schedules_meet_everything_that_can_befall() -> None:
    met = {line.partition(" ")[2].rpartition(": ")[2] for outcome in play(VARIED) for line in outcome.events}

    assert {
        *Fate,
        "a worker dies",
        "a worker falls asleep",
        "it wakes up",
        "cancelled",
        "stop",
        "start",
    } <= met


Plant = Callable[[pytest.MonkeyPatch], None]


def retry_after_timeout(patch: pytest.MonkeyPatch) -> None:
    """A call without an answer is taken for one that did nothing."""
    patch.setattr(http_calls, "UnknownEffect", RetryLater)


def start_unrecorded(patch: pytest.MonkeyPatch) -> None:
    """A worker that dies leaves no word that it had begun."""

    def start(self: InMemoryOutbox, claimed: OutboxItem, *, now: object) -> OutboxItem:
        return replace(claimed, started_at=now)  # type: ignore[arg-type]

    patch.setattr(InMemoryOutbox, "start", start)
    patch.setattr(InMemoryOutbox, "keep_draft", lambda *_, **__: True)


def drafts_unnamed(patch: pytest.MonkeyPatch) -> None:
    """What nobody sees yet is shown without its name in the records."""
    patch.setattr(sending.Sending, "drafted", lambda *_: None)


def gate_open(patch: pytest.MonkeyPatch) -> None:
    """Nobody asks whether it may still be sent."""
    patch.setattr(sending.Records, "verdict", lambda *_: Verdict.SEND)


def sleepers_send(patch: pytest.MonkeyPatch) -> None:
    """A worker that wakes up goes on where it was."""
    patch.setattr(dispatch.Dispatcher, "_give_back_if_late", lambda *_: None)
    patch.setattr(sending.Sending, "time_for_call", lambda self: dispatch.SEND_WITHIN)


def ends_at_once(patch: pytest.MonkeyPatch) -> None:
    """What ends a copy does not wait until it is settled what became of it."""

    def what_stands(order: CopyOrder, outbox: OutboxStore) -> standing.Standing | standing.NotSettled:
        found = standing.what_stands(order, outbox)
        return found if isinstance(found, standing.Standing) else standing.Standing(())

    patch.setattr(copy_sender, "what_stands", what_stands)


# With each the first schedule that catches it: those after it do, should the schedules ever come to differ.
@pytest.mark.parametrize(
    ("plant", "first"),
    [
        (retry_after_timeout, 6),
        (start_unrecorded, 60),
        (drafts_unnamed, 56),
        (gate_open, 7),
        (sleepers_send, 17),
        (ends_at_once, 27),
    ],
)
def test_a_planted_fault_is_caught(plant: Plant, first: int, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)

    assert any(outcome.broken for seed in range(first, first + 300) for outcome in play([seed]))
