"""A slip of one letter hides no word of danger; words that are words stay as they are."""

from __future__ import annotations

import pytest

from contact_desk.grades import Band
from tests.unit.triage.readings import read, rules


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("i want to ned my life tonihgt", "i want to ned my life tonight"),
        ("hes unconscous", "hes unconscious"),
        ("not breahting", "not breathing"),
        ("swallowd all the tabelts", "swallowd all the tablets"),
        ("someone nicked the carers bike", "someone nicked the carers bike"),
        ("telly and chips in the lodge", "telly and chips in the lodge"),
    ],
)
def test_a_slip_is_made_good(typed: str, meant: str) -> None:
    corrected = rules().spelling.corrected(typed)

    assert corrected == meant or corrected == meant.replace("swallowd", "swallowed")


@pytest.mark.parametrize("text", ["shes unconscuous", "hes been stabebd", "i have taken an ovredose"])
def test_a_mistyped_danger_is_red(text: str) -> None:
    assert read(text).band is Band.RED
