"""What a text speaks of, in whatever language: the concepts that the trained model counts beside words and letters."""

from __future__ import annotations

import numpy as np
import pytest

from functions.triage.meanings import lexicon
from functions.triage.ngrams import KINDS, features
from functions.triage.trained_model import HEADS, danger_of, heads_side_by_side
from functions.triage.wording import in_one_spelling, words


def concepts(text: str) -> set[str]:
    return set(lexicon().names(words(in_one_spelling(text))))


@pytest.mark.parametrize(
    "text",
    [
        "help, he has a knife",
        "pomocy, on ma nóż",
        "рятуйте, він має ніж",
        "النجدة معه سكين",
        "madad karo uske paas chaku hai",
        "救命 他有刀",
        "도와주세요 칼을 들고 있어요",
        "msaada, ana kisu",
    ],
)
def test_one_concept_is_found_in_many_languages(text: str) -> None:
    assert {"help", "knife", "help+knife"} <= concepts(text)


def test_what_stands_near_is_told_together_and_what_stands_far_is_not() -> None:
    assert "breathe+not" in concepts("nie oddycha")
    assert "breathe+not" not in concepts("nie wiem co robić bo to było dawno temu ale oddycha")


def test_a_word_with_its_article_is_the_word() -> None:
    assert concepts("السكين") == concepts("سكين") == {"knife"}


def test_a_beginning_stands_for_its_endings_and_a_whole_word_for_itself_alone() -> None:
    assert "threat" in concepts("amenințat")
    assert "knife" not in concepts("kniferton")


def test_no_words_have_no_concepts() -> None:
    assert not concepts("")


def test_concepts_are_a_kind_of_feature_of_their_own() -> None:
    found = dict(zip(KINDS, features("on nie oddycha", "private"), strict=True))
    assert found["concepts"] == dict(zip(KINDS, features("not breathe", "private"), strict=True))["concepts"]


def test_danger_rises_with_either_head() -> None:
    calm, grave = np.array([-2.0]), np.array([1.0])
    resolve, emergency = np.array([-3.0, -1.0, 0.0, 2.0]), np.array([3.0, -1.0, 0.0, -1.0])
    assert danger_of(calm, resolve) < danger_of(grave, resolve) < danger_of(grave, emergency)
    assert danger_of(calm, resolve) < danger_of(calm, emergency)


def test_heads_stand_side_by_side_for_one_message_as_for_many() -> None:
    one = {
        head: np.full(size, number)
        for number, (head, size) in enumerate(zip(HEADS, (1, 1, 4, 26), strict=True))
    }
    row = heads_side_by_side(one)
    assert row.tolist() == [0, 1, *[2] * 4, *[3] * 26, 1]
    assert (
        heads_side_by_side({head: np.stack([values] * 2) for head, values in one.items()}).tolist()
        == [row.tolist()] * 2
    )
