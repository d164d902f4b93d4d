"""The checks of this tier can fail: each of six planted faults is found by them.

That the same runs of the real thing keep every promise is shown beside the crash points.
"""

from __future__ import annotations

import pytest

from tests.simulation.desk_on_moto import Desk
from tests.simulation.exploration import overtakings, play, singles
from tests.simulation.planted_faults import PLANTED
from tests.simulation.story import QUESTION_ALONE

# Where the fault sits, or, for the sweeper, where a crash leaves work for it: these calls are enough to show it.
SHOWS_AT = {
    "ack before queue": "Webhooks",
    "check then put": "Triage",
    "two writes for one transaction": "Triage",
    "no sweeper": "Notify",
    "no claim": "Notify",
    "retry after timeout": "Notify",
}


@pytest.mark.parametrize(("name", "function"), SHOWS_AT.items())
def test_a_planted_fault_is_found(standing_desk: Desk, name: str, function: str) -> None:
    with PLANTED[name](standing_desk):
        clean = play(standing_desk, QUESTION_ALONE)
        struck = {point.number for point in clean.calls if point.function == function}
        plans = [plan for plan in (*singles(clean), *overtakings(clean)) if plan[0][0] in struck]
        runs = (play(standing_desk, QUESTION_ALONE, plan) for plan in plans)
        found = next((run for run in runs if run.broken), None)

    assert clean.kept, "it shows without anything going wrong, so it proves little"
    assert found is not None, "no single fault showed it"


def test_no_planted_fault_goes_without_its_proof() -> None:
    assert SHOWS_AT.keys() == PLANTED.keys()
