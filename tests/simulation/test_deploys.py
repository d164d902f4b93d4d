"""A deploy in the middle of a load loses and doubles nothing: the last version and this one at work side by side.

Both ways: taking over, and taken back, which leaves the older version with what the newer one wrote. The last version
is its own code (`tests/previous_version`), not this one's idea of it.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from typing import Any
from unittest.mock import patch

import pytest

from contact_desk import contact_message, contacts
from contact_desk.stores import dynamo
from contact_desk.stores.items import marshal, unmarshal
from tests.proving import PROVING, Share
from tests.simulation import story
from tests.simulation.desk_on_moto import Desk, steered
from tests.simulation.exploration import Plan, Run, overtakings, play, singles, told
from tests.simulation.lambdas import at_hand
from tests.simulation.previous_version import unpacked
from tests.simulation.promises import broken_promises
from tests.simulation.shifting import MINUTES, Load, Shift
from tests.simulation.story import CHAPTERS, Story
from tests.simulation.versions import AT_HAND, Version

SEED = 1_011
BOTH_WAYS = ("taking over", "taken back")
WORKS = ("Webhooks", "Triage", "Notify", "NotifyUrgent", "Confirm", "Operate")


@pytest.fixture(scope="module")
def last(standing_desk: Desk) -> Iterator[Version]:
    """The last version, by the desk's clock."""
    version = Version("last", unpacked())
    with ExitStack() as steering:
        with version.at_work():
            steering.enter_context(steered(standing_desk.clock, standing_desk.ids))
        yield version


@pytest.fixture
def desk(desk: Desk) -> Iterator[Desk]:
    """The empty desk, whose aliases lead to the code at hand again afterwards."""
    yield desk
    desk.lambdas.version_for = at_hand


def shifted(desk: Desk, shift: Shift, load: Load, minutes: int = MINUTES) -> list[str]:
    """A deploy under a load, and what it broke: promises, and messages that a version could not read."""
    desk.reset()
    desk.echoing = True
    desk.lambdas.version_for = shift.version_for
    try:
        for minute in range(minutes):
            shift.share = min(100 * (minute + 1) // (minutes - 1), 100)
            load.arrives(desk)
            load.is_answered(desk)
            desk.minute()
        desk.rest()
    except AssertionError as error:
        return [str(error)]
    unread = [
        f"{number} messages given back to {queue}" for queue, number in Counter(desk.given_back).items()
    ]
    return [*unread, *broken_promises(desk, load.story())]


@pytest.mark.parametrize("way", BOTH_WAYS)
def test_a_deploy_under_a_load_loses_and_doubles_nothing(
    desk: Desk, last: Version, way: str, share: Share
) -> None:
    older, newer = (last, AT_HAND) if way == "taking over" else (AT_HAND, last)
    for round_ in range(share(1, 40)):
        chance = random.Random(SEED + round_)
        broken = shifted(desk, Shift(older, newer, chance), Load(chance, share(1, 4)))

        assert broken == [], f"round {round_}"
        worked = {(one.function, one.version) for one in desk.lambdas.ended}
        # Each began what the other may have gone on with.
        assert {(name, each.name) for name in WORKS for each in (older, newer)} <= worked


@pytest.mark.parametrize("way", BOTH_WAYS)
def test_what_one_version_is_at_the_other_gets_as_well_and_finishes_first(
    desk: Desk, last: Version, way: str, share: Share
) -> None:
    first, second = (last, AT_HAND) if way == "taking over" else (AT_HAND, last)
    desk.lambdas.version_for = lambda _, worker: first if worker == 1 else second
    for chapter in chapters(way):
        clean = play(desk, chapter)
        every = overtakings(clean)
        broken = broken_of(desk, chapter, every, share(1, len(every)))

        assert clean.kept, told([clean])
        assert not broken, told(broken)


@pytest.mark.parametrize("way", BOTH_WAYS)
def test_what_one_version_left_when_it_died_the_other_takes_up(
    desk: Desk, last: Version, way: str, share: Share
) -> None:
    first, second = (last, AT_HAND) if way == "taking over" else (AT_HAND, last)
    desk.lambdas.version_for = lambda *_: second if desk.injector.struck else first
    for chapter in chapters(way):
        every = singles(play(desk, chapter))
        broken = broken_of(desk, chapter, every, share(1, len(every)))

        assert not broken, told(broken)


def chapters(way: str) -> tuple[Story, ...]:
    """All in the proof, half of them for each way in `make test`."""
    return CHAPTERS if PROVING else CHAPTERS[BOTH_WAYS.index(way) :: 2]


def broken_of(desk: Desk, chapter: Story, plans: list[Plan], most: int) -> list[Run]:
    """So many of the plans, always the same, and of their runs those that broke a promise."""
    some = random.Random(SEED).sample(plans, min(len(plans), most))
    return [run for run in (play(desk, chapter, plan) for plan in some) if not run.kept]


def _writes_a_message_of_the_next_shape() -> AbstractContextManager[object]:
    """The version of the message is counted up, and what reads the new one comes with what writes it."""
    return patch.object(contact_message, "VERSION", contact_message.VERSION + 1)


def _renames_a_field(older: str = "channel", newer: str = "sent_by") -> ExitStack:
    """An outbox item names its channel otherwise; this version reads both names, and writes one."""

    def renamed(change: Callable[..., Any], old: str, new: str) -> Callable[..., Any]:
        def named(fields: Mapping[str, Any]) -> Any:
            return {new if name == old and is_outbox(fields) else name: fields[name] for name in fields}

        def is_outbox(fields: Mapping[str, Any]) -> bool:
            return fields.get("sk") in ("outbox", {"S": "outbox"})

        return lambda fields: change(named(fields))

    stack = ExitStack()
    stack.enter_context(patch.object(dynamo, "marshal", renamed(marshal, older, newer)))
    stack.enter_context(patch.object(dynamo, "unmarshal", renamed(unmarshal, newer, older)))
    return stack


def _knows_contacts_by_another_key() -> ExitStack:
    """What the platform delivers again, and the other version has already, is new to it; so is what it expects here."""
    stack = ExitStack()
    for module in (contacts, story):
        stack.enter_context(patch.object(module, "contact_key", lambda channel, name: f"{channel}:{name}"))
    return stack


PLANTED: Mapping[str, Callable[[], AbstractContextManager[object]]] = {
    "a message of the next shape": _writes_a_message_of_the_next_shape,
    "a field under another name": _renames_a_field,
    "contacts under another key": _knows_contacts_by_another_key,
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_version_that_cannot_work_beside_the_last_is_found_out(
    desk: Desk, last: Version, name: str
) -> None:
    with PLANTED[name]():
        alone, beside = (
            shifted(desk, Shift(older, AT_HAND, chance), Load(chance, 4, questions=False), minutes=3)
            for older in (AT_HAND, last)
            for chance in [random.Random(SEED)]
        )

    assert alone == [], "it shows without a deploy, so it proves little"
    assert beside != []
