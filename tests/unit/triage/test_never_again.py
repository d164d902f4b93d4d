"""The misses that must never come back: each emergency among them is at least amber, whatever else changes."""

from __future__ import annotations

import pytest

from cli.candidates import by, shipped_reader
from cli.labelled import LabelledLine, read_labelled, score
from cli.triage import NEVER_AGAIN

LINES = read_labelled(NEVER_AGAIN)


def test_each_line_has_a_name_of_its_own() -> None:
    assert len({line.id for line in LINES}) == len(LINES) > 0


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.id)
def test_it_is_not_missed_again(line: LabelledLine) -> None:
    (read,) = score([line], by(shipped_reader("merseyside")))

    assert read.raised
