"""The first rule set on the development messages (tests/triage/triage_dev.jsonl), measured and held to a floor.

Whoever wrote the rules had read these messages, so these figures flatter: on messages by other hands rules alone find
far fewer emergencies. The floors only keep a change to the rules from losing what they have.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from contact_desk.contacts import Surface
from contact_desk.decisions import TriageDecision
from contact_desk.grades import Band, Grade
from local.addresses import REPOSITORY
from tests.unit.triage.readings import read

Row = dict[str, Any]
MESSAGES = REPOSITORY / "tests" / "triage" / "triage_dev.jsonl"


@pytest.fixture(scope="module")
def decided() -> list[tuple[Row, TriageDecision]]:
    rows = [json.loads(line) for line in MESSAGES.read_text(encoding="utf-8").splitlines()]
    return [(row, read(row["text"], Surface(row["surface"]))) for row in rows]


def share(counted: Iterator[bool]) -> float:
    answers = list(counted)
    return sum(answers) / len(answers)


def test_emergencies_found_and_false_alarms(
    decided: list[tuple[Row, TriageDecision]], record_property: Any
) -> None:
    emergencies = [decision for row, decision in decided if row["emergency"]]
    others = [decision for row, decision in decided if not row["emergency"]]
    measured = {
        "recall": share(decision.band is not Band.GREEN for decision in emergencies),
        "red recall": share(decision.band is Band.RED for decision in emergencies),
        "false alarms": share(decision.band is not Band.GREEN for decision in others),
        "red false alarms": share(decision.band is Band.RED for decision in others),
    }
    sys.stdout.write(", ".join(f"{name} {figure:.3f}" for name, figure in measured.items()) + "\n")
    for name, figure in measured.items():
        record_property(name, round(figure, 3))

    assert measured["recall"] >= 0.9
    assert measured["red recall"] >= 0.85
    assert measured["false alarms"] <= 0.12
    assert measured["red false alarms"] <= 0.04


def test_nothing_that_a_person_should_read_is_put_aside(decided: list[tuple[Row, TriageDecision]]) -> None:
    significant = [decision for row, decision in decided if row["significant"]]

    assert share(decision.significant for decision in significant) >= 0.99


def test_nothing_urgent_is_signposted_away(decided: list[tuple[Row, TriageDecision]]) -> None:
    urgent = [decision for row, decision in decided if row["grade"] in {Grade.EMERGENCY, Grade.PRIORITY}]

    assert share(decision.signpost is None for decision in urgent) >= 0.98
