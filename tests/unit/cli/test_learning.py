"""Learning from operators: what an override teaches, what is proposed of it, and that nobody can be told from it."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from cli.learning import (
    CorrectedWords,
    Lesson,
    as_markdown,
    lesson_of,
    proposals,
)
from contact_desk.cases import Disposition
from contact_desk.grades import Band, Grade
from contact_desk.overrides import OverriddenField, Override
from local.twins.held_still import NOON

RAISED = Override(
    "o1",
    NOON,
    "case-1",
    "sub",
    OverriddenField.GRADE,
    "scheduled",
    "emergency",
    Band.GREEN,
    "heard it",
    ("rules-1",),
)


def graded(before: Grade, after: Grade, band: Band = Band.GREEN) -> Override:
    return replace(RAISED, before=before.value, after=after.value, band=band)


def ended(after: Disposition, band: Band) -> Override:
    return replace(RAISED, field=OverriddenField.DISPOSITION, after=after.value, band=band)


@pytest.mark.parametrize(
    ("override", "lesson"),
    [
        (graded(Grade.SCHEDULED, Grade.EMERGENCY), Lesson.MISSED),
        (graded(Grade.PRIORITY, Grade.EMERGENCY, Band.AMBER), Lesson.TOO_LOW),
        (graded(Grade.RESOLVE, Grade.SCHEDULED), Lesson.TOO_LOW),
        (graded(Grade.EMERGENCY, Grade.RESOLVE, Band.RED), Lesson.TOO_HIGH),
        (ended(Disposition.EMERGENCY_TRANSFER, Band.GREEN), Lesson.MISSED),
        (ended(Disposition.EMERGENCY_TRANSFER, Band.RED), None),
        (ended(Disposition.SPAM, Band.AMBER), Lesson.TOO_HIGH),
        (ended(Disposition.ADVICE_GIVEN, Band.GREEN), None),
    ],
)
def test_what_an_override_teaches(override: Override, lesson: Lesson | None) -> None:
    assert lesson_of(override) is lesson


def words(number: int, text: str, override: Override = RAISED, **changed: object) -> CorrectedWords:
    one = CorrectedWords(
        override=replace(override, override_id=f"o{number}"),
        text=text,
        sender=f"sender-{number}",
        channel="messenger",
        surface="private",
        language="en",
        category="welfare",
        rules=("nothing_fired",),
    )
    return replace(one, **changed)  # type: ignore[arg-type]


MISSED = [words(n, f"he wont let me out of the flat {n}") for n in range(3)]


def test_what_three_people_wrote_is_proposed_with_the_phrases_they_share() -> None:
    found = proposals(MISSED)

    assert [(line.grade, line.lesson, line.was) for line in found.lines] == [
        ("emergency", Lesson.MISSED, "scheduled")
    ] * 3
    assert "wont let me out" in {phrase.phrase for phrase in found.phrases}
    assert found.dropped == 0


def test_what_fewer_wrote_is_dropped() -> None:
    found = proposals(MISSED[:2])
    again = proposals([*MISSED[:2], replace(MISSED[1], text="he wont let me out again")])

    assert (found.lines, found.phrases, found.dropped) == ((), (), 2)
    assert again.lines == ()


def test_a_phrase_of_two_senders_is_none_among_lines_of_three() -> None:
    said = [words(0, "the canary sings"), words(1, "the canary sings"), words(2, "he wont let me out")]

    assert not any("canary" in phrase.phrase for phrase in proposals(said).phrases)


def test_what_is_as_common_elsewhere_does_not_stand_out() -> None:
    others = [
        words(n, "please hurry up with my form", graded(Grade.PRIORITY, Grade.RESOLVE)) for n in range(10, 16)
    ]
    said = [replace(one, text=f"{one.text} please hurry") for one in MISSED]
    phrases = {phrase.phrase for phrase in proposals([*said, *others]).phrases}

    assert "wont let" in phrases
    assert "please hurry up" not in phrases


def test_masks_are_in_no_phrase() -> None:
    said = [words(n, "ring me on [phone] he wont let me out") for n in range(3)]

    assert not any("phone" in phrase.phrase for phrase in proposals(said).phrases)


def test_rules_whose_raise_was_taken_back_are_counted() -> None:
    down = graded(Grade.EMERGENCY, Grade.RESOLVE, Band.RED)
    said = [words(n, "my back is killing me", down, rules=("killing",)) for n in range(3)]

    assert proposals(said).misled == {"killing": 3}


def test_no_sender_and_no_operator_is_in_a_proposal() -> None:
    found = proposals(MISSED)
    told = json.dumps(asdict(found)) + as_markdown(found)

    assert "sender-" not in told
    assert '"sub"' not in told
    assert "heard it" not in told
