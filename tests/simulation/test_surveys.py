"""The question after a case, and the count of it all: whatever call goes wrong, asked once and counted right.

The crash points of the two jobs that count and ask, and of the page that takes the answer, have a story of their own:
as sweeps of every minute of every other story they would cost each of those as much again.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from datetime import timedelta

from cli.recounting import recount_cases
from contact_desk.numbers.counting import added
from contact_desk.numbers.definitions import Measure
from contact_desk.stores.dynamo import Table
from contact_desk.stores.hour_totals import DynamoHourTotals
from tests.builders import http_event
from tests.proving import Share
from tests.simulation.aws_in_process import TABLE
from tests.simulation.desk_on_moto import BEGINS, Desk
from tests.simulation.faults import CallPoint, FaultKind
from tests.simulation.operator_at_work import OperatorAtWork
from tests.simulation.story import ORDINARY

STRUCK = ("SweepSurveys", "SweepHourTotals", "Survey")
ASKED_AFTER = 31
PRESSES = 3
SEED = 7


def test_whoever_is_asked_is_asked_once_and_counted_right_whatever_goes_wrong(
    desk: Desk, share: Share
) -> None:
    calls = play(desk, {})
    assert {point.function for point in calls} == set(STRUCK)
    writes = [point for point in calls if not point.reads]
    reads = [point for point in calls if point.reads]
    kinds = (FaultKind.CRASH_BEFORE, FaultKind.CRASH_AFTER, FaultKind.REPLY_LOST, FaultKind.REFUSED)
    chance = random.Random(SEED)
    # Of the looks at one minute after another, which are all alike, as many as there are writes.
    plans = [{point.number: kind} for point in writes for kind in kinds]
    plans += [{point.number: kinds[0]} for point in chance.sample(reads, min(len(reads), len(writes)))]
    for plan in chance.sample(plans, share(3, len(plans))):
        play(desk, plan)


def play(desk: Desk, plan: Mapping[int, FaultKind]) -> list[CallPoint]:
    """A question, its close, the survey, its answer; the calls that there were to strike."""
    desk.reset()
    desk.deliver(ORDINARY.body)
    desk.rest()
    operator = OperatorAtWork(desk)
    seen = operator.claim(operator.case_of(ORDINARY)["case_id"])
    operator.close(seen)
    desk.rest()
    desk.sweeps_fail = True
    desk.injector.begin(plan)
    desk.clock.advance(minutes=ASKED_AFTER)
    count_and_ask(desk)
    [link] = asked(desk)
    answer(desk, link)
    count_and_ask(desk)
    struck, calls = len(desk.injector.struck), list(desk.injector.calls)
    assert struck == len(plan), plan

    assert asked(desk) == [link], plan
    table, last = Table(desk.aws.client("dynamodb"), TABLE), desk.clock.now() + timedelta(hours=1)
    first = BEGINS.replace(minute=0, second=0)
    counted = added(DynamoHourTotals(table).totals(first, last))
    assert (counted[Measure.SURVEYS_ASKED,], counted[Measure.SURVEYS, "101"]) == (1, 1), plan
    recounted = recount_cases(table, first, last)
    assert {name: counted[name] for name in recounted} == recounted, plan
    return [point for point in calls if point.function in STRUCK]


def count_and_ask(desk: Desk) -> None:
    """Two minutes of the two jobs, as the schedules run them; what is asked is sent."""
    for _ in range(2):
        desk.clock.advance(minutes=1)
        for job in ("SweepSurveys", "SweepHourTotals"):
            desk.sweep(job)
    desk.rest()


def asked(desk: Desk) -> list[str]:
    """The links in what the person was sent."""
    told = " ".join(entry["text"] or "" for entry in desk.graph.seen_by_public())
    return re.findall(r"/survey/[0-9a-z]+", told)


def answer(desk: Desk, link: str) -> None:
    """The person presses until the page thanks them."""
    for _ in range(PRESSES):
        given = desk.call("Survey", http_event("POST", link, body=b"answer=101"))
        if given and "Thank you" in given["body"]:
            return
    raise AssertionError("the page never took the answer")
