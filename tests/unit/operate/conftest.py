"""A desk in memory with one case on it."""

from __future__ import annotations

import pytest

from contact_desk.contacts import Person
from tests.builders import PERSON, contact
from tests.desk_staging import admit
from tests.unit.operate.at_the_desk import AtTheDesk


@pytest.fixture
def at_the_desk() -> AtTheDesk:
    return AtTheDesk()


@pytest.fixture
def case(at_the_desk: AtTheDesk) -> str:
    """The path of a case with one message."""
    message = contact("There are lads on bikes in our entry.", person=Person(PERSON, "Ceri Pritchard"))
    return f"/desk/cases/{admit(at_the_desk.intake, message).case_id}"
