"""Platforms' requests for deletion: in memory, on moto, on the emulator."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contact_desk.data_deletions import DeletionRequest
from contact_desk.ports import DeletionRequests
from contact_desk.stores.deletion_requests import DynamoDeletionRequests
from local.twins.held_still import NOON
from local.twins.in_memory_deletions import InMemoryDeletionRequests
from tests.contract.conftest import Backend

DAY = timedelta(days=1)
ASKED = DeletionRequest(
    "a" * 26, "meta", NOON, matched=True, person="24601", names=("name-1", "name-2"), look_at=NOON
)


@pytest.fixture
def requests(backend: Backend) -> DeletionRequests:
    return (
        InMemoryDeletionRequests(backend.records)
        if backend.records
        else DynamoDeletionRequests(backend.table)
    )


def test_a_request_is_kept_once_looked_at_in_its_time_and_forgets_who_once_settled(
    requests: DeletionRequests,
) -> None:
    requests.take(ASKED)
    requests.take(DeletionRequest(ASKED.code, "meta", NOON + DAY, matched=False))
    later = DeletionRequest("b" * 26, "meta", NOON + DAY, matched=False, look_at=NOON + DAY)
    requests.take(later)

    assert requests.get(ASKED.code) == ASKED
    assert list(requests.due(NOON)) == []
    assert list(requests.due(NOON + DAY)) == [ASKED]
    assert requests.waiting() == [ASKED, later]

    requests.look_again(ASKED.code, NOON + 2 * DAY)
    assert [one.code for one in requests.due(NOON + 3 * DAY)] == [later.code, ASKED.code]
    requests.look_again(later.code, None)
    assert [one.code for one in requests.due(NOON + 3 * DAY)] == [ASKED.code]
    assert requests.match(later.code, ["name-3"], NOON)
    found = requests.get(later.code)
    assert found
    assert (found.matched, found.names, found.look_at) == (True, ("name-3",), NOON)

    requests.settle(ASKED.code, NOON + DAY)
    settled = requests.get(ASKED.code)
    assert settled
    assert (settled.settled_at, settled.person, settled.names) == (NOON + DAY, None, ())
    assert [one.code for one in requests.waiting()] == [later.code]
    assert [one.code for one in requests.due(NOON + 9 * DAY)] == [later.code]
    requests.look_again(ASKED.code, NOON)
    assert not requests.match(ASKED.code, ["name-4"], NOON)
    assert requests.get(ASKED.code) == settled
    assert requests.get("c" * 26) is None
