"""One desk for each module of this tier; every run begins with a new, empty one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.simulation.desk_on_moto import Desk, desk_on_moto


@pytest.fixture(scope="module")
def standing_desk() -> Iterator[Desk]:
    """The desk with its clients and sandboxes, which are slow to make."""
    with desk_on_moto() as desk:
        yield desk


@pytest.fixture
def desk(standing_desk: Desk) -> Desk:
    """The same desk, empty, in which nothing goes wrong."""
    standing_desk.reset()
    return standing_desk
