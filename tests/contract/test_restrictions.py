"""Who may see what a restricted person writes anew: in memory, on moto, on the emulator."""

from __future__ import annotations

import pytest

from contact_desk.subjects import address_name, seen_by_all
from tests.contract.conftest import Backend
from tests.contract.desk_stage import case_id
from tests.contract.record_stage import ADDRESS, Keeping, keeping_on, noted
from tests.desk_staging import admit


@pytest.fixture
def keeping(backend: Backend) -> Keeping:
    return keeping_on(backend)


def test_a_new_case_of_a_person_under_restriction_is_restricted_alike(keeping: Keeping) -> None:
    first = keeping.closed(1)
    keeping.case(2)

    def writes_anew(number: int, channel: str = "messenger") -> tuple[str, ...] | None:
        anew = keeping.message(1, native_id=f"m_new_{number}", account=f"page-{number}", channel=channel)
        admit(keeping.stage.intake, anew, case_id=case_id(number))
        return keeping.stage.stored(case_id(number)).restricted_to

    def restricts(number: int, to: list[str] | None) -> None:
        assert keeping.records.restrict(case_id(number), to, noted(f"restrict {number} {to}"))

    restricts(1, ["sub-alex", "sub-sian"])
    assert writes_anew(21) == ("sub-alex", "sub-sian")
    assert writes_anew(22, channel="instagram") is None  # the desk joins nobody's channels by itself
    admit(keeping.stage.intake, keeping.message(9), case_id=case_id(9))
    assert keeping.stage.stored(case_id(9)).restricted_to is None

    # For nobody: a record that is kept though its person asked. Whoever writes anew must be seen by somebody.
    restricts(1, [])
    assert writes_anew(23) == ("sub-alex", "sub-sian"), "the case of before still is"
    restricts(21, None)
    assert writes_anew(24) == ("sub-alex", "sub-sian")
    restricts(23, None)
    restricts(24, None)
    assert writes_anew(25) is None

    restricts(1, ["sub-alex"])
    assert keeping.records.cases_of(address_name("messenger", f"{ADDRESS}1"))[0] == first.case_id
    assert keeping.dispose()
    assert writes_anew(26) is None


def test_of_two_restrictions_those_see_a_new_case_whom_both_name_or_else_either() -> None:
    assert seen_by_all([["a", "b"], ["b", "c"]]) == ("b",)
    assert seen_by_all([["a"], ["c"]]) == ("a", "c")
    assert seen_by_all([]) == ()
