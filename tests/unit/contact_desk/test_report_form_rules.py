"""What a force may set of its report form: a colour that white can be read on, and signposts that it has."""

from __future__ import annotations

import pytest

from contact_desk.errors import ForceFileError
from contact_desk.force_file import parse_force_file
from contact_desk.report_form import contrast_with_white
from local.addresses import REPOSITORY

FILE = (REPOSITORY / "forces/example.toml").read_text()


@pytest.mark.parametrize(("colour", "contrast"), [("#ffffff", 1), ("#000000", 21), ("#767676", 4.54)])
def test_contrast_is_as_wcag_computes_it(colour: str, contrast: float) -> None:
    assert contrast_with_white(colour) == pytest.approx(contrast, abs=0.01)


@pytest.mark.parametrize(
    ("stands", "instead", "told"),
    [
        ('colour = "#1f4e3d"', 'colour = "#ffdd00"', "needs a contrast of 4.5"),
        ('colour = "#1f4e3d"', 'colour = "#fff;}"', "report_form.colour"),
        ('road = ["council"]', 'road = ["nobody"]', "nobody needs a section in signposts"),
        ('road = ["council"]', 'roads = ["council"]', "report_form.signposts"),
        ('"https://www.bbc.co.uk/weather"', '"javascript:alert(1)"', "report_form.exit_to"),
    ],
)
def test_a_mistake_is_told_with_its_place(stands: str, instead: str, told: str) -> None:
    assert stands in FILE
    with pytest.raises(ForceFileError, match=told):
        parse_force_file(FILE.replace(stands, instead), "example.toml")
