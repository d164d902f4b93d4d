"""What says who somebody is is masked, and what tells of danger is not."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_desk.masking import masked, personal_data

NAMES = ("Darren O'Doyle", "Grace Mark")


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("ring 07700 900 123", "ring [phone]"),
        ("ring +44 (0)7700-900123 now", "ring [phone] now"),
        ("01632 960 001.", "[phone]."),
        ("oh seven seven double zero nine one two", "[phone]"),
        ("card 4111 1111 1111 1111", "card [card]"),
        ("acc 12345678 sort 20-30-40", "acc [phone] sort [phone]"),
        ("born 12/11/1980", "born [phone]"),
        ("a.b+c@mail.example.co.uk", "[email]"),
        ("see www.face.example/me", "see [link]"),
        ("@some_one said", "[handle] said"),
        ("L69 3BX or sw1a1aa", "[postcode] or [postcode]"),
        ("at 14 Elm Park Road", "at [address]"),
        ("22b, high street", "[address]"),
        ("flat 3 and number 22b", "[address] and [address]"),
        ("AB12 CDE, a123 bcd, abc 123d", "[plate], [plate], [plate]"),
        ("QQ 12 34 56 C", "[number]"),
        ("///filled.count.soap", "[place]"),
        ("darren o'doyles here", "[name] here"),
        ("DARREN is here", "[name] is here"),
        ("Doyle's here", "[name] here"),
        ("Grace will not wake", "[name] will not wake"),
        ("he is called Tomasz Nowak", "he is called [name]"),
        ("Mr Nowak, PC Green", "[name], [name]"),
    ],
)
def test_it_is_masked_by_its_kind(text: str, after: str) -> None:
    assert masked(text, NAMES) == after


@pytest.mark.parametrize(
    "text",
    [
        "there are 3 of them with 2 knives",
        "it happened at 10.30 on the m62 at junction 7",
        "he has a gun, 20 or 30 people here in 2026",
        "my will and my grace are gone",
        "she took 24 paracetamol 500mg",
        "ring 999 or 101",
        "",
    ],
)
def test_what_tells_of_danger_stays(text: str) -> None:
    assert masked(text, NAMES) == text


@given(st.text(max_size=200), st.lists(st.text(max_size=10), max_size=2))
def test_any_text_can_be_masked_and_spans_are_in_order(text: str, names: list[str]) -> None:
    spans = personal_data(text, names)

    assert all(first.end <= second.start for first, second in pairwise(spans))
    assert all(0 <= span.start < span.end <= len(text) for span in spans)


@pytest.mark.parametrize(
    "piece", ["1 ", "a1 ", "one ", "a.", "@", "12 a ", "/", "L6", "@ab ", "aa bb 12 ", "flat "]
)
def test_no_text_takes_long(piece: str) -> None:
    text = (piece * 65_536)[:65_536]
    began = time.process_time()
    masked(text, NAMES)

    assert time.process_time() - began < 2.0
