"""`desk evaluate` and `desk explain`: figures in the promised shape, and reasons that a person can read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.evaluation import Judged, told
from cli.main import app
from contact_desk.grades import Band, Grade
from tests.unit.triage.readings import decision, red
from training.bank import BankError, Labelled, labelled, load_bank
from training.figures import folded_at, interval, macro_f1, recall_at

LINE = {
    "id": "one",
    "channel": "messenger",
    "surface": "private",
    "text": "there is a man with a knife outside my house",
    "lang": "en",
    "category": "crime_violence",
    "grade": "emergency",
    "emergency": True,
    "significant": True,
    "signpost": "999",
}
CALM = {
    **LINE,
    "id": "two",
    "text": "when is the front desk open",
    "category": "advice",
    "grade": "resolve",
    "emergency": False,
    "signpost": "force_website",
}


def line(**changed: object) -> Labelled:
    return labelled({**LINE, **changed})


def test_figures_come_in_the_promised_shape(tmp_path: Path) -> None:
    file = tmp_path / "labelled.jsonl"
    file.write_text(json.dumps(LINE) + "\n" + json.dumps(CALM) + "\n")

    answer = json.loads(CliRunner().invoke(app, ["evaluate", str(file), "--json", "--misses"]).stdout)

    assert answer["rows"] == 2
    assert answer["emergency"].keys() >= {
        "recall", "false_alarm_rate", "red_recall", "red_false_alarm_rate", "interval",
    }  # fmt: skip
    assert answer["emergency"]["recall"] == 1
    assert answer["category"].keys() == {"macro_f1", "top3", "per_category", "shown", "shown_right"}
    assert answer["grade"].keys() == {"accuracy", "under", "under_by_two"}
    assert answer["significant"].keys() == {"kept", "removed"}
    assert answer.keys() >= {"language", "slices", "milliseconds", "misses"}
    assert answer["misses"] == []
    assert str(LINE["text"]) not in json.dumps(answer)


def test_a_line_that_contradicts_itself_stops_the_evaluation(tmp_path: Path) -> None:
    file = tmp_path / "labelled.jsonl"
    file.write_text(json.dumps({**LINE, "grade": "resolve"}) + "\n")

    answer = CliRunner().invoke(app, ["evaluate", str(file)])

    assert isinstance(answer.exception, BankError)
    assert str(answer.exception) == "labelled.jsonl:1: one: emergency and grade"


def test_red_and_amber_count_as_raised() -> None:
    judged = [
        Judged(line(), red(), ("crime_violence",), 1.0),
        Judged(line(), decision(band=Band.AMBER, grade=Grade.PRIORITY), (), 1.0),
        Judged(line(), decision(), (), 1.0),
        Judged(labelled(CALM), decision(band=Band.AMBER), (), 1.0),
        Judged(labelled(CALM), decision(significant=False), ("advice",), 1.0),
    ]
    figures = told(judged)

    assert figures["emergency"]["recall"] == pytest.approx(2 / 3, abs=1e-4)
    assert figures["emergency"]["red_recall"] == pytest.approx(1 / 3, abs=1e-4)
    assert figures["emergency"]["false_alarm_rate"] == 0.5
    assert figures["grade"] == {"accuracy": 0.2, "under": 0.4, "under_by_two": 0.2}
    assert figures["significant"]["kept"] == 0.8
    assert figures["slices"]["lang"]["en"]["rows"] == 5


def test_the_arithmetic_of_the_figures() -> None:
    assert interval(108, 108)[0] == pytest.approx(0.9657, abs=1e-3)
    assert recall_at([0.9, 0.8, 0.2, 0.7, 0.1], [True, True, True, False, False], 0.5) == 1.0
    assert recall_at([0.9, 0.8, 0.2, 0.7, 0.1], [True, True, True, False, False], 0.0) == pytest.approx(2 / 3)
    assert macro_f1(["a", "b", "b"], ["a", "b", "a"])[0] == pytest.approx(2 / 3)
    assert folded_at([0.9, 0.8, 0.1], [True, True, False], 0.0) == 1.0


def test_an_explanation_names_the_rule_the_words_and_where_they_stand() -> None:
    answer = CliRunner().invoke(app, ["explain", str(LINE["text"])])

    assert answer.exit_code == 0, answer.output
    assert answer.stdout.startswith("RED\n")
    assert "An emergency: the 999 text goes out at once" in answer.stdout
    assert 'Somebody has a weapon, from "man with a knife" (letter 12)' in answer.stdout
    assert "Decided by: rules-" in answer.stdout


def test_the_bank_is_of_its_shape_and_by_many_hands() -> None:
    bank = load_bank()

    assert len(bank) >= 6000
    assert len({one.hand for one in bank}) >= 24
    assert len({one.id for one in bank}) == len(bank)
    assert {one.category for one in bank} >= {"chatter", "welfare", "missing", "road"}
    assert 0.25 < sum(one.emergency for one in bank) / len(bank) < 0.45
