"""What a text speaks of, in whatever language: its concepts, and what is not English word for word in English."""

from __future__ import annotations

import json

import numpy as np
import pytest

from functions.triage.meanings import FILE, MODEL, lexicon
from functions.triage.ngrams import KINDS, features
from functions.triage.trained_model import HEADS, danger_of, heads_side_by_side
from training.concept_lists import packed


def concepts(text: str) -> set[str]:
    return set(lexicon().hear(text).concepts())


@pytest.mark.parametrize(
    "text",
    [
        "help, he has a knife",
        "pomocy, on ma nóż",
        "рятуйте, він має ніж",
        "النجدة معه سكين",
        "madad karo uske paas chaku hai",
        "मदद करो उसके पास चाकू है",
        "救命 他有刀",
        "도와주세요 칼을 들고 있어요",
        "msaada, ana kisu",
    ],
)
def test_one_concept_is_found_in_many_languages(text: str) -> None:
    assert {"help", "knife", "help+knife"} <= concepts(text)


@pytest.mark.parametrize(
    ("text", "in_english"),
    [
        ("ktoś ukradł mój rower", "stranger stolen mój bike"),
        ("救命 他有刀", "help knife"),
        ("आग लगी है मेरे घर में", "fire है मेरे house"),
        ("I fell on the ice, help", "I fell on the ice, help"),
    ],
)
def test_what_is_not_english_is_heard_word_for_word_in_english(text: str, in_english: str) -> None:
    assert set(in_english.replace("ó", "o").split()) <= set(lexicon().hear(text).in_english.split())


def test_an_english_text_with_a_word_of_another_tongue_stays_as_it_was_written() -> None:
    text = "Is there a police station in Merseyside that speaks polski, por favor?"

    assert lexicon().hear(text).in_english == text


def test_a_word_means_what_it_means_in_the_language_of_its_text() -> None:
    assert "man" in concepts("there is a man at the door")
    assert "man" not in concepts("man ir jautājums par dzīvokli un durvīm")


def test_what_stands_near_is_told_together_and_what_stands_far_is_not() -> None:
    assert "breathe+not" in concepts("nie oddycha")
    assert "breathe+not" not in concepts("nie wiem co robić bo to było dawno temu ale oddycha")


def test_a_word_with_its_article_is_the_word() -> None:
    assert concepts("السكين") == concepts("سكين") == {"knife"}


def test_a_beginning_stands_for_its_endings_and_a_whole_word_for_itself_alone() -> None:
    assert "threat" in concepts("m-a amenințat")
    assert "knife" not in concepts("kniferton")


def test_no_words_have_no_concepts() -> None:
    assert not concepts("")
    assert lexicon().hear("").in_english == ""


def test_concepts_are_a_kind_of_feature_of_their_own() -> None:
    pole, english = (
        dict(zip(KINDS, features(lexicon().hear(text), "private"), strict=True))
        for text in ("on nie oddycha", "not breathe")
    )
    assert pole["concepts"] == english["concepts"]
    assert pole["words"] & english["words"] > frozenset()


def test_what_ships_is_what_the_lists_say() -> None:
    assert json.loads((MODEL / FILE).read_text(encoding="utf-8")) == packed()


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
