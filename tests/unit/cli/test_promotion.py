"""The rules of promotion: a candidate passes or is refused, each rule for itself."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.labelled import LabelledFileError, LabelledLine, Scored, read_labelled
from cli.main import app
from cli.promotion import calibration_error, refusals
from cli.second_reader_scores import read_twice, reading_twice, told
from contact_desk.contacts import Surface
from contact_desk.grades import Band, Grade
from contact_desk.second_reads import ReadOutcome
from functions.triage.first_reader import Reading, Utterance
from functions.triage.rule_set import FOLDER
from functions.triage.second_reads.answers import NotUsable, found_in
from functions.triage.second_reads.bedrock import SecondReaderError
from functions.triage.second_reads.prompt import Words
from tests.unit.triage.readings import amber, decision, model, red
from tests.unit.triage.second_reading import RED


def line(number: int, grade: Grade, lang: str = "en") -> LabelledLine:
    return LabelledLine(f"L{number}", "words", "messenger", Surface.PRIVATE, lang, "welfare", grade)


def scored(number: int, grade: Grade, band: Band, chance: float | None = None, lang: str = "en") -> Scored:
    made = {Band.RED: red, Band.AMBER: amber, Band.GREEN: decision}[band]()
    likely = {Band.RED: 0.97, Band.AMBER: 0.5, Band.GREEN: 0.03}[band] if chance is None else chance
    return Scored(line(number, grade, lang), made, likely)


EMERGENCIES = [scored(n, Grade.EMERGENCY, Band.RED) for n in range(20)]
CALM = [scored(n, Grade.SCHEDULED, Band.GREEN) for n in range(100, 200)]
SHIPPED = [*EMERGENCIES, *CALM]
AGAIN = [scored(900, Grade.EMERGENCY, Band.AMBER)]


def changed(place: int, other: Scored) -> list[Scored]:
    return [*SHIPPED[:place], other, *SHIPPED[place + 1 :]]


def told_of(candidate: list[Scored], shipped: list[Scored] = SHIPPED, **more: Any) -> list[str]:
    return refusals(shipped, candidate, **{"never_again": AGAIN, **more})


def test_a_candidate_that_is_as_good_passes() -> None:
    assert told_of(SHIPPED) == []


def test_one_emergency_lost_is_too_many() -> None:
    first, *_ = told_of(changed(3, scored(3, Grade.EMERGENCY, Band.GREEN)))

    assert first == "emergencies that are caught today are lost: L3"


def test_one_lost_for_two_found_is_lost_all_the_same() -> None:
    shipped = [scored(50, Grade.EMERGENCY, Band.GREEN), scored(51, Grade.EMERGENCY, Band.GREEN), *SHIPPED]
    candidate = [scored(50, Grade.EMERGENCY, Band.RED), scored(51, Grade.EMERGENCY, Band.RED), *SHIPPED[1:]]
    candidate.insert(2, scored(0, Grade.EMERGENCY, Band.GREEN))

    assert any("are lost: L0" in one for one in told_of(candidate, shipped))


def test_a_miss_that_comes_back_refuses() -> None:
    again = [scored(900, Grade.EMERGENCY, Band.GREEN)]

    assert told_of(SHIPPED, never_again=again) == ["missed again: L900"]


def test_what_the_shadow_run_lost_refuses() -> None:
    assert told_of(SHIPPED, lost_in_shadow=["ab12"]) == ["emergencies of the live desk would be lost: ab12"]


def test_recall_must_hold_in_each_slice() -> None:
    shipped = [
        *SHIPPED,
        scored(60, Grade.EMERGENCY, Band.RED, lang="pl"),
        scored(61, Grade.EMERGENCY, Band.GREEN),
    ]
    candidate = [
        *SHIPPED,
        scored(60, Grade.EMERGENCY, Band.GREEN, lang="pl"),
        scored(61, Grade.EMERGENCY, Band.RED),
    ]
    told_now = told_of(candidate, shipped)

    assert any(one.startswith("recall is lower, lang=pl") for one in told_now)
    assert not any("overall" in one for one in told_now)


def test_under_grading_must_not_rise() -> None:
    amber_now = scored(2, Grade.EMERGENCY, Band.AMBER, chance=0.97)

    assert told_of(changed(2, amber_now)) == ["more is graded too low: 0.8%, today 0.0%"]


@pytest.mark.parametrize(("more", "refused"), [(1, False), (2, True)])
def test_false_alarms_may_rise_by_a_point(more: int, *, refused: bool) -> None:
    candidate = list(SHIPPED)
    for place in range(20, 20 + more):
        candidate[place] = replace(scored(80 + place, Grade.SCHEDULED, Band.AMBER, chance=0.03))

    assert [one.startswith("false alarms rise") for one in told_of(candidate)] == [True] * refused


def test_chances_must_hold_what_they_say() -> None:
    sure = [replace(one, chance=0.6) for one in SHIPPED]

    assert calibration_error(sure) > 0.4
    assert [one.split(" off")[0] for one in told_of(sure)] == ["its chances are"]


def test_a_candidate_without_chances_cannot_be_judged() -> None:
    without = [replace(one, chance=None) for one in SHIPPED]

    assert told_of(without) == ["calibration cannot be judged: the candidate gives no chances"]


def test_a_file_that_is_none_is_named_by_its_line_and_without_its_words(tmp_path: Path) -> None:
    file = tmp_path / "lines.jsonl"
    file.write_text('\n{"id": "canary"}\n')
    with pytest.raises(LabelledFileError, match=r"lines.jsonl:2: not a labelled line"):
        read_labelled(file)


LABELLED = {
    "id": "1",
    "channel": "messenger",
    "surface": "private",
    "text": "is the road open",
    "lang": "en",
    "category": "road",
    "grade": "scheduled",
}


def test_the_command_refuses_with_1_and_touches_nothing(tmp_path: Path) -> None:
    lines = tmp_path / "lines.jsonl"
    lines.write_text(json.dumps(LABELLED))
    arguments = ["triage", "promote", str(lines), "--candidate", str(FOLDER.parent), "--check", "--json"]
    shadow = tmp_path / "shadow.json"
    shadow.write_text(json.dumps({"lost": ["ab12"]}))
    answer = CliRunner().invoke(app, [*arguments, "--shadow", str(shadow)])

    assert answer.exit_code == 1
    assert "emergencies of the live desk would be lost: ab12" in json.loads(answer.output)["refusals"]


def test_a_promotion_must_be_signed(tmp_path: Path) -> None:
    lines = tmp_path / "lines.jsonl"
    lines.write_text(json.dumps(LABELLED))
    answer = CliRunner().invoke(app, ["triage", "promote", str(lines), "--candidate", str(tmp_path)])

    assert answer.exit_code == 2


class Canned:
    """Answers red to what says so, refuses one, and is silent on another."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def read(self, words: Words) -> Any:
        self.asked.append(words.text)
        if "silent" in words.text:
            raise SecondReaderError("slow")
        return found_in(RED["body"]) if "danger" in words.text else NotUsable(ReadOutcome.REFUSED, "refused")


