"""Structured records on a case: a risk assessment by the force's model, and a hand-over."""

from __future__ import annotations

from typing import Any

from contact_desk.approved_texts import PROMPTS, THRIVE
from tests.unit.operate.at_the_desk import Answered, AtTheDesk

ANSWERS = [{"prompt": prompt, "answer": "no"} for prompt in PROMPTS]


def held(at_the_desk: AtTheDesk, case: str) -> int:
    return int(at_the_desk.post(f"{case}/claim").fields["version"])


def assessed(at_the_desk: AtTheDesk, case: str, **changes: Any) -> Answered:
    body = {
        "level": "priority",
        "assessments": [{"element": "Threat", "text": "Two men, known to her."}],
        "prompts": ANSWERS,
        **changes,
    }
    return at_the_desk.post(f"{case}/thrive", body, version=held(at_the_desk, case))


def entries(at_the_desk: AtTheDesk, case: str, kind: str) -> list[str]:
    timeline = at_the_desk.get(case).fields["timeline"]
    return [entry["text"] for entry in timeline if entry["kind"] == kind]


def test_an_assessment_stands_on_the_timeline_and_changes_no_grade(at_the_desk: AtTheDesk, case: str) -> None:
    answer = assessed(at_the_desk, case)

    assert (answer.status, answer.fields["grade"], answer.fields["version"]) == (200, "scheduled", 2)
    (text,) = entries(at_the_desk, case, "thrive")
    assert text.splitlines()[:2] == ["THRIVE: Priority", "Threat: Two men, known to her."]
    assert text.splitlines()[2:] == [f"{prompt} no" for prompt in PROMPTS]


def test_a_second_assessment_stands_beside_the_first(at_the_desk: AtTheDesk, case: str) -> None:
    assessed(at_the_desk, case)
    assessed(at_the_desk, case, level="emergency")

    assert len(entries(at_the_desk, case, "thrive")) == 2


def test_only_what_the_forces_model_has_is_taken_and_every_prompt_is_answered(
    at_the_desk: AtTheDesk, case: str
) -> None:
    strange = assessed(at_the_desk, case, assessments=[{"element": "Luck", "text": "None."}])
    silent = assessed(at_the_desk, case, prompts=ANSWERS[1:])

    assert [error["field"] for error in strange.fields["errors"]] == ["assessments"]
    assert ", ".join(THRIVE) in strange.fields["errors"][0]["message"]
    assert [error["field"] for error in silent.fields["errors"]] == ["prompts"]
    assert strange.fields["text"] == "Luck: None."


def test_a_hand_over_says_to_whom_and_what_they_were_told(at_the_desk: AtTheDesk, case: str) -> None:
    handover = {"what": "Fight", "where": "Bold Street", "weapons": "", "accepted": "CAD 412"}
    answer = at_the_desk.post(
        f"{case}/transfer", {"to": "Control room", "handover": handover}, version=held(at_the_desk, case)
    )

    assert (answer.status, answer.fields["state"]) == (200, "open")
    (text,) = entries(at_the_desk, case, "transfer")
    assert text.splitlines() == [
        "To Control room",
        "What: Fight",
        "Where: Bold Street",
        "Accepted under: CAD 412",
    ]


def test_only_the_holder_assesses_and_hands_over(at_the_desk: AtTheDesk, case: str) -> None:
    at_the_desk.post(f"{case}/claim", who="Bo")
    for act, body in (
        (
            "thrive",
            {"level": "priority", "assessments": [{"element": "Harm", "text": "x"}], "prompts": ANSWERS},
        ),
        ("transfer", {"to": "999", "handover": {"what": "x"}}),
    ):
        assert at_the_desk.post(f"{case}/{act}", body, version=1).problem == "not-holder"
