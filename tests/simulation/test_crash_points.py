"""Whatever call of a function goes wrong, and whichever call after that, the desk keeps its promises.

Every path of the desk has a short story of its own, and WHOLE tells most of them at once, in batches. `make test` plays
a share of the runs, always the same; `make prove` plays every single fault and every pair of them, of WHOLE's hundred
thousands of pairs three hundred for each function.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.proving import PROVING, Share
from tests.simulation.exploration import (
    Crew,
    Plan,
    crew,
    overtakings,
    pairs,
    refusals,
    singles,
    told,
)
from tests.simulation.faults import FaultKind
from tests.simulation.story import CHAPTERS, WHOLE, Story

SEED = 101
# Of its pairs, for each function: all are told, call by call, by the short stories that WHOLE is made of.
MOST_OF_WHOLE = 300
STORIES = [pytest.param(story, id=str(story)) for story in (*CHAPTERS, WHOLE)]


@pytest.fixture(scope="module")
def players() -> Iterator[Crew]:
    with crew(of_every_core=PROVING) as players:
        yield players


def chosen(plans: list[Plan], most: int) -> list[Plan]:
    """As many of the plans, always the same ones."""
    return plans if len(plans) <= most else random.Random(SEED).sample(plans, most)


@pytest.mark.parametrize("story", STORIES)
def test_with_nothing_going_wrong_every_promise_is_kept(players: Crew, story: Story) -> None:
    clean = players.clean(story)

    assert clean.kept, told([clean])


@pytest.mark.parametrize("story", STORIES)
def test_a_crash_or_a_lost_reply_at_any_call_is_survived(players: Crew, story: Story, share: Share) -> None:
    every = singles(players.clean(story))
    broken = players.broken(story, chosen(every, share(4 if story is WHOLE else 6, len(every))))

    assert not broken, told(broken)


@pytest.mark.parametrize("story", STORIES)
def test_a_refusal_of_any_call_is_survived(players: Crew, story: Story, share: Share) -> None:
    every = refusals(players.clean(story))
    broken = players.broken(story, chosen(every, share(2 if story is WHOLE else 3, len(every))))

    assert not broken, told(broken)


@pytest.mark.parametrize("story", STORIES)
def test_a_second_worker_with_the_same_event_changes_nothing(
    players: Crew, story: Story, share: Share
) -> None:
    every = overtakings(players.clean(story))
    broken = players.broken(story, chosen(every, share(2 if story is WHOLE else 3, len(every))))

    assert not broken, told(broken)


@pytest.mark.parametrize(
    ("story", "function"),
    [
        pytest.param(story, function, id=f"{story}-{function}")
        for story in (*CHAPTERS, WHOLE)
        for function in story.functions
    ],
)
def test_a_fault_of_one_function_and_another_after_it_are_survived(
    players: Crew, story: Story, function: str, share: Share
) -> None:
    clean = players.clean(story)
    last = clean.calls[-1].number
    every_first: list[Plan] = [
        ((number, kind),)
        for ((number, kind),) in singles(clean)
        if clean.calls[number].function == function and not (number == last and kind is FaultKind.REPLY_LOST)
    ]
    firsts = list(players.play(story, chosen(every_first, share(1, len(every_first)))))
    every = [plan for first in firsts for plan in pairs(first)]
    broken = players.broken(
        story,
        chosen(every, share(1 if story is WHOLE else 2, MOST_OF_WHOLE if story is WHOLE else len(every))),
    )

    assert every
    assert not broken, told(broken)


def test_a_sweep_that_dies_is_made_up_for_by_the_next(players: Crew, share: Share) -> None:
    """After a fault that only a sweep repairs, that sweep fails in its turn."""
    story = replace(CHAPTERS[0], sweeps_fail=True)
    every_first = [plan for plan in singles(players.clean(story)) if plan[0][1] is not FaultKind.REPLY_LOST]
    firsts = list(players.play(story, chosen(every_first, share(4, len(every_first)))))
    every = [
        plan
        for first in firsts
        for plan in pairs(first)
        if first.calls[plan[1][0]].function.startswith("Sweep")
    ]
    broken = players.broken(story, chosen(every, share(4, len(every))))

    assert every
    assert not broken, told(broken)
