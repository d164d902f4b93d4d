"""What the first reader finds beside danger: language, places, personal data, and where words stand."""

from __future__ import annotations

import numpy as np
import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from contact_desk.contacts import Surface
from functions.triage.first_reader import Utterance
from functions.triage.language import identifier, language_of
from functions.triage.offsets import offsets_of
from functions.triage.place_names import places_in
from tests.unit.triage.readings import first_reader, read


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("there is somebody trying the doors along our road", "en"),
        ("pls hurry", None),
        ("ktoś próbuje otworzyć drzwi do mojego mieszkania", "pl"),
        ("Mae rhywun yn ceisio torri i mewn i'r tŷ drws nesaf", "cy"),
        ("quelqu'un essaie d'entrer dans la maison de ma voisine", "fr"),
        ("хтось ламає двері у сусідів", "uk"),  # noqa: RUF001 - Cyrillic is the point
        ("کوئی دروازہ توڑ رہا ہے", "ur"),
        ("", None),
    ],
)
def test_language(text: str, language: str | None) -> None:
    assert language_of(text) in {language, *({None, "en"} if language is None else set())}


def test_the_packed_identifier_is_the_librarys_own() -> None:
    packed, own = identifier(), LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    assert packed.tk_nextmove == own.tk_nextmove
    assert packed.tk_row == own.tk_row
    assert packed.tk_output == own.tk_output
    assert packed.nb_classes == own.nb_classes
    assert np.array_equal(packed.nb_ptc, own.nb_ptc)
    assert np.array_equal(packed.nb_pc, own.nb_pc)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("crash on the M62 J6 eastbound", "M62 J6"),
        ("outside 14 Rose Lane now", "14 Rose Lane"),
        ("he is at L1 8JQ", "L1 8JQ"),
        ("we are at ///filled.count.soap", "filled.count.soap"),
        ("lads fighting in Norris Green again", "Norris Green"),
        ("they are on Smithdown Road", "Smithdown Road"),
    ],
)
def test_places_are_candidates_with_a_confidence(text: str, place: str) -> None:
    found = {one.name: one.confidence for one in places_in(text, ["Norris Green", "Speke"])}

    assert 0 < found[place] < 1


@pytest.mark.parametrize("text", ["on our road", "down the road", "by the way", "at the same street"])
def test_what_names_no_place_is_none(text: str) -> None:
    assert places_in(text, ["Speke"]) == ()


def test_personal_data_is_found_where_it_stands() -> None:
    text = "ring Ann on 07700 900123, she is at 14 Rose Lane, L1 8JQ, car AB12 CDE"
    reading = first_reader().reading(Utterance(text, "messenger", Surface.PRIVATE))

    assert {(span.kind, text[span.start : span.end]) for span in reading.personal} == {
        ("phone", "07700 900123"),
        ("address", "14 Rose Lane"),
        ("postcode", "L1 8JQ"),
        ("plate", "AB12 CDE"),
    }


def test_the_words_that_fired_are_found_in_the_text_as_it_was_written() -> None:
    text = "He\u2019s got a KNIFE, can\u2019t breeeathe"

    assert offsets_of(("hes got", "knife", "cant breathe", "nowhere"), text) == (0, 11, 18, -1)


def test_a_reason_from_another_language_says_what_its_words_mean() -> None:
    text = "Pożar w piwnicy, dzieci są na górze"
    reasons = {reason.rule: reason for reason in read(text).reasons}
    told = dict(zip(reasons["model"].words, reasons["model"].at, strict=True))

    assert told["dzieci (child)"] == text.index("dzieci")
    assert all(one.endswith(")") for one in told)
