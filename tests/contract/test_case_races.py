"""Operators, and people who write, all at the same moment."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from contact_desk.case_desk import Operator
from contact_desk.cases import Case, CaseState, Disposition
from contact_desk.clock import RandomIds, SystemClock
from contact_desk.contacts import Person
from contact_desk.intake import Admitted
from contact_desk.timeline import EntryKind
from functions.operate.acts import Close
from functions.operate.broadcasting import Broadcasting
from functions.operate.calls import Call
from functions.operate.claims import ClaimCase
from functions.operate.desk import Desk
from functions.operate.refusals import CaseHeldError, NewContactError
from local.twins.desk_records import DeskRecords
from local.twins.in_memory_archive import InMemoryArchive
from local.twins.in_memory_audit import InMemoryAuditTrail
from local.twins.in_memory_broadcasts import InMemoryBroadcasts, InMemorySwitch
from local.twins.in_memory_hour_totals import InMemoryHourTotals
from tests.broadcast_staging import LIVE_URL
from tests.builders import contact, force
from tests.contract.conftest import Backend
from tests.contract.desk_stage import ALEX, Stage, case_id, on
from tests.desk_staging import admit
from tests.proving import Share


def served(stage: Stage) -> Desk:
    class NoNudges:
        def send(self, nudges: object) -> None:
            """Nobody waits."""

    clock, ids = SystemClock(), RandomIds()
    return Desk(
        cases=stage.desk,
        alerts=stage.alerts,
        outbox=stage.outbox,
        nudges=NoNudges(),
        broadcasting=Broadcasting(
            broadcasts=InMemoryBroadcasts(DeskRecords()),
            switch=InMemorySwitch(DeskRecords()),
            requests=stage.desk,
            alerts=stage.alerts,
            nudges=NoNudges(),
            force=force(),
            live_url=LIVE_URL,
            clock=clock,
            ids=ids,
        ),
        audit=InMemoryAuditTrail(DeskRecords()),
        totals=InMemoryHourTotals(DeskRecords()),
        files=InMemoryArchive(clock),
        force=force(),
        clock=clock,
        ids=ids,
    )


def call_of(operator: Operator, key: str) -> Call:
    return Call(operator, f"request-{operator.subject}-{key}", key, "asked")


@pytest.mark.timeout(600)
def test_of_sixteen_operators_who_claim_at_once_one_has_it_and_fifteen_learn_who(
    racing_backend: Backend, share: Share
) -> None:
    stage = on(racing_backend)
    desk = served(stage)
    operators = [Operator(f"sub-{number}", f"Operator {number}") for number in range(16)]
    start = threading.Barrier(16)

    def claim(operator: Operator, name: str) -> str | None:
        start.wait()
        try:
            desk.act(name, ClaimCase(), call_of(operator, name))
        except CaseHeldError as held:
            return str(held.members["holder"])
        return None

    with ThreadPoolExecutor(16) as pool:
        for number in range(1, share(5, 100) + 1):
            case = stage.case(number)
            told = list(pool.map(claim, operators, [case.case_id] * 16))
            winner = operators[told.index(None)]
            assert told.count(None) == 1
            assert told.count(winner.name) == 15
            claimed = stage.stored(case.case_id).claim
            assert claimed is not None
            assert claimed.holder == winner.subject


@pytest.mark.timeout(1800)
def test_a_contact_that_races_a_close_ends_on_an_open_case(racing_backend: Backend, share: Share) -> None:
    stage = on(racing_backend)
    desk = served(stage)
    start = threading.Barrier(2)
    rounds, closed, head_start = share(25, 1000), 0, 0.004

    def close(case: Case) -> bool:
        act = Close(Disposition.ADVICE_GIVEN, case.last_contact_at)
        start.wait()
        try:
            desk.act(case.case_id, act, call_of(ALEX, f"close-{case.case_id}"), version=1)
        except NewContactError:
            return False
        return True

    def write(number: int) -> str:
        later = contact("and another thing", native_id=f"n_{number}", person=Person(f"70{number}"))
        start.wait()
        time.sleep(head_start)
        while True:
            staged = admit(stage.intake, later, case_id=case_id(100_000 + number), now=SystemClock().now())
            if staged.outcome == Admitted():
                return staged.case_id

    with ThreadPoolExecutor(2) as pool:
        for number in range(1, rounds + 1):
            case = stage.case(number)
            desk.act(case.case_id, ClaimCase(), call_of(ALEX, f"claim-{case.case_id}"))
            closing, writing = pool.submit(close, case), pool.submit(write, number)
            ended_on = stage.stored(writing.result())
            assert ended_on.state is CaseState.OPEN
            assert ended_on.last_contact == f"messenger#n_{number}"
            # A close reads more before it writes. The head start it is given keeps near what it needs on this machine,
            # so that the two meet closely, whoever wins.
            head_start *= 0.7 if closing.result() else 1.5
            closed += closing.result()
    assert 0 < closed < rounds


@pytest.mark.timeout(600)
def test_the_same_call_sent_sixteen_times_at_once_is_done_once_and_answered_alike(
    racing_backend: Backend, share: Share
) -> None:
    stage = on(racing_backend)
    desk = served(stage)
    start = threading.Barrier(16)

    def claim(name: str) -> str:
        start.wait()
        return desk.act(name, ClaimCase(), call_of(ALEX, f"claim-{name}")).as_text()

    with ThreadPoolExecutor(16) as pool:
        for number in range(1, share(3, 50) + 1):
            case = stage.case(number)
            answers = set(pool.map(claim, [case.case_id] * 16))
            assert len(answers) == 1
            found = stage.desk.case_file(case.case_id)
            assert found is not None
            assert [one.entry.kind for one in found.timeline].count(EntryKind.CLAIM) == 1
