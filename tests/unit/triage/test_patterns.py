"""The small language of the rules' patterns, and what is refused of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.triage.patterns import RuleError, compile_patterns
from functions.triage.rule_set import FOLDER, load_rules
from functions.triage.wording import in_one_spelling, sentences, words

GROUPS = {"weapon": ["knife", "baseball bat", "🔪"], "armed": ["with a {weapon}"]}


def found(pattern: str, text: str) -> str | None:
    match = compile_patterns([pattern], GROUPS).search(in_one_spelling(text))
    return match[0] if match else None


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("a knife", "he has a  knife!", "a knife"),
        ("knife", "knifes", None),
        ("stab*", "stabbed", "stabbed"),
        ("{weapon}", "a Baseball-bat", "baseball-bat"),
        ("man {armed}", "man with a knife", "man with a knife"),
        ("man .. knife", "man has got a knife", "man has got a knife"),
        ("man .. knife", "man who has got a knife", None),
        ("man ... knife", "man who is drunk has got a knife", "man who is drunk has got a knife"),
        ("the (front)? door", "the door", "the door"),
        ("the (front|back way)? door", "the back way door", "the back way door"),
        ("shots?", "shot", "shot"),
        ("gun ?shots?", "gunshots", "gunshots"),
        ("gun ?shots?", "gun shot", "gun shot"),
        ("threaten(ed|ing)? me", "threatening me", "threatening me"),
        ("on fire (now)? ..", "on fire", "on fire"),
        ("cant breathe", "I can\u2019t breathe", "cant breathe"),
        ("gyllell", "gyll\u00eall", "gyllell"),
        ("help", "heeeelp", "help"),
        ("{weapon}", "come🔪now", "🔪"),
        ("m[0-9]{1,2}", "on the M62", "m62"),
    ],
)
def test_patterns_find_what_they_say(pattern: str, text: str, expected: str | None) -> None:
    assert found(pattern, text) == expected


@pytest.mark.parametrize("pattern", ["(a", "a)", "{nobody}", "(a|b", "[a"])
def test_a_wrong_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(RuleError):
        compile_patterns([pattern], GROUPS)


def test_groups_in_a_circle_are_refused() -> None:
    with pytest.raises(RuleError, match="circle"):
        compile_patterns(["{one}"], {"one": ["{two}"], "two": ["{one}"]})


def test_a_misspelt_field_of_a_rule_is_refused_by_name(tmp_path: Path) -> None:
    for path in FOLDER.glob("*.yaml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    spam = tmp_path / "plain.yaml"
    spam.write_text(spam.read_text().replace("kind: spam", "knd: spam"))

    with pytest.raises(RuleError, match=r"plain\.yaml: spam: nobody knows knd"):
        load_rules(tmp_path)


def test_a_changed_rule_is_another_version(tmp_path: Path) -> None:
    for path in FOLDER.glob("*.yaml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    same = load_rules(tmp_path).version
    (tmp_path / "words.yaml").write_text((tmp_path / "words.yaml").read_text() + "\n# changed\n")

    assert same == load_rules().version
    assert load_rules(tmp_path).version != same


def test_sentences_end_where_people_end_them() -> None:
    assert sentences(in_one_spelling("He left. Is he back?\nNo!! … ok")) == [
        "he left",
        "is he back",
        "no",
        "ok",
    ]


def test_words_are_without_punctuation_and_pictures_count() -> None:
    assert words(in_one_spelling("Help, 55 🆘!")) == ["help", "55", "🆘"]
