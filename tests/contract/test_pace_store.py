"""What notify needs of the paces that are kept: each comes back as it was, and one writer of two wins."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contact_desk.send_failures import SendFailure
from functions.notify.pace_store import DynamoPaces
from functions.notify.paces import Pace, PaceStore
from local.twins.held_still import NOON
from local.twins.in_memory_paces import InMemoryPaces
from tests.contract.conftest import Backend

LANE = "x#1000000001#message"
CLOSED = Pace(
    LANE,
    revision=1,
    spent=3.25,
    counted_at=NOON,
    failures=6,
    closed_until=NOON + timedelta(minutes=1),
    failure=SendFailure.ACCOUNT_RESTING,
    emergency_from=NOON + timedelta(seconds=10),
)


@pytest.fixture
def paces(backend: Backend) -> PaceStore:
    return InMemoryPaces(backend.records) if backend.records else DynamoPaces(backend.table)


def test_a_lane_that_nobody_used_is_untouched(paces: PaceStore) -> None:
    assert paces.get(LANE) == Pace(LANE)


def test_a_pace_comes_back_as_it_was_kept(paces: PaceStore) -> None:
    assert paces.put(CLOSED, was=0)
    assert paces.get(LANE) == CLOSED

    assert paces.put(Pace(LANE, revision=2), was=1)
    assert paces.get(LANE) == Pace(LANE, revision=2)


def test_of_two_that_read_the_same_one_comes_too_late(paces: PaceStore) -> None:
    assert paces.put(CLOSED, was=0)

    assert not paces.put(Pace(LANE, revision=1), was=0)
    assert not paces.put(Pace(LANE, revision=8), was=7)
    assert paces.get(LANE) == CLOSED
