"""A slip in a word of the lists hides nothing in any language, and what people do write is no slip."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from contact_desk.grades import Band
from functions.triage.meanings import MODEL, lexicon
from functions.triage.slips import is_slip, load_slips
from functions.triage.wording import in_one_spelling, words
from tests.unit.triage.readings import read
from training.bank import load_bank
from training.concept_lists import packed, slips_of, written


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("rspira", "respira"), ("respria", "respira"), ("resppira", "respira"), ("respirra", "respira")],
)
def test_a_letter_left_out_or_too_many_and_two_swapped_are_slips(typed: str, meant: str) -> None:
    assert is_slip(typed, meant)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("respira", "respira"),
        ("valeur", "voleur"),
        ("espira", "respira"),
        ("rsipra", "respira"),
        ("repi", "respira"),
    ],
)
def test_another_letter_another_beginning_and_two_slips_are_none(typed: str, meant: str) -> None:
    assert not is_slip(typed, meant)


@pytest.mark.parametrize(
    ("mistyped", "told"),
    [
        ("no rspira mi tata", "no respira mi tata"),
        ("on nie oddcyha", "on nie oddycha"),
        ("Он потреял сознание", "Он потерял сознание"),
        ("vari kuova Tendai", "vari kurova Tendai"),
    ],
)
def test_a_text_is_heard_as_it_was_meant(mistyped: str, told: str) -> None:
    heard, meant = lexicon().hear(mistyped), lexicon().hear(told)

    assert heard.language == meant.language
    assert set(heard.concepts()) == set(meant.concepts())
    assert heard.in_english == meant.in_english
    assert heard.said != meant.said


@pytest.mark.parametrize(
    "text",
    [
        "someone left the paddock open and bothers the trainees",
        "water main burst ludham",
        "falta mucho y el suelo está mojado",
        "la valeur du vélo",
    ],
)
def test_what_people_write_is_no_slip(text: str) -> None:
    assert not lexicon().slips.meant(lexicon().hear(text).said)


@pytest.mark.parametrize(
    ("other", "told"), [("pl:knife", "knife"), ("pl:help", "psting"), ("es:help", "knife")]
)
def test_a_slip_of_two_words_is_made_good_where_they_mean_the_same(other: str, told: str) -> None:
    lists = {"whole": {"posting": "pl:knife", "pasting": other, "nie": "pl:not"}, "stems": {}}
    lists_alone = replace(lexicon(), **lists, stem_lengths=[], slips=slips_of(lists, []))

    assert lists_alone.hear("psting nie").in_english == f"{told} not"


def test_a_beginning_is_known_by_its_slips_too() -> None:
    slips = slips_of({"whole": {}, "stems": {"accoltell": "it:knife"}}, [])

    assert slips.meant(["acoltellato", "accotlellata"]) == {
        "acoltellato": ("accoltellato",),
        "accotlellata": ("accoltellata",),
    }


def test_no_word_of_the_bank_is_a_slip_so_that_what_was_learnt_from_it_holds() -> None:
    known = load_slips(MODEL)
    said = sorted({word for line in load_bank() for word in words(in_one_spelling(line.text))})

    assert not known.meant(said)


def test_what_ships_is_what_lists_and_bank_say() -> None:
    shipped, made = load_slips(MODEL), slips_of(packed(), written(load_bank()))

    assert shipped.listed == made.listed
    assert all(
        np.array_equal(getattr(shipped, name), getattr(made, name)) for name in ("left", "places", "known")
    )


def test_a_mistyped_danger_in_another_tongue_is_raised() -> None:
    assert read("no rspira mi tata").band is Band.RED
