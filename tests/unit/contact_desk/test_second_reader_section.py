"""The force file's section on the second reader: off without it, in the region with it, and told to the public."""

from __future__ import annotations

import pytest

from contact_desk.errors import ForceFileError
from contact_desk.force_file import ForceFile, parse_force_file
from contact_desk.promises import promises_in
from local.addresses import REPOSITORY
from tests.builders import force

FORCE = (REPOSITORY / "forces/merseyside.toml").read_text()
SECTION = '[second_reader]\nmodel = "{model}"\nreads_a_day = {reads}\n{more}'


def with_section(model: str = "anthropic.a-model-v1:0", reads: int = 5000, more: str = "") -> ForceFile:
    return parse_force_file(f"{FORCE}\n{SECTION.format(model=model, reads=reads, more=more)}", "f.toml")


def test_no_force_has_one_unless_it_says_so() -> None:
    assert force().second_reader is None
    assert force("example").second_reader is None
    assert force().privacy_notice is None


def test_a_section_turns_it_on_with_two_seconds_to_answer() -> None:
    section = with_section().second_reader

    assert section is not None
    assert (section.model, section.inference_profile, section.answer_within_seconds) == (
        "anthropic.a-model-v1:0",
        None,
        2,
    )


@pytest.mark.parametrize(
    "model", ["eu.anthropic.a-model-v1:0", "global.amazon.nova-v1:0", "a model", "model"]
)
def test_a_model_outside_the_region_and_what_is_no_model_are_refused(model: str) -> None:
    with pytest.raises(ForceFileError, match=r"second_reader\.model"):
        with_section(model)


@pytest.mark.parametrize(
    ("reads", "more"), [(0, ""), (10, "answer_within_seconds = 60"), (10, "prompt = 'x'")]
)
def test_limits_hold(reads: int, more: str) -> None:
    with pytest.raises(ForceFileError, match="second_reader"):
        with_section(reads=reads, more=more)


def test_the_privacy_page_says_what_docs_say_and_promises_nothing() -> None:
    notice = with_section().privacy_notice
    written = " ".join((REPOSITORY / "docs/privacy.md").read_text().replace("\n> ", " ").split())

    assert notice is not None
    assert notice.replace(force().name, "{force}") in written
    assert not list(promises_in(notice))
