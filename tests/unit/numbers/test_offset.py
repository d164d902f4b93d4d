"""The arithmetic of the 101 offset."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_desk.numbers.offset import FEWEST_ANSWERS, offset, wilson
from contact_desk.numbers.surveys import SurveyAnswer

ANSWERS = {
    SurveyAnswer.RANG_101: 244,
    SurveyAnswer.NO_CONTACT: 108,
    SurveyAnswer.RANG_999: 12,
    SurveyAnswer.UNKNOWN: 36,
}


def test_the_published_first_year_is_reproduced_with_its_interval() -> None:
    """17,000 reports, 61 per cent would have rung, 27 per cent would not have made contact; a survey of 400."""
    year = offset(17_000, ANSWERS)
    assert year is not None
    assert (year.answers, year.off_101.share, year.new_demand.share) == (400, 0.61, 0.27)
    assert (year.off_101.number, year.off_101.lowest, year.off_101.highest) == (10_370, 9_543, 11_161)
    assert (year.new_demand.number, year.new_demand.lowest, year.new_demand.highest) == (4_590, 3_890, 5_364)


def test_wilsons_interval_is_that_of_the_textbook() -> None:
    """Newcombe, 1998, Two-sided confidence intervals for the single proportion: method 3, 81 of 263 and 0 of 20."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_nobody_who_answered_is_no_number_and_few_are_told_as_none() -> None:
    assert offset(17_000, {}) is None
    few = offset(17_000, {SurveyAnswer.RANG_101: FEWEST_ANSWERS - 1})
    assert few is not None
    assert not few.told


@given(said=st.integers(0, 5_000), more=st.integers(0, 5_000), contacts=st.integers(0, 10**6))
def test_the_interval_holds_the_share_and_never_leaves_the_contacts(
    said: int, more: int, contacts: int
) -> None:
    found = offset(contacts, {SurveyAnswer.RANG_101: said, SurveyAnswer.UNKNOWN: more})
    if found is None:
        assert said + more == 0
    else:
        one = found.off_101
        assert 0 <= one.lowest <= one.number <= one.highest <= contacts
