"""An operator's word against the machine's is kept as an event: what, by whom, why, against which versions."""

from __future__ import annotations

import pytest

from contact_desk.grades import Band
from contact_desk.overrides import OverriddenField, Override
from local.twins.held_still import NOON
from tests.builders import CASE_ID
from tests.unit.operate.at_the_desk import AtTheDesk
from tests.unit.operate.test_acts import ACTS

CANARY_REASON = "they told a colleague more"


@pytest.fixture
def mine(at_the_desk: AtTheDesk, case: str) -> str:
    """A case that Alex holds."""
    at_the_desk.post(f"{case}/claim")
    return case


def kept(at_the_desk: AtTheDesk) -> list[Override]:
    return list(at_the_desk.records.overrides.values())


def test_another_grade_is_an_override_with_its_reason_and_versions(at_the_desk: AtTheDesk, mine: str) -> None:
    at_the_desk.post(f"{mine}/grade", {"grade": "emergency", "reason": CANARY_REASON}, version=1)
    (one,) = kept(at_the_desk)

    assert (one.case_id, one.by, one.field, one.at) == (CASE_ID, "sub-Alex", OverriddenField.GRADE, NOON)
    assert (one.before, one.after, one.band) == ("scheduled", "emergency", Band.GREEN)
    assert (one.why, one.versions) == (CANARY_REASON, ("1",))


def test_the_same_grade_again_overrides_nothing(at_the_desk: AtTheDesk, mine: str) -> None:
    at_the_desk.post(f"{mine}/grade", {"grade": "scheduled", "reason": "as it is"}, version=1)

    assert kept(at_the_desk) == []


def test_how_a_case_ended_is_kept_beside_its_grade(at_the_desk: AtTheDesk, mine: str) -> None:
    at_the_desk.post(f"{mine}/close", ACTS["close"], version=1)
    (one,) = kept(at_the_desk)

    assert (one.field, one.before, one.after, one.why) == (
        OverriddenField.DISPOSITION,
        "scheduled",
        "advice_given",
        "",
    )


def test_an_override_holds_no_contacts_words(at_the_desk: AtTheDesk, mine: str) -> None:
    at_the_desk.post(f"{mine}/close", ACTS["close"], version=1)
    (stored,) = at_the_desk.records.contacts.values()

    assert stored.contact.text
    assert stored.contact.text not in repr(kept(at_the_desk))


def test_an_act_that_was_refused_leaves_no_override(at_the_desk: AtTheDesk, mine: str) -> None:
    at_the_desk.post(f"{mine}/grade", {"grade": "emergency", "reason": "x"}, version=7)

    assert kept(at_the_desk) == []