def test_both_readers_are_scored_and_the_second_only_adds() -> None:
    texts = ["danger, ring 07700 900123", "silent", "refuse", "red"]
    lines = [replace(line(n, Grade.EMERGENCY), text=text) for n, text in enumerate(texts)]
    model = Canned()
    answer = told(read_twice(lines, lambda said: (red() if said.text == "red" else decision(), None), model))

    assert answer["outcomes"] == {"no_answer": 1, "read": 1, "red_already": 1, "refused": 1}
    assert (answer["first"]["recall"], answer["both"]["recall"]) == (0.25, 0.5)
    assert (answer["raised"], answer["lowered"]) == (1, 0)
    assert model.asked == ["danger, ring [phone]", "silent", "refuse"]


def test_an_evaluation_with_the_second_reader_keeps_the_first_where_that_says_nothing() -> None:
    def first(said: Utterance) -> Reading:
        chances = model().chances(said.text, said.surface.value)
        return Reading(red() if said.text == "red" else decision(), (), chances, ())

    read = reading_twice(first, Canned())
    bands = [
        read(Utterance(text, "messenger", Surface.PRIVATE)).decision.band
        for text in ("danger, ring 07700 900123", "silent", "refuse", "red")
    ]

    assert bands == [Band.RED, Band.GREEN, Band.GREEN, Band.RED]
