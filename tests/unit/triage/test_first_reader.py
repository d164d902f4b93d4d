"""The first reader: every rule fires on its own examples, contexts lower and never erase, nothing makes it raise."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_desk.contacts import Surface
from contact_desk.grades import Band, Grade
from functions.triage.cue_reading import CueReader
from functions.triage.first_reader import FirstReader, Utterance
from functions.triage.rule_checks import fires
from functions.triage.rule_set import Raise, Rule
from functions.triage.wording import in_one_spelling, words
from tests.builders import force
from tests.unit.triage.readings import first_reader, model, read, rules

ALL_RULES = (*rules().cues, *rules().plain, *rules().signposts, *rules().matters, *rules().marks)
EXAMPLES = [
    pytest.param(rule, kind, text, id=f"{rule.rule}: {text}")
    for rule in ALL_RULES
    for kind in ("yes", "no")
    for text in rule.examples[kind]
]


@pytest.mark.parametrize(("rule", "kind", "text"), EXAMPLES)
def test_a_rule_fires_on_its_examples_and_on_no_other(rule: Rule, kind: str, text: str) -> None:
    assert fires(rules(), rule, text) is (kind == "yes")


@pytest.mark.parametrize("rule", rules().cues, ids=lambda rule: rule.rule)
def test_the_examples_of_an_emergency_raise_one(rule: Rule) -> None:
    if rule.raises is Raise.RED and rule.hints.expression is None:
        assert all(read(text).band is Band.RED for text in rule.examples["yes"])


def test_rules_are_named_once_and_signposts_are_ones_a_force_has() -> None:
    names = [rule.rule for rule in ALL_RULES]

    assert len(names) == len(set(names))
    assert {rule.signpost for rule in rules().signposts} == force().signposts.keys()


EMERGENCIES = [
    "there is a man with a knife outside my house",
    "THERE IS A MAN WITH A KNIFE OUTSIDE MY HOUSE!!!",
    "theres a maaan with a knife outside, pls hurry",
    "not an emergency but my flat is on fire",
    "Sorry to bother you, it is probably nothing. My neighbour's wife is on the floor and she is not breathing.",
    "help",
    "55",
    "can't talk he's in the next room",
    "I've taken all my tablets",
    "someone is trying to get in my back door",
    "my 12 year old hasn't come home",
    "strong smell of gas in the hall",
    "there's a toddler on his own by the river",
    "a car has hit a cyclist and she's bleeding",
    "Mae dyn gyda chyllell tu allan i'r tŷ",
    "🔪😭",
]


@pytest.mark.parametrize("text", EMERGENCIES)
def test_an_emergency_is_red(text: str) -> None:
    decided = read(text)

    assert (decided.band, decided.grade, decided.emergency) == (Band.RED, Grade.EMERGENCY, True)
    assert decided.reasons[0].words
    assert decided.significant


LOWERED = [
    ("past", "there was a smell of gas in the hall last month, the board came and mended it"),
    ("film", "watching a film on the telly, strong smell of gas in it and nobody notices"),
    ("game", "in gta there is a man on the train tracks in front of me"),
    ("negated", "there is no smell of gas in the school"),
    ("supposed", "what happens if there is a cow on the m62"),
    ("drill", "we had a drill today, a man on the train tracks, great training"),
]


def cues_in(text: str, *, calm: bool) -> set[Raise]:
    spelt = in_one_spelling(text)
    return {cue.raises for cue in CueReader(rules()).cues(spelt, words(spelt), Surface.PRIVATE, calm=calm)}


@pytest.mark.parametrize(("context", "text"), LOWERED, ids=[context for context, _ in LOWERED])
def test_a_context_lowers_a_risk_to_life_to_amber_and_never_to_green(context: str, text: str) -> None:
    assert cues_in(text, calm=True) == {Raise.AMBER}
    assert read(text).band is not Band.GREEN


@pytest.mark.parametrize(("context", "text"), LOWERED, ids=[context for context, _ in LOWERED])
def test_in_a_red_conversation_nothing_is_lowered(context: str, text: str) -> None:
    assert cues_in(text, calm=False) == {Raise.RED}
    assert read(text, case_band=Band.RED).band is Band.RED


@pytest.mark.parametrize(
    "text",
    [
        "my back is killing me",
        "drowning in emails today",
        "this heat is killing me",
        "daylight robbery that offside",
        "shoot me now",
    ],
)
def test_an_idiom_is_nobodys_danger(text: str) -> None:
    assert read(text).band is Band.GREEN


SIGNPOSTS = [
    ("not an emergency, my cat is up a tree", "rspca"),
    ("drain blocked on our street", "water_company"),
    ("the drain outside our house is blocked and its coming up in the road", "water_company"),
    ("there is a pothole outside the chemist", "council"),
    ("power cut in the whole village", "power_105"),
    ("how do I renew my driving licence", "dvla"),
    ("I bought a phone online last month and it never came", "report_fraud"),
    ("the shop won't give me a refund", "citizens_advice"),
    ("twisted my ankle, do I need an x-ray", "nhs_111"),
]


@pytest.mark.parametrize(("text", "code"), SIGNPOSTS)
def test_another_bodys_matter_is_signposted_and_green(text: str, code: str) -> None:
    decided = read(text)

    assert decided.signpost == code
    assert (decided.band, decided.grade, decided.significant) == (Band.GREEN, Grade.RESOLVE, True)


@pytest.mark.parametrize(("text", "code"), SIGNPOSTS)
def test_a_force_without_the_signpost_has_a_person_answer(text: str, code: str) -> None:
    decided = FirstReader(rules(), model(), set()).read(Utterance(text, "messenger", Surface.PRIVATE))

    assert (decided.signpost, decided.significant) == (None, True)


@pytest.mark.parametrize(
    "text",
    [
        "somebody has stolen my cat",
        "kids smashed the street light",
        "my neighbour threatened me about the fence",
        "a man is kicking a dog",
    ],
)
def test_a_matter_for_the_police_is_never_sent_elsewhere(text: str) -> None:
    assert read(text).signpost is None


def test_danger_comes_before_a_signpost() -> None:
    assert read("my cat is up a tree and my son has fallen from it, he is not moving").band is Band.RED


@pytest.mark.parametrize("text", ["thanks", "Thanks, that's all I needed", "Diolch yn fawr", "cheers 👍"])
def test_thanks_alone_need_nobody(text: str) -> None:
    decided = read(text)

    assert (decided.thanks, decided.significant, decided.grade) == (True, False, Grade.RESOLVE)


@pytest.mark.parametrize(
    "text", ["thanks but he is still outside", "Please thank PC Ellis who sat with my nan on Tuesday night"]
)
def test_thanks_with_something_to_say_are_read_by_a_person(text: str) -> None:
    decided = read(text)

    assert not decided.thanks
    assert decided.significant


@pytest.mark.parametrize("text", ["", "   ", "\n", "\u200b", "..."])
def test_no_words_in_private_are_for_a_person_to_look_at_soon(text: str) -> None:
    decided = read(text)

    assert (decided.grade, decided.band, decided.category, decided.significant) == (
        Grade.PRIORITY,
        Band.AMBER,
        None,
        True,
    )
    assert (read(text, Surface.PUBLIC).band, read(text, Surface.PUBLIC).grade) == (
        Band.GREEN,
        Grade.SCHEDULED,
    )
    assert read(text, case_band=Band.GREEN).band is Band.GREEN


@pytest.mark.parametrize("debris", ['{"object":' + "[" * 300, "x " + "%&/=" * 500, "a;" + "}" * 10_000])
def test_debris_is_for_a_person_and_no_emergency_by_the_model_alone(debris: str) -> None:
    assert read(debris).band is not Band.RED
    assert read(f"{debris} he has a knife at my throat").band is Band.RED


@pytest.mark.parametrize("text", ["🚪🏃", "🌧️🌧️", "🍕🏠"])
def test_pictures_alone_in_private_are_for_a_person_to_look_at_soon(text: str) -> None:
    assert (read(text).band, read(text).reasons[0].rule) == (Band.AMBER, "only_pictures")
    assert read(text, Surface.PUBLIC).band is Band.GREEN


@pytest.mark.parametrize("text", ["👍", "🙏🙏", "❤️", "😂😂"])
def test_kind_pictures_ask_for_nothing(text: str) -> None:
    assert read(text).band is Band.GREEN


@pytest.mark.parametrize("text", ["ಇದು ಯಾವ ಭಾಷೆ ಎಂದು ಗೊತ್ತಿಲ್ಲ", "ଏହା କେଉଁ ଭାଷା ମୁଁ ଜାଣେ ନାହିଁ"])
def test_a_language_hardly_heard_is_for_a_person_to_read_soon(text: str) -> None:
    assert read(text).band is not Band.GREEN
    assert read(text).grade.rank <= Grade.PRIORITY.rank
    assert read(text, case_band=Band.GREEN).language != "en"


def test_what_no_rule_knows_is_for_a_person_with_what_the_model_makes_of_it() -> None:
    reading = first_reader().reading(
        Utterance("I would like to speak to somebody from the community team", "messenger", Surface.PRIVATE)
    )

    assert (reading.decision.band, reading.decision.significant) == (Band.GREEN, True)
    assert len(reading.candidates) == 3
    assert reading.decision.category in {None, *reading.candidates}


def test_a_category_is_shown_offered_as_one_of_three_or_left_open() -> None:
    shown, offered, open_to_all = (
        read(text)
        for text in (
            "Our shed was broken into on Saturday night and two bikes are gone",
            "I would like to speak to somebody from the community team",
            "hmm",
        )
    )

    assert (shown.category, shown.candidates) == ("crime_burglary", ())
    assert offered.category is None or offered.candidates == ()
    assert len(open_to_all.candidates) in {0, 3}
    assert all(one.category is None for one in (offered, open_to_all) if one.candidates)


def test_the_forms_own_button_is_an_emergency_whatever_is_said() -> None:
    for text in ("", "thanks", "my cat is up a tree"):
        decided = read(text, emergency_now=True)

        assert (decided.band, decided.grade) == (Band.RED, Grade.EMERGENCY)
        assert decided.reasons[0].rule == "emergency_now"


@pytest.mark.parametrize(
    "text",
    [
        "my husband hits me",
        "my dad is hurting my mum",
        "scared of my ex partner",
        "cant talk hes here next to me",
    ],
)
def test_words_of_abuse_mark_the_case(text: str) -> None:
    assert "domestic_abuse" in read(text).markers


def test_a_stranger_with_a_knife_is_no_domestic_abuse() -> None:
    assert read("there is a man with a knife outside my house").markers == ("weapon",)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("there is a man outside my house", "en"),
        ("Bore da, sut ydw i'n rhoi gwybod am sŵn gan gymdogion bob nos?", "cy"),
        ("Dzień dobry, gdzie mogę zgłosić zgubiony paszport?", "pl"),
        ("He perdido el monedero en el tren, ¿a quién pregunto?", "es"),
        ("Мій сусід каже що підпалить себе", "uk"),  # noqa: RUF001 - Ukrainian
        ("زوجي يضربني الآن", "ar"),
        ("میرے بھائی مجھے مار رہے ہیں", "ur"),
        ("ok", None),
        ("", None),
    ],
)
def test_the_language_is_told_where_the_text_tells_it(text: str, language: str | None) -> None:
    assert read(text).language == language


def test_the_language_that_the_person_chose_comes_first() -> None:
    assert read("there is a man outside my house", language="cy").language == "cy"


@given(st.text(max_size=400), st.sampled_from(Surface), st.booleans())
def test_any_text_has_a_decision(text: str, surface: Surface, emergency_now: bool) -> None:
    decided = read(text, surface, emergency_now=emergency_now)

    assert decided.rules_version.startswith("rules-")
    assert decided.reasons


@pytest.mark.parametrize(
    "added",
    ["please ", "LOL_", "in Toxteth, ", "hi there, hope you are well. "],
    ids=["please", "noise", "place", "politeness"],
)
@pytest.mark.parametrize("text", EMERGENCIES[:1] + EMERGENCIES[8:13])
def test_small_talk_around_it_keeps_an_emergency_raised(text: str, added: str) -> None:
    changed: list[Any] = [added + text, f"{text} {added}", (added + text).upper(), f"{text} 🙏🙏"]

    assert all(read(one).band is not Band.GREEN for one in changed)


def test_the_longest_text_takes_no_longer_than_a_contact_may() -> None:
    import time

    for text in ("man with " * 7_000, "a " * 32_000, "(" * 65_000, "help he has, " * 5_000):
        began = time.process_time()
        read(text)
        assert time.process_time() - began < 3


@pytest.mark.parametrize(
    "text",
    [
        "there is a man\nwith a knife outside my house",
        "hes got\r\na gun",
        "somebody is breaking\ninto my house now",
    ],
)
def test_a_line_break_hides_no_emergency(text: str) -> None:
    assert read(text).band is Band.RED
