"""Workers that die at every single place, and at every two: a reply is never there twice, and none is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations

import pytest

from contact_desk.outbox import OutboxItem, OutboxKind, OutboxState, Purpose
from contact_desk.send_failures import SendFailure
from functions.notify import dispatch
from functions.notify.platform_answers import CredentialsRefused, Rejected, RetryLater, UnknownEffect
from local.twins import in_memory_outbox
from local.twins.in_memory_outbox import InMemoryOutbox
from local.twins.in_memory_platform import Mishap
from tests.builders import outbox_item
from tests.proving import Share
from tests.unit.notify.send_desk import SendDesk

SILENCE = UnknownEffect(SendFailure.NO_ANSWER)

ITEMS = {
    "reply": outbox_item(),
    "comment": outbox_item(OutboxKind.COMMENT_REPLY, purpose=Purpose.ACKNOWLEDGEMENT),
    "public emergency": outbox_item(OutboxKind.COMMENT_REPLY, purpose=Purpose.EMERGENCY, urgent=True),
    "private emergency": outbox_item(purpose=Purpose.EMERGENCY, urgent=True),
    "private reply": outbox_item(OutboxKind.PRIVATE_REPLY, purpose=Purpose.EMERGENCY, urgent=True),
    "operator alert": outbox_item(OutboxKind.OPERATOR_ALERT, text="opened", urgent=True),
}
ONCE_ONLY = {"reply", "comment", "public emergency"}


@dataclass(frozen=True, slots=True)
class Story:
    """What the platform does to the first sends, and what is to be true when all is quiet again."""

    mishaps: tuple[Mishap, ...] = ()
    ends: OutboxState = OutboxState.SENT


STORIES = {
    "it works": Story(),
    "it answers too late": Story((Mishap(SILENCE, takes_effect=True),)),
    "it swallows the first": Story((Mishap(SILENCE),)),
    "it swallows one and answers the next too late": Story(
        (Mishap(SILENCE), Mishap(SILENCE, takes_effect=True))
    ),
    "it is too busy": Story((Mishap(RetryLater(SendFailure.THROTTLED, timedelta(minutes=2))),)),
    "it cannot be reached": Story((Mishap(RetryLater(SendFailure.UNREACHABLE)),) * 2),
    "the token is dead for a while": Story((Mishap(CredentialsRefused()),) * 2),
    "it refuses for good": Story((Mishap(Rejected(SendFailure.TARGET_GONE)),) * 9, ends=OutboxState.FAILED),
}

Cases = pytest.mark.parametrize(("name", "story"), [(name, story) for name in ITEMS for story in STORIES])


def play(item: OutboxItem, story: Story, deaths: Iterable[int]) -> SendDesk:
    """Workers come until nothing is left to do; those at the given steps die."""
    desk = SendDesk((item,), deaths=frozenset(deaths))
    desk.platform.mishaps.extend(story.mishaps)
    desk.work()
    desk.work()  # the queue delivers at least once
    desk.rest()
    return desk


def check(name: str, story: Story, desk: SendDesk) -> None:
    """What must hold however many workers died."""
    assert desk.item.state is story.ends
    if story.ends is OutboxState.FAILED:
        assert desk.seen() == 0
        if desk.item.kind is not OutboxKind.OPERATOR_ALERT:
            assert len([alert for alert in desk.records.alerts.values() if alert.open]) == 1
        return
    assert desk.seen() >= 1
    if name in ONCE_ONLY:
        assert desk.seen() == 1
        assert [shown.platform_id for shown in desk.platform.visible] == [desk.item.platform_id]


def steps_of(item: OutboxItem, story: Story) -> int:
    return play(item, story, ()).mortality.steps


@Cases
def test_a_worker_may_die_anywhere(name: str, story: str) -> None:
    item, told = ITEMS[name], STORIES[story]
    for death in range(steps_of(item, told)):
        check(name, told, play(item, told, {death}))


@Cases
def test_two_workers_may_die_anywhere(name: str, story: str, share: Share) -> None:
    item, told = ITEMS[name], STORIES[story]
    # The second worker's steps come after the first one's: twice as many, and the pairs of a run without deaths.
    pairs = list(combinations(range(2 * steps_of(item, told)), 2))
    for deaths in pairs[:: max(1, len(pairs) // share(100, len(pairs)))]:
        check(name, told, play(item, told, deaths))


def test_a_private_emergency_text_is_there_at_most_twice() -> None:
    item = ITEMS["private emergency"]
    for story in STORIES.values():
        for death in range(steps_of(item, story)):
            assert play(item, story, {death}).seen() <= 2


Breakage = Callable[[pytest.MonkeyPatch], None]


def no_start(patch: pytest.MonkeyPatch) -> None:
    """The start is not recorded before the call."""
    patch.setattr(InMemoryOutbox, "start", lambda _self, claimed, now: claimed)


def resend_in_doubt(patch: pytest.MonkeyPatch) -> None:
    """An unknown effect is taken for none."""
    patch.setattr(dispatch.Dispatcher, "_look_up", dispatch.Dispatcher._send)
    patch.setattr(InMemoryOutbox, "start", lambda self, claimed, now: self._keep(claimed))


def no_lease(patch: pytest.MonkeyPatch) -> None:
    """A dead worker's item stays claimed for ever."""
    patch.setattr(in_memory_outbox, "_held", lambda item, _now: item.lease_until is not None)


@pytest.mark.parametrize("breakage", [no_start, resend_in_doubt, no_lease])
def test_the_crash_points_notice_a_broken_protocol(
    breakage: Breakage, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = ITEMS["reply"]
    runs = [(story, death) for story in STORIES.values() for death in range(steps_of(item, story))]
    breakage(monkeypatch)

    assert any(not holds(item, story, death) for story, death in runs)


def holds(item: OutboxItem, story: Story, death: int) -> bool:
    try:
        check("reply", story, play(item, story, {death}))
    except AssertionError:
        return False
    return True
