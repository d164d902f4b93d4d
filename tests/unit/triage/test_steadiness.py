"""What must not matter does not: an emergency stays raised however it is typed, and everyday talk stays where it is."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from contact_desk.contacts import Surface
from contact_desk.grades import Band
from local.addresses import REPOSITORY
from tests.proving import Share
from tests.unit.triage.readings import first_reader, read
from training.bank import Labelled, load_bank

EVERYDAY = REPOSITORY / "tests" / "triage" / "everyday_messages.txt"
BEFORE = (
    "not an emergency but ",
    "Hello, I hope you are well and I am sorry to bother you. ",
    "please ",
    "Hi, this is probably nothing. ",
)
AFTER = (" please", " lol", " 😂", " 🙏🙏", ", not an emergency", " near Tesco in Bootle", " thanks")


def mistyped(text: str, chance: random.Random) -> str:
    """One long word with two letters swapped or one left out."""
    long = [number for number, word in enumerate(text.split(" ")) if len(word) > 5 and word.isalpha()]
    if not long:
        return text
    words = text.split(" ")
    number = chance.choice(long)
    word, place = words[number], chance.randrange(1, len(words[number]) - 2)
    swapped = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    words[number] = chance.choice([swapped, word[:place] + word[place + 1 :]])
    return " ".join(words)


def variants(text: str, chance: random.Random) -> Iterator[str]:
    changes: list[Callable[[str], str]] = [
        str.upper,
        str.lower,
        str.title,
        lambda said: mistyped(said, chance),
    ]
    yield from (change(text) for change in changes)
    yield from (before + text for before in BEFORE)
    yield from (text + after for after in AFTER)


def emergencies(most: int) -> list[Labelled]:
    """Emergencies of the bank that are red as they stand, a fixed share of every hand's."""
    chance = random.Random(20261122)
    lines = [line for line in load_bank() if line.emergency]
    chance.shuffle(lines)
    red: list[Labelled] = []
    for line in lines:
        if len(red) == most:
            break
        if read(line.text, Surface(line.surface)).band is Band.RED:
            red.append(line)
    return red


def test_an_emergency_stays_raised_however_it_is_typed(share: Share) -> None:
    chance = random.Random(7)
    tried, dropped = 0, []
    for line in emergencies(share(12, 340)):
        for variant in variants(line.text, chance):
            tried += 1
            if read(variant, Surface(line.surface)).band is Band.GREEN:
                dropped.append((line.id, variant))

    assert tried >= share(150, 5000)
    assert dropped == []


def test_everyday_messages_raise_hardly_anything() -> None:
    said = EVERYDAY.read_text(encoding="utf-8").splitlines()
    bands = [read(text, Surface.PUBLIC).band for text in said]

    assert sum(band is not Band.GREEN for band in bands) <= 0.06 * len(said)
    assert sum(band is Band.RED for band in bands) <= 0.01 * len(said)


def test_the_same_words_give_the_same_decision() -> None:
    texts = ["there is a man with a knife outside", "when is the station open", "mae na dyn ar y bont", ""]

    assert [read(text) for text in texts] == [read(text) for text in texts]
    assert first_reader().version == read("hello").rules_version
