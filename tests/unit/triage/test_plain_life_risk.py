"""Plain words of a risk to life are raised by rules alone, whatever the model says; calm short lines are not."""

from __future__ import annotations

import pytest

from contact_desk.contacts import Surface
from contact_desk.grades import Band, Grade
from functions.triage.first_reader import FirstReader, Utterance
from local.addresses import REPOSITORY
from tests.builders import force
from tests.unit.triage.readings import SilentModel, first_reader, read, rules

PLAIN = REPOSITORY / "tests" / "triage" / "plain_life_risk.txt"
SAID = [line.split(" ", 1) for line in PLAIN.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
BY_RULES = FirstReader(rules(), SilentModel(), force().signposts.keys())


def band_by_rules(text: str) -> Band:
    return BY_RULES.read(Utterance(text, "messenger", Surface.PRIVATE)).band


@pytest.mark.parametrize("text", [text for _, text in SAID])
def test_rules_alone_raise_it(text: str) -> None:
    assert band_by_rules(text) is not Band.GREEN


def test_every_letter_of_the_national_list_is_tried() -> None:
    assert {letter for letter, _ in SAID} >= set("abcdefghij")
    assert sum(band_by_rules(text) is Band.RED for _, text in SAID) >= 0.95 * len(SAID)


@pytest.mark.parametrize(
    "text",
    [
        "watching a film where she wants to kill herself, so sad",
        "playing gta and there is a man with a knife outside my house lol",
        "great match, the keeper was on fire",
        "in 1998 my uncle said he was going to kill himself",
        "last year my dad was not breathing when you came",
        "the song about the boy who is about to jump off a bridge",
    ],
)
def test_a_context_lowers_it_to_amber_and_never_to_green(text: str) -> None:
    assert band_by_rules(text) is Band.AMBER


CALM = [
    "it is the one with the blue door",
    "the one with the green gate",
    "at the bus stop",
    "outside the shop",
    "the blue car",
    "it's still there",
    "no its still shut at the bridge",
    "The tunnel is open again.",
    "about ten to four",
    "the second one",
    "two minutes",
    "yes please",
    "ok thanks",
    "thanks for helping me",
    "number 14",
    "my cat is up a tree",
]


@pytest.mark.parametrize("text", CALM)
@pytest.mark.parametrize("surface", Surface)
def test_a_short_calm_line_is_green(text: str, surface: Surface) -> None:
    assert read(text, surface).band is Band.GREEN


@pytest.mark.parametrize(
    "text",
    [
        "hes here",
        "hes outside",
        "cant breathe",
        "kid in river",
        "help",
        "55",
        "he hit me",
        "come quick",
        "overdose",
        "55 thanks",
        "help thanks",
        "Is Agela on the desk?",
    ],
)
def test_a_short_cry_is_red(text: str) -> None:
    assert (read(text).band, read(text).grade) == (Band.RED, Grade.EMERGENCY)


def test_a_calm_line_within_danger_stays_with_it() -> None:
    joined = "there is a man with a knife in our hall\nthe one with the blue door"

    assert read("the one with the blue door", case_band=Band.AMBER, joined=joined).band is Band.RED
    assert first_reader().version
