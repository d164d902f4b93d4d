"""Plays a story with faults at chosen calls, and says which calls there are to choose from."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing import get_context

from contact_desk.contacts import REPORT_FORM
from tests.simulation.desk_on_moto import Desk, desk_on_moto
from tests.simulation.faults import CallPoint, FaultKind
from tests.simulation.operator_at_work import OperatorAtWork
from tests.simulation.promises import broken_promises
from tests.simulation.story import REPLY, WHOLE, Story

Plan = tuple[tuple[int, FaultKind], ...]
"""Calls by their number in the run, each with what goes wrong at it, first to last."""

NOTHING_GOES_WRONG: Plan = ()
FOR_AS_LONG_AS_THE_PROCESS = ExitStack()


@dataclass(frozen=True, slots=True)
class Run:
    """One playing of a story: what went wrong, every call that was made, and the promises that broke."""

    story: Story
    plan: Plan
    struck: tuple[str, ...]
    calls: tuple[CallPoint, ...]
    broken: tuple[str, ...]

    @property
    def kept(self) -> bool:
        """Whether every promise was kept although every planned fault struck."""
        return not self.broken and len(self.struck) == len(self.plan)

    def __str__(self) -> str:
        went_wrong = [f"    {what}" for what in self.struck]
        return "\n".join(
            [f"{self.story}, {self.plan}", *went_wrong, *(f"  ! {what}" for what in self.broken)]
        )


def play(desk: Desk, story: Story, plan: Plan = NOTHING_GOES_WRONG) -> Run:
    """Tell the story to an empty desk, let it come to rest, and see what it kept of its promises."""
    desk.reset(dict(plan))
    desk.sweeps_fail, desk.echoing = story.sweeps_fail, story.echoes
    try:
        _tell(desk, story)
        broken = []
    except AssertionError as error:
        broken = [str(error)]
    struck, calls = tuple(desk.injector.struck), tuple(desk.injector.calls)
    return Run(story, plan, struck, calls, tuple(broken or broken_promises(desk, story)))


def _tell(desk: Desk, story: Story) -> None:
    for said in story.deliveries:
        send = desk.report if said.channel == REPORT_FORM else desk.deliver
        send(said.body)
    desk.rest()
    for said in story.answered:
        OperatorAtWork(desk).reply(said, REPLY)
        desk.rest()


def singles(clean: Run) -> list[Plan]:
    """Every fault at every call of the run in which nothing goes wrong."""
    return [((point.number, kind),) for point in clean.calls for kind in point.faults()]


def refusals(clean: Run) -> list[Plan]:
    """A refusal of every call: no crash, so what a function does about it is its own decision."""
    return [((point.number, FaultKind.REFUSED),) for point in clean.calls]


def overtakings(clean: Run) -> list[Plan]:
    """A second worker with the same event, before every call of a function that a queue feeds."""
    return [((point.number, FaultKind.OVERTAKEN),) for point in clean.calls if point.shared]


def pairs(first: Run) -> list[Plan]:
    """After the one fault of this run, every fault at every call that it makes from there on, repairs included."""
    ((struck_at, _),) = first.plan
    later = first.calls[struck_at + 1 :]
    return [(*first.plan, (point.number, kind)) for point in later for kind in point.faults()]


def told(broken: Sequence[Run], most: int = 10) -> str:
    """Runs that broke a promise as a person reads them: what went wrong where, and what broke."""
    rest = [f"... and {len(broken) - most} more"] if len(broken) > most else []
    return "\n".join([f"{len(broken)} runs broke a promise", *map(str, broken[:most]), *rest])


class Crew:
    """Plays runs, by one desk or by one in each of several processes; the run without a fault is played once."""

    def __init__(self, play_each: Callable[[Story, Iterable[Plan]], Iterator[Run]]) -> None:
        self.play = play_each
        self._clean: dict[Story, Run] = {}

    def broken(self, story: Story, plans: Iterable[Plan]) -> list[Run]:
        """Those of the plans' runs that did not keep every promise."""
        return [run for run in self.play(story, plans) if not run.kept]

    def clean(self, story: Story) -> Run:
        """The run in which nothing goes wrong."""
        if story not in self._clean:
            self._clean[story] = next(self.play(story, [NOTHING_GOES_WRONG]))
        return self._clean[story]


@contextmanager
def crew(*, of_every_core: bool) -> Iterator[Crew]:
    """A crew for as long as the block lasts; processes of their own pay where thousands of runs are played."""
    if of_every_core:
        with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as executor:
            yield Crew(lambda story, plans: executor.map(partial(_play_alone, story), plans, chunksize=4))
    else:
        with _warm_desk() as desk:
            yield Crew(lambda story, plans: (play(desk, story, plan) for plan in plans))


def _play_alone(story: Story, plan: Plan) -> Run:
    return play(_desk_of_this_process(), story, plan)


@cache
def _desk_of_this_process() -> Desk:
    return FOR_AS_LONG_AS_THE_PROCESS.enter_context(_warm_desk())


@contextmanager
def _warm_desk() -> Iterator[Desk]:
    with desk_on_moto() as desk:
        play(desk, WHOLE)
        gc.freeze()  # what one run leaves behind is what all of them use: the collector need not look at it again
        yield desk
